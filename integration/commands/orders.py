"""Orders: sent to Billecta as a draft, updated until attested, attested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.amounts import Amount
from integration.billecta.dates import day_to_wire
from integration.commands.attest_rules import problems_for, stop_when_same_person
from integration.commands.linked_orders import fetch_or_mark_deleted, is_attested, linked, not_in_billecta
from integration.commands.narrowing import stop_when_other_creditor
from integration.commands.order_drafts import (
    Draft,
    attested_and_locked,
    compose,
    link_made,
    problems_of,
    require_parties,
    send,
    stop_when_creditor_differs,
)
from integration.commands.table import Command, Options, Preview, add
from integration.errors import (
    GuardRefused,
    KvittensError,
    OutcomeUnknown,
    Problem,
    RemoteRejected,
    TotalsDiffer,
    ValidationFailed,
    WillNeverWork,
)
from integration.ledger import Done, Outcome, Skipped, Work
from integration.ledger.submit import Subject
from integration.mapping.orders import entry_from_view
from integration.models import Creditor, Order, PortalConfiguration, SyncRecord
from integration.money import ore_to_kronor
from integration.sync import links
from integration.sync.invoices import fetch_and_store
from integration.sync.lime_writes import plan_order, plan_orders
from integration.sync.order_source import OrderSource, creditor_id_of, read_order
from integration.sync.systems import billecta
from integration.sync.versions import published

UPSERT, ATTEST = "upsert-orders-in-billecta", "attest-orders-in-billecta"
ATTESTING = "attest"
DRAFT = frozenset({Order.Status.CREATED, Order.Status.PENDING, Order.Status.ERROR})
UNLOCKED = DRAFT | {Order.Status.NOT_SENT, Order.Status.CANCELLED, Order.Status.DELETED}
WHILE_RUNNING, WHEN_FINISHED = timedelta(seconds=2), timedelta(milliseconds=200)


def register() -> None:
    """Put the commands on orders in the table."""
    add(
        Command(
            id=UPSERT,
            limetype="order",
            title=gettext_lazy("Send orders to Billecta"),
            confirmation=gettext_lazy(
                "Create or update the chosen orders (%(count)s) in Billecta? They stay drafts until they are attested."
            ),
            execute=upsert,
            calls={"billecta": 3, "lime": 5},
            subjects=subjects,
            preview=preview,
            link=link_made,
            after=show_in_lime,
            after_many=show_many_in_lime,
            button=gettext_lazy("Send to Billecta"),
            offered_in=UNLOCKED,
        )
    )
    add(
        Command(
            id=ATTEST,
            limetype="order",
            title=gettext_lazy("Attest orders in Billecta"),
            confirmation=gettext_lazy(
                "Attest the chosen orders (%(count)s)? They are booked, locked and sent to the customers. This cannot be undone."
            ),
            execute=attest,
            calls={"billecta": 3, "lime": 4},
            subjects=subjects,
            preview=preview_attest,
            options_schema={
                "type": "object",
                "properties": {
                    "send_date": {"type": "string", "format": "date", "title": gettext_noop("Day on which the invoice is sent (Stockholm)")}
                },
            },
            destructive=True,
            after=show_in_lime,
            after_many=show_many_in_lime,
            button=gettext_lazy("Attest"),
            for_requester=problems_for,
            offered_in=DRAFT,
        )
    )


def subjects(lime_ids: Sequence[int], options: Options) -> list[Subject]:
    """One piece of work for each order; an order has one creditor."""
    return [Subject(entity_key=links.order_lane(lime_id), limetype="order", lime_id=lime_id, options=dict(options)) for lime_id in lime_ids]


def show_in_lime(record: SyncRecord) -> None:
    """After every change of an order's work: have Lime show its status. Short work shows only its end."""
    if record.lime_id is not None and record.status != SyncRecord.Status.IN_FLIGHT:
        plan_order(record.lime_id, settle=WHEN_FINISHED if record.is_finished else WHILE_RUNNING)


def show_many_in_lime(records: Sequence[SyncRecord]) -> None:
    """The same for many orders whose work is waiting or was ended by a person."""
    for finished in (False, True):
        ids = [record.lime_id for record in records if record.lime_id is not None and record.is_finished is finished]
        plan_orders(ids, settle=WHEN_FINISHED if finished else WHILE_RUNNING)


