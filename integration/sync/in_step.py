"""Automatic sync: which kinds of Lime object are kept in step with Billecta, and what there is to bring in step.

It updates what has been sent; it never sends anything for the first time, attests or deletes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from integration.errors import Text
from integration.ledger.submit import Subject
from integration.lime.events import DELETE, NEW, RESTORE, UPDATE
from integration.mapping.spec import Direction, MappingSpec
from integration.models import Invoice, OrderRow, PortalConfiguration, RecordLink
from integration.sync import links

ROW = "orderrow"
RELATIONS: Mapping[str, Sequence[str]] = {"order": ("creditor", "debtor"), ROW: ("order", "article")}
"""The relations that decide what is sent, beside the mapped fields."""
NOT_IN_BILLECTA = _("It is not in Billecta yet: automatic sync only updates what has been sent.")
ATTESTED = _("The order is attested in Billecta and can no longer be changed.")
DRAFT_DELETED = _("The order's draft was deleted in Billecta; automatic sync makes no new one.")


@dataclass(frozen=True)
class Kept:
    """One kind of object that can be kept in step: the work that does it, its switch, and why nothing happens while that is off."""

    name: str
    kind: str
    switch: str
    off: Text

    def is_on(self, portal: PortalConfiguration) -> bool:
        return bool(getattr(portal, self.switch))


KEPT: Mapping[str, Kept] = {
    kept.name: kept
    for kept in (
        Kept("creditor", "keep-creditor-in-step", "sync_creditors", _("Automatic sync of creditors is switched off.")),
        Kept("debtor", "keep-debtor-in-step", "sync_debtors", _("Automatic sync of debtors is switched off.")),
        Kept("article", "keep-article-in-step", "sync_articles", _("Automatic sync of articles is switched off.")),
        Kept("order", "keep-order-in-step", "sync_orders", _("Automatic sync of orders is switched off.")),
    )
}


@dataclass(frozen=True)
class Found:
    """What there is to bring in step for one object: a piece of work for each creditor that it is linked for, or why there is none."""

    subjects: Sequence[Subject] = ()
    why_not: Text = NOT_IN_BILLECTA


def kept_of(name: str) -> Kept | None:
    """What an object is kept in step as; an order's row is part of its order. None for what is never sent."""
    return KEPT.get("order" if name == ROW else name)


def switched_on(portal: PortalConfiguration) -> list[str]:
    """The kinds of object that are kept in step now."""
    return [name for name, kept in KEPT.items() if kept.is_on(portal)]


def look_for(name: str, lime_ids: Iterable[int]) -> dict[int, Found]:
    """What there is to bring in step for each of these objects (a creditor, debtor, article or order), in one or two statements."""
    wanted = list(lime_ids)
    linked: dict[int, list[RecordLink]] = {lime_id: [] for lime_id in wanted}
    for link in RecordLink.objects.filter(limetype=name, lime_id__in=wanted):
        linked[link.lime_id].append(link)
    if name == "order":
        return _orders(linked)
    return {lime_id: Found([_subject(link) for link in found]) if found else Found() for lime_id, found in linked.items()}


def _subject(link: RecordLink) -> Subject:
    creditor_id = "" if link.limetype == "creditor" else link.creditor_id
    lane = links.object_lane(link.limetype, creditor_id, link.lime_id)
    return Subject(entity_key=lane, limetype=link.limetype, lime_id=link.lime_id, billecta_id=link.billecta_id, creditor_id=creditor_id)


def _orders(linked: Mapping[int, Sequence[RecordLink]]) -> dict[int, Found]:
    """Orders whose draft is there and can be changed; an invoice that the portal has not seen yet may be."""
    actions = [link.billecta_id for found in linked.values() for link in found]
    invoices = Invoice.objects.filter(billecta_id__in=actions).values_list("billecta_id", "attested_at", "deleted_at")
    locked = {action: ATTESTED if attested else DRAFT_DELETED for action, attested, deleted in invoices if attested or deleted}
    return {lime_id: _order(lime_id, found, locked) for lime_id, found in linked.items()}


def _order(lime_id: int, found: Sequence[RecordLink], locked: Mapping[str, Text]) -> Found:
    """An order may have been sent for another creditor before, when that draft was deleted: any that can be changed counts."""
    if any(link.billecta_id not in locked for link in found):
        return Found([Subject(entity_key=links.order_lane(lime_id), limetype="order", lime_id=lime_id)])
    reasons = [locked[link.billecta_id] for link in found]
    return Found(why_not=ATTESTED if ATTESTED in reasons else reasons[0] if reasons else NOT_IN_BILLECTA)


def orders_of_rows(row_ids: Iterable[int]) -> dict[int, set[int]]:
    """The orders that each row was last sent with, by the row's Lime id."""
    found: dict[int, set[int]] = {}
    for row_id, order_id in OrderRow.objects.filter(lime_id__in=list(row_ids)).values_list("lime_id", "order__lime_id"):
        found.setdefault(row_id, set()).add(order_id)
    return found


def sent_fields(spec: MappingSpec, name: str) -> frozenset[str]:
    """The Lime fields of an object whose change may change what is sent: the mapped ones, and the relations of orders and rows."""
    mapped = {pair.lime_field.split(".")[0] for pair in spec.pairs_of(Direction.TO_BILLECTA, name)}
    return frozenset(mapped | {spec.link(name, role) or role for role in RELATIONS.get(name, ())})


def events_needed(spec: MappingSpec, portal: PortalConfiguration) -> list[str]:
    """The events that Lime must tell of for what is switched on, by this solution's own names.

    A new object is not in Billecta yet and leads to nothing, but a new or deleted row changes its order.
    """
    rows = [f"{spec.limetype(ROW)}.{action}" for action in (NEW, UPDATE, DELETE, RESTORE)]
    on = switched_on(portal)
    return [f"{spec.limetype(name)}.{action}" for name in on for action in (UPDATE, RESTORE)] + (rows if "order" in on else [])
