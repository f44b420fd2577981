"""The life of an invoice: draft, attested, sent, reminded, sent to debt collection, closed. Each step raises its webhooks."""

import asyncio
from copy import deepcopy

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Invoice, StoredFile, View
from integration.sandbox.billecta.events import note
from integration.sandbox.billecta.flags import can_flags
from integration.sandbox.billecta.numbering import new_action_id, new_guid, ocr_reference
from integration.sandbox.billecta.sandbox import BillectaSandbox
from integration.sandbox.billecta.totals import calculate

DEFAULT_TERMS_DAYS = 30
"""Days to pay when a draft names no due date (assumed)."""


def create(sandbox: BillectaSandbox, entry: View) -> Invoice:
    """Save a draft from an InvoiceActionEntryView. Raises Refusal (400) when creditor, debtor or amounts do not fit."""
    entry = _checked(sandbox, entry)
    invoice = Invoice(new_action_id(), entry["CreditorPublicId"], entry["DebtorPublicId"], entry, dates.wire_now())
    _calculate(sandbox, invoice)
    note(invoice, "Created")
    sandbox.books.put_invoice(invoice)
    _record(sandbox, invoice, "invoice.created", "InvoiceActionCreated", external_reference=entry.get("ExternalReference"))
    return invoice


def update(sandbox: BillectaSandbox, invoice: Invoice, entry: View) -> None:
    """Replace a draft's whole entry. Raises Refusal (400) once it is attested."""
    _must_be_draft(invoice, "updated")
    entry = _checked(sandbox, {"CreditorPublicId": invoice.creditor_id, "DebtorPublicId": invoice.debtor_id, **entry})
    if entry["CreditorPublicId"] != invoice.creditor_id:
        raise Refusal(400, "CreditorPublicId cannot be changed")
    calculate(entry, use_cent_rounding=False)
    sandbox.books.move_invoice(invoice, entry["DebtorPublicId"])
    invoice.entry = entry
    _calculate(sandbox, invoice)
    note(invoice, "Updated")
    _record(sandbox, invoice, "invoice.updated", "InvoiceActionUpdated")


