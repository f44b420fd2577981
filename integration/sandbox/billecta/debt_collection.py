"""Debt-collection cases: opened from an invoice or on their own, paused, resumed and withdrawn."""

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import DebtCollection, Invoice, View
from integration.sandbox.billecta.events import event, note
from integration.sandbox.billecta.lifecycle import require
from integration.sandbox.billecta.numbering import new_action_id
from integration.sandbox.billecta.sandbox import BillectaSandbox
from integration.sandbox.billecta.schema import amount
from integration.sandbox.billecta.views import debt_collection_view

_NAMED_BY_REQUEST = (
    "DeliveryMethod",
    "CommunicationLanguage",
    "ReasonDescription",
    "NumberOfReminders",
    "StartDebtCollectionActionLevel",
    "EndDebtCollectionActionLevel",
    "PaymentTermsInDays",
    "InterestPercentage",
    "InterestType",
    "OurReference",
    "YourReference",
    "InterestStartInDaysAfterDueDate",
    "ReasonForHigherInterest",
    "DeliveryAddressOverride",
)


def send_to_debt_collection(sandbox: BillectaSandbox, invoice: Invoice, request: View) -> DebtCollection:
    """Open a case from a DebtCollectionFromInvoiceEntryView. Raises Refusal (400) before the due date or during a dispute."""
    require(invoice, "CanSendToDebtCollection", "sent to debt collection")
    facts = {
        **_case_facts(request, amount(invoice.left, invoice.currency)),
        "OriginalInvoiceDate": invoice.entry["InvoiceDate"],
        "OriginalDueDate": invoice.entry["DueDate"],
        "OriginalInvoiceNumber": invoice.number,
        "DebtCollectionActionSource": "InvoiceAction",
    }
    case = _open_case(sandbox, invoice.creditor_id, invoice.debtor_id, facts, invoice.action_id)
    invoice.debt_collection_sent = dates.wire_now()
    invoice.debt_collection_id = case.action_id
    invoice.stage = "SentToDebtCollection"
    note(invoice, "SentToDebtCollection", reference=case.action_id)
    sandbox.changed("invoice.sent_to_debt_collection", action=invoice.action_id, debt_collection=case.action_id)
    sandbox.tell("InvoiceActionStateChanged", invoice)
    return case


def open_case(sandbox: BillectaSandbox, request: View) -> DebtCollection:
    """Open a case of its own from a DebtCollectionEntryView. Raises Refusal (400) when creditor or debtor are unknown."""
    debtor = sandbox.books.debtors.get(request.get("DebtorPublicId", ""))
    if debtor is None or debtor["CreditorPublicId"] != request.get("CreditorPublicId"):
        raise Refusal(400, "DebtorPublicId does not name a debtor of the creditor")
    value = request.get("Value") or amount(0)
    names = ("OriginalInvoiceDate", "OriginalDueDate", "OriginalInvoiceNumber")
    facts = {**_case_facts(request, value), **{name: request[name] for name in names if name in request}}
    return _open_case(sandbox, debtor["CreditorPublicId"], debtor["DebtorPublicId"], facts, None)


def pause(sandbox: BillectaSandbox, case: DebtCollection) -> None:
    """Stop what would happen by itself. Raises Refusal (400) when it is closed or paused."""
    _must_be_open(case, is_paused=False)
    case.facts["State"]["IsPaused"] = True
    _changed(sandbox, case, "Paused", "debt_collection.paused")


def resume(sandbox: BillectaSandbox, case: DebtCollection) -> None:
    """Let it go on. Raises Refusal (400) when it is closed or not paused."""
    _must_be_open(case, is_paused=True)
    case.facts["State"]["IsPaused"] = False
    _changed(sandbox, case, "Resumed", "debt_collection.resumed")


def withdraw(sandbox: BillectaSandbox, case: DebtCollection) -> None:
    """Close the case without money; its invoice goes back to being an ordinary open one (assumed). Raises Refusal (400)."""
    _must_be_open(case)
    case.facts |= {"CanCancel": False, "CanCredit": False, "CanPostpone": False, "CanDisputeAction": False}
    case.facts["State"] |= {"Stage": "Cancelled", "ClosedDate": dates.wire_now(), "IsPaused": False}
    _changed(sandbox, case, "Cancelled", "debt_collection.withdrawn")
    invoice = sandbox.books.invoices.get(case.invoice_id or "")
    if invoice is not None and invoice.is_open:
        invoice.debt_collection_sent = None
        invoice.stage = "ReminderInvoiceSent" if invoice.reminder_sent else "InvoiceSent"
        sandbox.changed("invoice.returned_from_debt_collection", action=invoice.action_id, debt_collection=case.action_id)
        sandbox.tell("InvoiceActionStateChanged", invoice)


def _case_facts(request: View, debt: View) -> View:
    """The properties of a case that its request names, and its amounts."""
    nothing = amount(0, debt["CurrencyCode"])
    return {
        **{name: request[name] for name in _NAMED_BY_REQUEST if name in request},
        "OriginalAmount": debt,
        "DebtAmount": debt,
        "CurrentAmount": debt,
        "FeeAmount": nothing,
        "InterestAmount": nothing,
        "State": {"Stage": "Created", "AttestedDate": dates.wire_now()},
        "CanCancel": True,
        "CanCredit": True,
        "CanPostpone": True,
        "CanDisputeAction": True,
    }


def _open_case(sandbox: BillectaSandbox, creditor_id: str, debtor_id: str, facts: View, invoice_id: str | None) -> DebtCollection:
    case = DebtCollection(new_action_id(), creditor_id, debtor_id, invoice_id, dates.wire_now(), facts, [event("Created")])
    sandbox.books.debt_collections[case.action_id] = case
    sandbox.changed("debt_collection.created", debt_collection=case.action_id, invoice=invoice_id, creditor=creditor_id)
    sandbox.webhooks.announce("DebtCollectionActionStateChanged", creditor_id, lambda: debt_collection_view(sandbox.books, case))
    return case


def _must_be_open(case: DebtCollection, *, is_paused: bool | None = None) -> None:
    state = case.facts["State"]
    if state.get("ClosedDate") or (is_paused is not None and bool(state.get("IsPaused")) != is_paused):
        raise Refusal(400, "The debt-collection action does not allow this in its current state")


def _changed(sandbox: BillectaSandbox, case: DebtCollection, event_type: str, effect: str) -> None:
    case.events.append(event(event_type))
    sandbox.changed(effect, debt_collection=case.action_id, creditor=case.creditor_id)
    sandbox.webhooks.announce("DebtCollectionActionStateChanged", case.creditor_id, lambda: debt_collection_view(sandbox.books, case))