def upsert(work: Work) -> Outcome:
    """Create the order as a draft in Billecta, or update its draft; what it refers to is sent first."""
    _version, spec = published()
    return send(work, *prepare(work, read_order(spec, _lime_id(work))))


def prepare(work: Work, source: OrderSource) -> tuple[Order, Draft]:
    """The order and the draft that it should be, once it is valid and all that it refers to is in Billecta.

    Raises ValidationFailed with all problems, WaitFor while something must be sent first, GuardRefused when another creditor has it.
    """
    version, spec = published()
    problems = problems_of(spec, source)
    if problems:
        raise ValidationFailed(problems)
    creditor = require_parties(work, source)
    stop_when_other_creditor(work, "order", creditor.billecta_id)
    stop_when_creditor_differs(source.lime_id, creditor)
    order = Order.objects.update_or_create(
        lime_id=source.lime_id, defaults={"creditor": creditor, "debtor": creditor.debtors.filter(lime_id=source.debtor_lime_id).first()}
    )[0]
    SyncRecord.objects.filter(pk=work.record.pk).update(mapping_version=version)
    return order, compose(spec, source, creditor, generation=order.generation)


def attest(work: Work) -> Outcome:
    """Attest the order's draft: read its state first, compare the sums, then attest; a lost answer is never repeated blindly."""
    order, creditor = _in_billecta(_lime_id(work))
    if is_attested(order):
        return _attested(work, order)
    view = _draft_of(order)
    if view.state.attested is None:
        _stop_when_changed_in_lime(order, creditor)
        _stop_when_totals_differ(order, view)
        stop_when_same_person(work, order)
        _override_send_date(view, work.record.options.get("send_date"))
        _attest_once(work, order)
    fetch_and_store(order.billecta_id, creditor, source="command")
    return _attested(work, order)


def _in_billecta(lime_id: int) -> tuple[Order, Creditor]:
    found = linked(lime_id)
    if found is None:
        raise not_in_billecta(lime_id, _("Send the order to Billecta first, then attest it."))
    return found


def _draft_of(order: Order) -> wire.InvoiceAction:
    """The order's invoice as it is in Billecta. Raises GuardRefused when it was deleted there."""
    view = fetch_or_mark_deleted(order)
    if view is None:
        raise GuardRefused(
            reason=_("The draft of order %(id)s was deleted in Billecta.") % {"id": order.lime_id},
            remedy=_("Send the order to Billecta again, which makes a new draft, then attest it."),
        )
    return view


def _stop_when_changed_in_lime(order: Order, creditor: Creditor) -> None:
    """Raise GuardRefused when what would be booked is not what the order says in Lime now."""
    _version, spec = published()
    source = read_order(spec, order.lime_id)
    link = links.get("order", order.lime_id, creditor.billecta_id)
    if (
        creditor_id_of(source) == creditor.billecta_id
        and link.sent_hash == compose(spec, source, creditor, generation=order.generation).digest
    ):
        return
    raise GuardRefused(
        reason=_("Order %(id)s has been changed in Lime since it was sent to Billecta.") % {"id": order.lime_id},
        remedy=_("Send the order to Billecta again, look at the draft, then attest it."),
    )


def _attest_once(work: Work, order: Order) -> None:
    """The intent stays on the work until its outcome is stored: it tells a later run that the attest was its own."""
    work.begin_write(ATTESTING)
    try:
        billecta().attest_invoice(order.billecta_id)
    except OutcomeUnknown:
        raise
    except RemoteRejected:
        if billecta().get_invoice(order.billecta_id).state.attested is None:
            work.end_write(ATTESTING)
            raise
    except KvittensError:
        work.end_write(ATTESTING)
        raise


def _attested(work: Work, order: Order) -> Outcome:
    """Attested now: by this work, or by someone before it."""
    return Done(order.billecta_id) if work.open_write(ATTESTING) else _attested_already(order)


def _attested_already(order: Order) -> Skipped:
    return Skipped(
        "already_attested",
        _("Order %(id)s is attested already.") % {"id": order.lime_id},
        _("Nothing to do. To undo an attested order, credit it."),
    )


