"""Which invoice of Billecta an order is: by the portal's own link, else by the id that Lime holds."""

from __future__ import annotations

from typing import NoReturn

from django.db import transaction
from django.utils.translation import gettext as _

from integration.billecta import wire
from integration.errors import GuardRefused, RemoteNotFound
from integration.ledger import LaneMoved, WaitFor
from integration.models import Creditor, Invoice, Order, RecordLink, SyncRecord
from integration.sync import lime_records, links
from integration.sync.absence import ensure_gone, ensure_unknown
from integration.sync.invoices import fetch_and_store, known_creditor
from integration.sync.mirror import mark_deleted
from integration.sync.references import is_reference_of_another
from integration.sync.systems import billecta
from integration.sync.versions import published


def linked(lime_id: int) -> tuple[Order, Creditor] | None:
    """An order and its creditor when the portal has linked it to an invoice, else None."""
    order = Order.objects.filter(lime_id=lime_id).select_related("creditor").first()
    if order is None or order.creditor is None or not order.billecta_id:
        return None
    link = links.find("order", lime_id=lime_id, creditor_id=order.creditor.billecta_id)
    return (order, order.creditor) if link is not None and link.billecta_id == order.billecta_id else None


def linked_or_adopted(lime_id: int) -> tuple[Order, Creditor] | None:
    """The same; an order of the package that this portal replaces is taken over by the id that Lime holds.

    Raises LaneMoved once it is taken over: what was begun with its invoice is in the order's lane from now on, and has its turn.
    """
    found = linked(lime_id)
    if found is None:
        _take_over(lime_id)
    return found


def _take_over(lime_id: int) -> None:
    view = stored_invoice(_stored_id(lime_id), lime_id)
    if view is not None:
        creditor = known_creditor(view.creditor_id)
        adopt(Order.objects.update_or_create(lime_id=lime_id, defaults={"creditor": creditor})[0], view.action_id, creditor)


def looked_up(lime_id: int) -> tuple[str, str] | None:
    """The Billecta ids of the invoice and its creditor that an order is, or would be taken over as; nothing is stored by looking."""
    found = linked(lime_id)
    if found is not None:
        return found[0].billecta_id, found[1].billecta_id
    view = stored_invoice(_stored_id(lime_id), lime_id)
    return (view.action_id, view.creditor_id) if view is not None else None


def _stored_id(lime_id: int) -> str:
    """The Billecta id that Lime holds for an order, "" for none."""
    _version, spec = published()
    return str(lime_records.get(spec.limetype("order"), lime_id).values.get(spec.link("order", "billecta_id") or "") or "")


def stored_invoice(action_id: str, lime_id: int, *, debtor_id: str = "") -> wire.InvoiceAction | None:
    """The invoice of the id that Lime holds for an order, when Billecta knows it.

    An invoice that says it was made of another order is not this one's: people copy orders, and the id comes along. Raises
    RemoteUnavailable when Billecta does not show one that it lists for the debtor, or shows a moment later.
    """
    if not action_id:
        return None
    try:
        view = billecta().get_invoice(action_id)
    except RemoteNotFound:
        ensure_unknown(action_id, debtor_id)
        return None
    return None if is_reference_of_another(view.external_reference, lime_id) else view


def adopt(order: Order, action_id: str, creditor: Creditor) -> NoReturn:
    """Store that the order is this invoice, which was not made by the portal, and go back to the queue.

    Raises WaitFor while work on the invoice runs in the invoice's own lane, then LaneMoved, since other work that has moved to
    the order's lane may have its turn first; AmbiguousMatch when the invoice is another order's.
    """
    lane = links.action_lanes([action_id])[action_id]
    running = list(SyncRecord.objects.filter(entity_key=lane, status=SyncRecord.Status.IN_FLIGHT))
    if running and lane != links.order_lane(order.lime_id):
        raise WaitFor(running)
    with transaction.atomic():
        links.link(
            "order", creditor_id=creditor.billecta_id, lime_id=order.lime_id, billecta_id=action_id, origin=RecordLink.Origin.ADOPTED
        )
        Order.objects.filter(pk=order.pk).update(billecta_id=action_id)
    fetch_and_store(action_id, creditor, source="command")
    raise LaneMoved(links.order_lane(order.lime_id))


def not_in_billecta(lime_id: int, remedy: str) -> GuardRefused:
    """Why nothing can be done with an order that has no invoice in Billecta; `remedy` says what to do instead."""
    return GuardRefused(reason=_("Order %(id)s is not in Billecta yet.") % {"id": lime_id}, remedy=remedy)


def is_attested(order: Order) -> bool:
    """Whether the order's invoice was attested when Billecta was last asked."""
    return Invoice.objects.filter(billecta_id=order.billecta_id, attested_at__isnull=False).exists()


def fetch_or_mark_deleted(order: Order) -> wire.InvoiceAction | None:
    """The order's invoice as it is in Billecta, or None when its draft was deleted there, which the mirror is told.

    Raises RemoteUnavailable when Billecta does not show it though it cannot be gone.
    """
    try:
        return billecta().get_invoice(order.billecta_id)
    except RemoteNotFound:
        ensure_gone(order.billecta_id)
        mark_deleted(order.billecta_id)
        return None
