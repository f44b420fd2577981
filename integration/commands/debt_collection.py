"""Debt collection: invoices are sent to it, and their running cases paused, resumed and withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.enums import DebtCollectionStage
from integration.billecta.payment_views import DebtCollectionCase
from integration.commands import invoice_options as given
from integration.commands.debt_collection_entry import SCHEMA, entry
from integration.commands.invoice_history import comment_once
from integration.commands.on_invoices import Call, invoice_of, looked_at, preview, stop_unless, subjects, write_after_look
from integration.commands.table import Command, Options, Preview, add
from integration.errors import GuardRefused, Text
from integration.ledger import Done, Outcome, Skipped, Work, change_once
from integration.ledger.registry import Execute
from integration.models import Invoice
from integration.sync.debt_collection import fetch_and_store_case, fetch_and_store_cases_of
from integration.sync.invoices import fetch_and_store
from integration.sync.systems import billecta

SEND, OPERATION = "send-invoices-to-debt-collection", "debt_collection_from_invoice"
CASE_IS_PAUSED, CASE_IS_OPEN, CASE_GOES_ON = "case-paused", "case-open", "case-going-on"
"""The states of an invoice's running case in which its buttons are offered, beside Billecta's own flags of the invoice."""


def states_of_case(*, is_paused: bool) -> frozenset[str]:
    """The states that the running case of an invoice is in."""
    return frozenset({CASE_IS_OPEN, CASE_IS_PAUSED if is_paused else CASE_GOES_ON})


@dataclass(frozen=True, kw_only=True)
class CaseStep:
    """One step with the running case of an invoice; repeatable, since the case shows what was done.

    `already` says when there is nothing to do, under `code` and as a sentence with `%(number)s`; `may` whether Billecta allows it.
    """

    id: str
    title: Text
    button: Text
    confirmation: Text
    operation: str
    send: Callable[[str], None]
    already: Callable[[DebtCollectionCase], bool]
    code: str
    text: str
    refused: str
    may: Callable[[DebtCollectionCase], bool] = lambda _case: True
    offered_in: str = CASE_IS_OPEN
    options: Mapping[str, Any] = field(default_factory=dict)
    destructive: bool = False

    def stopped(self, invoice: Invoice, case: DebtCollectionCase) -> Skipped | None:
        """Why there is nothing to do, None when the step may be taken. Raises GuardRefused when it may not."""
        number = {"number": invoice.invoice_number or invoice.billecta_id}
        if self.already(case):
            return Skipped(self.code, _(self.text) % number, _("Nothing to do: nothing was sent."))
        if case.state.closed is not None or not self.may(case):
            why = _("It is closed.") if case.state.closed is not None else _("Billecta does not allow it in the case's present state.")
            raise GuardRefused(reason=f"{_(self.refused) % number} {why}", remedy=_("Look at the case in Billecta."))
        return None


def send(work: Work) -> Outcome:
    """Send one invoice to debt collection, at most once; a lost answer is read back from the invoice, which names its case."""
    invoice, options = invoice_of(work), work.record.options
    seen: list[wire.InvoiceAction] = []
    if work.open_write(OPERATION) is None:
        view, skipped = looked_at(invoice, lambda view: _stopped(invoice, view, options))
        if skipped is not None:
            return skipped
        seen.append(view)

    def prepare() -> dict[str, Any]:
        view = seen[-1] if seen else looked_at(invoice, lambda view: _stopped(invoice, view, options))[0]
        seen[:] = [view]
        return {"case": view.debt_collection_action_id}

    change_once(
        work,
        OPERATION,
        system="Billecta",
        happened=lambda noted: _is_sent(invoice, noted),
        seen=lambda _noted: _("the invoice names no new debt-collection case"),
        prepare=prepare,
        write=lambda: billecta().debt_collection_from_invoice(invoice.billecta_id, entry(seen[-1], options)),
    )
    return _followed(invoice)


def _stopped(invoice: Invoice, view: wire.InvoiceAction, options: Options) -> Skipped | None:
    number = {"number": view.invoice_number or invoice.billecta_id}
    if view.state.sent_to_debt_collection is not None and view.state.closed is None:
        text = _("Invoice %(number)s has been sent to debt collection already.") % number
        return Skipped("already_in_debt_collection", text, _("Nothing to do: nothing was sent."))
    stop_unless(view, "CanSendToDebtCollection", _("Invoice %(number)s cannot be sent to debt collection."))
    entry(view, options)
    return None


def _is_sent(invoice: Invoice, noted: Mapping[str, Any]) -> bool:
    view = billecta().get_invoice(invoice.billecta_id)
    return view.state.sent_to_debt_collection is not None or view.debt_collection_action_id not in {"", noted["case"]}


def _followed(invoice: Invoice) -> Done:
    """Have mirror, case, Lime and the order's status follow."""
    found = fetch_and_store(invoice.billecta_id, invoice.creditor, source="command").invoice
    fetch_and_store_cases_of(found)
    return Done(invoice.billecta_id, result={"case": str(found.view.get("DebtCollectionActionPublicId") or "")})


def _call(invoice: Invoice, view: wire.InvoiceAction, options: Options) -> Call:
    return OPERATION, {"action": invoice.billecta_id}, {**entry(view, options), "SourcePublicId": invoice.billecta_id}


def preview_send(lime_id: int, options: Options) -> list[Preview]:
    """The call that would open a case for one invoice, and what stops it. Raises GuardRefused for options that do not go together."""
    return preview(lime_id, options, call=_call, check=_stopped)


