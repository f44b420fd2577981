"""What all commands on invoices share: which invoice a Lime id means, and whether Billecta allows the step now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integration.billecta import wire
from integration.commands.table import Options, Preview
from integration.errors import GuardRefused, KvittensError, Problem, RemoteNotFound, RemoteTimeout, RemoteUnavailable
from integration.ledger import LaneMoved, Skipped, Work
from integration.ledger.submit import Subject
from integration.models import Invoice, RecordLink
from integration.sync import lime_records, links
from integration.sync.invoices import fetch_and_store
from integration.sync.systems import billecta
from integration.sync.versions import published

Call = tuple[str, dict[str, str], dict[str, Any] | None]
"""What a dry run shows of a call: the operation of the endpoint table, the ids in its path, and the payload."""

REMEDY = gettext_noop("Look at the invoice in Billecta; refresh it here if it was changed there.")


def subjects(lime_ids: Sequence[int], options: Options) -> list[Subject]:
    """One piece of work for each Lime invoice, in the lane of its order or of the invoice itself."""
    found = RecordLink.objects.filter(limetype="invoice", lime_id__in=lime_ids).values_list("lime_id", "billecta_id", "creditor_id")
    known = {lime_id: (action_id, creditor_id) for lime_id, action_id, creditor_id in found}
    lanes = links.action_lanes(action_id for action_id, _creditor in known.values())
    return [_subject(lime_id, *known.get(lime_id, ("", "")), lanes, options) for lime_id in lime_ids]


def _subject(lime_id: int, action_id: str, creditor_id: str, lanes: dict[str, str], options: Options) -> Subject:
    lane = lanes.get(action_id) or f"invoice:{lime_id}"
    return Subject(lane, "invoice", lime_id=lime_id, billecta_id=action_id, creditor_id=creditor_id, options=dict(options))


def invoice_of(work: Work) -> Invoice:
    """The invoice that a piece of work is about.

    One that the portal does not know yet is taken over by the Billecta id that Lime holds; one that Lime does not have is
    named by its Billecta id alone. Raises LaneMoved when the work stands in another lane than the invoice's, GuardRefused when
    Lime's invoice is none of Billecta's.
    """
    lime_id = work.record.lime_id
    invoice = _by_action(work.record.billecta_id) if lime_id is None else _known(lime_id) or _adopted(lime_id)
    lane = links.action_lanes([invoice.billecta_id])[invoice.billecta_id]
    if lane != work.record.entity_key:
        raise LaneMoved(lane)
    return invoice


def _by_action(action_id: str) -> Invoice:
    known = Invoice.objects.filter(billecta_id=action_id).select_related("creditor", "order").first()
    return known or fetch_and_store(action_id, source="command").invoice


def _known(lime_id: int) -> Invoice | None:
    link = links.find("invoice", lime_id=lime_id)
    return Invoice.objects.filter(billecta_id=link.billecta_id).select_related("creditor", "order").first() if link else None


def action_id_of(lime_id: int) -> str:
    """The invoice's id in Billecta as the portal or, failing that, Lime knows it; "" when neither does. Changes nothing."""
    link = links.find("invoice", lime_id=lime_id)
    if link is not None:
        return link.billecta_id
    _version, spec = published()
    found = lime_records.get(spec.limetype("invoice"), lime_id)
    return str(found.values.get(spec.link("invoice", "billecta_id") or "") or "")


def _adopted(lime_id: int) -> Invoice:
    """The invoice whose id Lime holds, from the package that this portal replaces, when Billecta shows it."""
    action_id = action_id_of(lime_id)
    try:
        invoice = fetch_and_store(action_id, source="command").invoice if action_id else None
    except RemoteNotFound:
        invoice = None
    if invoice is None:
        raise not_in_billecta(lime_id, action_id)
    creditor_id = invoice.creditor.billecta_id
    links.link("invoice", creditor_id=creditor_id, lime_id=lime_id, billecta_id=action_id, origin=RecordLink.Origin.ADOPTED)
    Invoice.objects.filter(pk=invoice.pk).update(lime_id=lime_id)
    return invoice


def not_in_billecta(lime_id: int, action_id: str) -> GuardRefused:
    """Why nothing can be done with an invoice of Lime's that Billecta does not show."""
    return GuardRefused(
        reason=_("Invoice %(id)s in Lime is not in Billecta: its Billecta id is “%(stored)s”.") % {"id": lime_id, "stored": action_id},
        remedy=_("Choose an invoice that was made in Billecta, or mend its Billecta id in Lime."),
    )


