"""Orders that are called off before they are attested: their draft in Billecta is deleted. After attest the way back is a credit."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from integration.commands.linked_orders import fetch_or_mark_deleted, is_attested, linked, linked_or_adopted, looked_up
from integration.commands.order_drafts import CREATE
from integration.commands.orders import DRAFT, show_in_lime, show_many_in_lime, subjects
from integration.commands.table import Command, Options, Preview, add
from integration.errors import GuardRefused, Problem, RemoteNotFound, RemoteRejected
from integration.ledger import Done, Outcome, Skipped, Work
from integration.models import Creditor, Order, RecordLink
from integration.sync.absence import ensure_gone
from integration.sync.invoices import fetch_and_store
from integration.sync.mirror import mark_deleted
from integration.sync.systems import billecta

CANCEL, DELETE = "cancel-orders-in-billecta", "delete-orders-in-billecta"
Withdrawn = Order.Withdrawn


def register() -> None:
    """Put the commands that withdraw orders in the table."""
    add(
        Command(
            id=CANCEL,
            limetype="order",
            title=gettext_lazy("Cancel orders in Billecta"),
            confirmation=gettext_lazy(
                "Cancel the chosen orders (%(count)s)? Their drafts in Billecta are deleted; the orders keep their Billecta id and show"
                " “cancelled”. They can be sent anew."
            ),
            execute=cancel,
            calls={"billecta": 2},
            subjects=subjects,
            preview=preview,
            destructive=True,
            after=show_in_lime,
            after_many=show_many_in_lime,
            button=pgettext_lazy("order", "Cancel"),
            offered_in=DRAFT,
        )
    )
    add(
        Command(
            id=DELETE,
            limetype="order",
            title=gettext_lazy("Delete orders in Billecta"),
            confirmation=gettext_lazy(
                "Delete the chosen orders (%(count)s) in Billecta? Their drafts are deleted there and their Billecta ids are cleared in"
                " Lime; nothing is deleted in Lime. They can be sent anew."
            ),
            execute=delete,
            calls={"billecta": 2},
            subjects=subjects,
            preview=preview,
            destructive=True,
            after=show_in_lime,
            after_many=show_many_in_lime,
            button=gettext_lazy("Delete in Billecta"),
            offered_in=DRAFT | {Order.Status.CANCELLED},
        )
    )


def cancel(work: Work) -> Outcome:
    """Delete the order's draft in Billecta; the order keeps the draft's id and shows `cancelled`."""
    return _withdraw(work, Withdrawn.CANCELLED)


def delete(work: Work) -> Outcome:
    """Delete the order's draft in Billecta and forget its id, here and in Lime; the order shows `deleted`."""
    return _withdraw(work, Withdrawn.DELETED)


def _withdraw(work: Work, how: Order.Withdrawn) -> Outcome:
    lime_id = work.record.lime_id or 0
    order = Order.objects.filter(lime_id=lime_id).first()
    if order is not None and order.withdrawn in {how, Withdrawn.DELETED}:
        return Skipped(f"already_{how}", _("Order %(id)s has been withdrawn already.") % {"id": lime_id}, _("Nothing to do."))
    _stop_when_a_draft_may_be_lost(work, lime_id)
    found = linked_or_adopted(lime_id)
    if found is None:
        return Skipped(
            "not_in_billecta",
            _("Order %(id)s is not in Billecta, so there is nothing to withdraw.") % {"id": lime_id},
            _("Nothing to do. Do not send the order."),
        )
    order, creditor = found
    action_id = order.billecta_id
    _delete_draft(order, creditor)
    _store(order, how)
    return Done(action_id, result={"withdrawn": how})


def _stop_when_a_draft_may_be_lost(work: Work, lime_id: int) -> None:
    """A send whose answer was lost may have made a draft that nobody would ever delete."""
    left = work.left_open(CREATE)
    if left is not None and linked(lime_id) is None:
        raise GuardRefused(
            reason=_("Order %(id)s was sent by work %(work)s, which ended before it was known whether a draft was made.")
            % {"id": lime_id, "work": left.pk},
            remedy=_("Retry that work, which finds the draft; then withdraw the order."),
        )


def _delete_draft(order: Order, creditor: Creditor) -> None:
    view = None if is_attested(order) else fetch_or_mark_deleted(order)
    if view is None and not is_attested(order):
        return
    if view is None or view.state.attested is not None:
        raise _attested(order, creditor)
    try:
        billecta().delete_invoice(order.billecta_id)
    except RemoteNotFound:
        ensure_gone(order.billecta_id)
    except RemoteRejected:
        now = fetch_or_mark_deleted(order)
        if now is None:
            return
        if now.state.attested is not None:
            raise _attested(order, creditor) from None
        raise
    mark_deleted(order.billecta_id)


def _attested(order: Order, creditor: Creditor) -> GuardRefused:
    """Why an attested order is not withdrawn; what Billecta says of it is stored, since someone may have attested it there."""
    fetch_and_store(order.billecta_id, creditor, source="command")
    return attested_refusal(order.lime_id)


def attested_refusal(lime_id: int) -> GuardRefused:
    """Why an attested order is not withdrawn, and what to do instead."""
    return GuardRefused(
        reason=_("Order %(id)s is attested in Billecta: its invoice is booked and cannot be deleted.") % {"id": lime_id},
        remedy=_("Credit the order instead, wholly or in part."),
    )


def _store(order: Order, how: Order.Withdrawn) -> None:
    """A cancelled order keeps its link, so that it is known which draft it was; a deleted one can only become a new draft."""
    with transaction.atomic():
        order.withdrawn = how
        if how == Withdrawn.DELETED:
            RecordLink.objects.filter(limetype="order", lime_id=order.lime_id, billecta_id=order.billecta_id).delete()
            order.billecta_id = ""
            order.generation += 1
        order.save(update_fields=["withdrawn", "billecta_id", "generation", "updated_at"])


def preview(lime_id: int, _options: Options) -> list[Preview]:
    """The call that would delete one order's draft, and what stops it."""
    found = looked_up(lime_id)
    endpoint = billecta().endpoint("delete_invoice")
    if found is None:
        text = _("Order %(id)s is not in Billecta, so there is nothing to withdraw.") % {"id": lime_id}
        return [Preview(lime_id, "", endpoint.method, endpoint.path, None, [Problem("order", "not_in_billecta", text)])]
    action_id, creditor_id = found
    refusals = [attested_refusal(lime_id)] if billecta().get_invoice(action_id).state.attested is not None else []
    problems = [Problem("order", refusal.code, refusal.message) for refusal in refusals]
    return [Preview(lime_id, creditor_id, endpoint.method, endpoint.format({"action": action_id}), None, problems)]