def _stop_when_totals_differ(order: Order, view: wire.InvoiceAction) -> None:
    theirs = view.invoiced_amount
    if order.total_ore is None or theirs is None or (order.total_ore and theirs.currency != order.currency):
        raise TotalsDiffer(ours=_shown(order.total_ore), theirs=_shown(theirs), currency=order.currency, tolerance="0.00")
    tolerance = max(order.rows.count(), 1) * PortalConfiguration.current().tolerance_ore_per_row
    rounding = view.cent_rounding_amount.minor_units if view.cent_rounding_amount else 0
    if abs(theirs.minor_units - rounding - order.total_ore) > tolerance:
        raise TotalsDiffer(
            ours=f"{ore_to_kronor(order.total_ore):.2f}",
            theirs=f"{ore_to_kronor(theirs.minor_units - rounding):.2f}",
            currency=theirs.currency,
            tolerance=f"{ore_to_kronor(tolerance):.2f}",
        )


def _shown(total: Amount | int | None) -> str:
    ore = total.minor_units if isinstance(total, Amount) else total
    return "–" if ore is None else f"{ore_to_kronor(ore):.2f}"


def _override_send_date(view: wire.InvoiceAction, send_date: str | None) -> None:
    """Billecta sends at attest unless the draft says another day (`InvoiceSendDateOverride`)."""
    if send_date:
        entry = entry_from_view(view.raw)
        billecta().update_invoice(view.action_id, {**entry, "InvoiceSendDateOverride": day_to_wire(date.fromisoformat(send_date))})


def preview(lime_id: int, _options: Options) -> list[Preview]:
    """What would be sent for one order, and every problem that would stop it. Nothing is changed anywhere."""
    _version, spec = published()
    creditor_id = ""
    try:
        source = read_order(spec, lime_id)
        problems = problems_of(spec, source)
        creditor_id = creditor_id_of(source)
        creditor = Creditor.objects.filter(billecta_id=creditor_id).first()
        known = Order.objects.filter(lime_id=lime_id).first()
        draft = compose(spec, source, creditor, generation=known.generation if known else 1)
    except ValidationFailed as error:
        return [Preview(lime_id, creditor_id, "POST", "", None, error.problems)]
    except KvittensError as error:
        return [Preview(lime_id, creditor_id, "POST", "", None, [Problem(field="order", code=error.code, message=error.message)])]
    link = links.find("order", lime_id=lime_id, creditor_id=creditor_id) if creditor_id else None
    operation = billecta().endpoint("update_invoice" if link else "create_invoice")
    path = operation.format({"action": link.billecta_id}) if link else operation.path
    if known is not None and is_attested(known):
        locked = attested_and_locked(lime_id)
        problems = [*problems, Problem(field="order", code=locked.code, message=locked.message)]
    return [Preview(lime_id, creditor_id, operation.method, path, draft.entry, problems)]


def preview_attest(lime_id: int, _options: Options) -> list[Preview]:
    """The call that would attest one order, and what stops it. Raises GuardRefused for one that was not sent yet."""
    order, creditor = _in_billecta(lime_id)
    operation = billecta().endpoint("attest_invoice")
    skipped = _attested_already(order)
    problems = [Problem(field="order", code=skipped.code, message=skipped.message)] if is_attested(order) else _obstacles(order, creditor)
    return [Preview(lime_id, creditor.billecta_id, operation.method, operation.format({"action": order.billecta_id}), None, problems)]


def _obstacles(order: Order, creditor: Creditor) -> list[Problem]:
    """What Lime and Billecta show now that would stop the attest; nothing is changed by looking."""
    found: list[Problem] = []
    checks: list[Callable[[], None]] = [
        lambda: _stop_when_changed_in_lime(order, creditor),
        lambda: _stop_when_totals_differ(order, billecta().get_invoice(order.billecta_id)),
    ]
    for check in checks:
        try:
            check()
        except WillNeverWork as error:
            found.append(Problem(field="order", code=error.code, message=error.message))
    return found


def _lime_id(work: Work) -> int:
    if work.record.lime_id is None:
        raise GuardRefused(reason=_("The work names no order."), remedy=_("Ask again with the order's Lime id."))
    return work.record.lime_id