def _perform(step: CaseStep) -> Execute:
    def execute(work: Work) -> Outcome:
        invoice, options = invoice_of(work), work.record.options
        found: list[str] = []

        def look() -> Skipped | None:
            view = billecta().get_invoice(invoice.billecta_id)
            found[:] = [_case_id(invoice, view)]
            return step.stopped(invoice, DebtCollectionCase.from_wire(fetch_and_store_case(found[0]).view))

        skipped = write_after_look(work, step.operation, look=look, send=lambda: step.send(found[0]))
        if skipped is not None:
            return skipped
        done = _followed(invoice)
        if "comment" in step.options and given.comment(options):
            comment_once(work, invoice, given.comment(options))
        return done

    return execute


def _case_id(invoice: Invoice, view: wire.InvoiceAction) -> str:
    """The case that the invoice is in or was in last. Raises GuardRefused when it never was in any."""
    if view.debt_collection_action_id:
        return view.debt_collection_action_id
    raise GuardRefused(
        reason=_("Invoice %(number)s has no debt-collection case.") % {"number": view.invoice_number or invoice.billecta_id},
        remedy=_("Send the invoice to debt collection first."),
    )


def _preview(step: CaseStep) -> Callable[[int, Options], list[Preview]]:
    def call(_invoice: Invoice, view: wire.InvoiceAction, _options: Options) -> Call:
        return step.operation, {"action": view.debt_collection_action_id}, None

    def check(invoice: Invoice, view: wire.InvoiceAction, _options: Options) -> Skipped | None:
        return step.stopped(invoice, billecta().get_debt_collection(_case_id(invoice, view)))

    return lambda lime_id, options: preview(lime_id, options, call=call, check=check)


CASE_STEPS = (
    CaseStep(
        id="pause-debt-collection",
        title=gettext_lazy("Pause debt collection"),
        button=gettext_lazy("Pause debt collection"),
        confirmation=gettext_lazy(
            "Pause the debt-collection cases of the chosen invoices (%(count)s)? Nothing more happens by itself until they are resumed."
            " Interest goes on, and the pause can be undone."
        ),
        operation="pause_debt_collection",
        send=lambda case_id: billecta().pause_debt_collection(case_id),
        already=lambda case: case.state.is_paused,
        code="already_paused",
        text=gettext_noop("The debt-collection case of invoice %(number)s is paused already."),
        refused=gettext_noop("The debt-collection case of invoice %(number)s cannot be paused."),
        offered_in=CASE_GOES_ON,
    ),
    CaseStep(
        id="resume-debt-collection",
        title=gettext_lazy("Resume debt collection"),
        button=gettext_lazy("Resume debt collection"),
        confirmation=gettext_lazy(
            "Resume the debt-collection cases of the chosen invoices (%(count)s)? The next step, such as a claim, may follow at once"
            " and may cost a fee."
        ),
        operation="resume_debt_collection",
        send=lambda case_id: billecta().resume_debt_collection(case_id),
        already=lambda case: not case.state.is_paused and case.state.closed is None,
        code="not_paused",
        text=gettext_noop("The debt-collection case of invoice %(number)s is not paused."),
        refused=gettext_noop("The debt-collection case of invoice %(number)s cannot be resumed."),
        offered_in=CASE_IS_PAUSED,
    ),
    CaseStep(
        id="withdraw-debt-collection",
        title=gettext_lazy("Withdraw from debt collection"),
        button=gettext_lazy("Withdraw from debt collection"),
        confirmation=gettext_lazy(
            "Withdraw the debt-collection cases of the chosen invoices (%(count)s)? The cases are closed without money and cannot be"
            " opened again; fees so far may still be charged. The invoices stay open."
        ),
        operation="withdraw_debt_collection",
        send=lambda case_id: billecta().withdraw_debt_collection(case_id),
        already=lambda case: case.state.stage == DebtCollectionStage.CANCELLED,
        code="already_withdrawn",
        text=gettext_noop("The debt-collection case of invoice %(number)s is withdrawn already."),
        refused=gettext_noop("The debt-collection case of invoice %(number)s cannot be withdrawn."),
        may=lambda case: case.can_cancel,
        options={"comment": given.COMMENT},
        destructive=True,
    ),
)


def register() -> None:
    """Put the commands of this module in the table."""
    add(
        Command(
            id=SEND,
            limetype="invoice",
            title=gettext_lazy("Send invoices to debt collection"),
            confirmation=gettext_lazy(
                "Send the chosen invoices (%(count)s) to debt collection? The customers get a claim, and fees and interest are added."
                " It cannot be undone: a case can only be withdrawn, and what it has cost stays."
            ),
            execute=send,
            calls={"billecta": 4},
            subjects=subjects,
            preview=preview_send,
            options_schema=SCHEMA,
            destructive=True,
            button=gettext_lazy("Send to debt collection"),
            offered_in=frozenset({"CanSendToDebtCollection"}),
            goes_on=True,
        )
    )
    for step in CASE_STEPS:
        add(_command(step))


def _command(step: CaseStep) -> Command:
    return Command(
        id=step.id,
        limetype="invoice",
        title=step.title,
        confirmation=step.confirmation,
        execute=_perform(step),
        calls={"billecta": 5},
        subjects=subjects,
        preview=_preview(step),
        options_schema={"type": "object", "properties": dict(step.options)},
        destructive=step.destructive,
        button=step.button,
        offered_in=frozenset({step.offered_in}),
        goes_on=True,
    )