def looked_at(invoice: Invoice, check: Callable[[wire.InvoiceAction], Skipped | None]) -> tuple[wire.InvoiceAction, Skipped | None]:
    """The invoice as Billecta shows it now, and why there is nothing to do, None when the step may be taken.

    Should the step be stopped for what is shown, portal and Lime are made to show the same: they were not told, or not yet.
    Raises GuardRefused when `check` does.
    """
    view = billecta().get_invoice(invoice.billecta_id)
    try:
        skipped = check(view)
    except GuardRefused:
        _keep_up(invoice, view)
        raise
    if skipped is not None:
        _keep_up(invoice, view)
    return view, skipped


def _keep_up(invoice: Invoice, view: wire.InvoiceAction) -> None:
    if view.may != invoice.flags:
        fetch_and_store(invoice.billecta_id, invoice.creditor, source="command")


def write_after_look(work: Work, operation: str, *, look: Callable[[], Skipped | None], send: Callable[[], object]) -> Skipped | None:
    """Send a write that may be repeated, after a look at the state; returns why there was nothing to do, if so.

    The intent stays on the work until its outcome is stored, so that a later run knows what it finds as its own doing and goes
    on with what follows. `look` raises GuardRefused when the write is not allowed.
    """
    entry = work.open_write(operation)
    if entry is not None and entry.get("answered"):
        return None
    skipped = look()
    if skipped is not None and entry is None:
        return skipped
    if entry is None:
        work.begin_write(operation)
    if skipped is None:
        try:
            send()
        except (RemoteTimeout, RemoteUnavailable):
            raise
        except KvittensError:
            work.end_write(operation)
            raise
    work.answered(operation)
    return None


def stop_unless(view: wire.InvoiceAction, flag: str | Sequence[str], refused: str) -> None:
    """Raise GuardRefused unless Billecta's own `Can…` flag allows the step now.

    Args:
        flag: the flag's name, or several of which one is enough.
        refused: what cannot be done, as a sentence with `%(number)s` for the invoice, in the active language.
    """
    if not any(view.may.get(name) for name in ([flag] if isinstance(flag, str) else flag)):
        number = view.invoice_number or view.action_id
        raise GuardRefused(reason=f"{refused % {'number': number}} {why_not(view)}", remedy=_(REMEDY))


def why_not(view: wire.InvoiceAction) -> str:
    """What in the invoice's state stands in the way, as a sentence for people; Billecta's flags give no reason."""
    return next((_(text) for holds, text in _REASONS if holds(view)), _("Billecta does not allow it in the invoice's present state."))


def _nothing_left(view: wire.InvoiceAction) -> bool:
    return view.current_amount is not None and view.current_amount.minor_units <= 0


def _is_due(view: wire.InvoiceAction) -> bool:
    return (view.due_date or date.max) < timezone.localdate()


_REASONS: tuple[tuple[Callable[[wire.InvoiceAction], bool], str], ...] = (
    (lambda view: view.state.attested is None, gettext_noop("It is a draft: it has not been attested.")),
    (lambda view: view.state.closed is not None, gettext_noop("It is closed: nothing is left to pay.")),
    (_nothing_left, gettext_noop("Nothing is left to pay on it.")),
    (lambda view: view.state.sent_to_debt_collection is not None, gettext_noop("It has been sent to debt collection.")),
    (lambda view: view.state.disputed is not None, gettext_noop("It is disputed.")),
    (lambda view: view.state.is_paused, gettext_noop("It is paused.")),
    (lambda view: view.state.invoice_sent is None, gettext_noop("It has not been sent to the customer yet.")),
    (lambda view: not _is_due(view), gettext_noop("It is not overdue yet.")),
)


def preview(
    lime_id: int,
    options: Options,
    *,
    call: Callable[[Invoice, wire.InvoiceAction, Options], Call],
    check: Callable[[Invoice, wire.InvoiceAction, Options], object],
) -> list[Preview]:
    """The call that a command would make for one invoice as it is in Billecta now, and what stops it.

    `check` raises GuardRefused, or returns Skipped where there is nothing to do.
    """
    invoice = _known(lime_id)
    if invoice is None:
        raise GuardRefused(
            reason=_("The portal does not know invoice %(id)s of Lime yet.") % {"id": lime_id},
            remedy=_("Refresh the invoice from Billecta first."),
        )
    view = billecta().get_invoice(invoice.billecta_id)
    problems = []
    try:
        stopped = check(invoice, view, options)
        if isinstance(stopped, Skipped):
            problems.append(Problem(field="invoice", code=stopped.code, message=stopped.message))
    except GuardRefused as error:
        problems.append(Problem(field="invoice", code=error.code, message=error.message))
    operation, ids, payload = call(invoice, view, options)
    endpoint = billecta().endpoint(operation)
    return [Preview(lime_id, invoice.creditor.billecta_id, endpoint.method, endpoint.format(ids), payload, problems)]