def delete(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Delete a draft for good. Raises Refusal (400) once it is attested."""
    _must_be_draft(invoice, "deleted")
    sandbox.books.remove_invoice(invoice)
    sandbox.changed("invoice.deleted", action=invoice.action_id, debtor=invoice.debtor_id, creditor=invoice.creditor_id)
    sandbox.webhooks.announce("InvoiceActionDeleted", invoice.creditor_id, lambda: invoice.action_id, invoice.debtor_id)


def attest(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Book and lock a draft, give it number, OCR and PDF, and plan its sending. Raises Refusal (400) when it is no draft."""
    _must_be_draft(invoice, "attested")
    _calculate(sandbox, invoice)
    creditor = sandbox.books.creditor(invoice.creditor_id)
    invoice.number = invoice.entry.get("InvoiceNumber") or _next_number(creditor)
    invoice.ocr = ocr_reference(invoice.action_id, invoice.number)
    invoice.file_id = new_guid()
    invoice.debtor = deepcopy(sandbox.books.debtor(invoice.debtor_id))
    sandbox.books.files[invoice.file_id] = StoredFile(
        invoice.file_id, f"Faktura {invoice.number}.pdf", "application/pdf", action_id=invoice.action_id
    )
    invoice.attested = dates.wire_now()
    invoice.stage = "Attested"
    note(invoice, "Attested", f"Invoice number {invoice.number}", reference=invoice.number)
    note(invoice, "InvoiceDue", at=invoice.entry["DueDate"])
    _record(sandbox, invoice, "invoice.attested", "InvoiceActionAttested", "InvoiceActionStateChanged", number=invoice.number)
    if invoice.entry.get("DeliveryMethod", "Email") != "Manually":
        _plan_sending(sandbox, invoice)


def send(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Send an attested invoice for the first time. Raises Refusal (400) when it was sent or is closed."""
    require(invoice, "CanSendManualInvoice", "sent")
    _cancel_timer(sandbox, invoice)
    invoice.send_at = None
    invoice.sent = dates.wire_now()
    if invoice.stage == "Attested":
        invoice.stage = "InvoiceSent"
    note(invoice, "InvoiceSent", invoice.entry.get("DeliveryMethod", "Email"))
    _record(sandbox, invoice, "invoice.sent", "InvoiceActionStateChanged")


def schedule(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Have the loop send it when its time has come; used at attest and after a restart."""
    if invoice.send_at is None or not invoice.is_open:
        return
    seconds = (dates.parse(invoice.send_at) - dates.now()).total_seconds()
    delay = max(seconds, sandbox.settings.send_delay)
    sandbox.timers[invoice.action_id] = asyncio.get_running_loop().call_later(delay, _send_when_due, sandbox, invoice.action_id)


def close(sandbox: BillectaSandbox, invoice: Invoice, stage: str = "Completed") -> None:
    """Close an invoice on which nothing is left, or that was cancelled; journals and tells nothing by itself."""
    _cancel_timer(sandbox, invoice)
    invoice.send_at = None
    invoice.closed = dates.wire_now()
    invoice.stage = stage
    note(invoice, stage)


def reopen(invoice: Invoice) -> None:
    """Open an invoice again that was closed because nothing was left; journals and tells nothing by itself."""
    if invoice.closed is None:
        return
    invoice.closed = None
    reached = {
        "SentToDebtCollection": invoice.debt_collection_sent,
        "ReminderInvoiceSent": invoice.reminder_sent,
        "InvoiceSent": invoice.sent,
    }
    invoice.stage = next((stage for stage, when in reached.items() if when), "Attested")


def cancel(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Withdraw an attested invoice that nothing was paid on, as Billecta's staff can. Raises Refusal (400)."""
    if not invoice.is_open or invoice.paid or invoice.credited or invoice.written_off:
        raise Refusal(400, "Only an open invoice without payments can be cancelled")
    close(sandbox, invoice, "Cancelled")
    _record(sandbox, invoice, "invoice.cancelled", "InvoiceActionStateChanged")


def make_manual(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Switch automation off for an invoice. Raises Refusal (400)."""
    require(invoice, "CanMakeManual", "made manual")
    _cancel_timer(sandbox, invoice)
    invoice.send_at = None
    invoice.stage = "Manual"
    note(invoice, "MadeManual")
    _record(sandbox, invoice, "invoice.made_manual", "InvoiceActionStateChanged")


def require(invoice: Invoice, flag: str, verb: str) -> None:
    """Raise Refusal (400) unless the flag says that the operation is legal now."""
    if not can_flags(invoice)[flag]:
        raise Refusal(400, f"The invoice cannot be {verb} in its current state ({invoice.stage})")


def _record(sandbox: BillectaSandbox, invoice: Invoice, effect: str, *webhooks: str, **ids: object) -> None:
    sandbox.changed(effect, action=invoice.action_id, debtor=invoice.debtor_id, creditor=invoice.creditor_id, **ids)
    for event in webhooks:
        sandbox.tell(event, invoice)


def _checked(sandbox: BillectaSandbox, entry: View) -> View:
    """The entry with its dates filled in, after it was found to fit the books."""
    books = sandbox.books
    creditor, debtor = books.creditors.get(entry.get("CreditorPublicId", "")), books.debtors.get(entry.get("DebtorPublicId", ""))
    if creditor is None:
        raise Refusal(400, "CreditorPublicId does not name a creditor")
    if debtor is None or debtor["CreditorPublicId"] != creditor["CreditorPublicId"]:
        raise Refusal(400, "DebtorPublicId does not name a debtor of the creditor")
    crediting = entry.get("CreditingInvoicePublicId")
    if crediting and (crediting not in books.invoices or books.invoices[crediting].creditor_id != creditor["CreditorPublicId"]):
        raise Refusal(400, "CreditingInvoicePublicId does not name an invoice of the creditor")
    invoice_date = entry.get("InvoiceDate") or dates.wire_today()
    due_date = entry.get("DueDate") or dates.days_later(invoice_date, DEFAULT_TERMS_DAYS)
    _check_records(sandbox, entry)
    return {**entry, "InvoiceDate": invoice_date, "DueDate": due_date}


def _check_records(sandbox: BillectaSandbox, entry: View) -> None:
    records = entry.get("Records") or []
    currencies = {record["UnitPrice"]["CurrencyCode"] for record in records if record.get("UnitPrice")}
    if len(currencies) > 1:
        raise Refusal(400, f"Records are in several currencies: {', '.join(sorted(currencies))}")
    for number, record in enumerate(records):
        product = record.get("ProductPublicId")
        if product and sandbox.books.products.get(product, {}).get("CreditorPublicId") != entry["CreditorPublicId"]:
            raise Refusal(400, f"Records[{number}].ProductPublicId does not name a product of the creditor")


def _calculate(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    creditor = sandbox.books.creditor(invoice.creditor_id)
    invoice.totals = calculate(invoice.entry, use_cent_rounding=bool(creditor.get("UseCentRounding")))


def _next_number(creditor: View) -> str:
    number: str = creditor.get("NextInvoiceNumber") or "1"
    creditor["NextInvoiceNumber"] = str(int(number) + 1)
    return number


def _must_be_draft(invoice: Invoice, verb: str) -> None:
    if invoice.attested is not None or invoice.closed is not None:
        raise Refusal(400, f"The invoice is already attested and cannot be {verb}")


def _plan_sending(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    invoice.send_at = max(dates.wire_now(), invoice.entry.get("InvoiceSendDateOverride") or "")
    if sandbox.settings.send_delay <= 0 and dates.parse(invoice.send_at) <= dates.now():
        send(sandbox, invoice)
    else:
        schedule(sandbox, invoice)


def _send_when_due(sandbox: BillectaSandbox, action_id: str) -> None:
    sandbox.timers.pop(action_id, None)
    invoice = sandbox.books.invoices.get(action_id)
    if invoice is not None and can_flags(invoice)["CanSendManualInvoice"] and not invoice.is_paused:
        send(sandbox, invoice)


def _cancel_timer(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    timer = sandbox.timers.pop(invoice.action_id, None)
    if timer is not None:
        timer.cancel()
