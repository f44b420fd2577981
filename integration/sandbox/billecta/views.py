"""Billecta's views of parties, invoices, cases and files. Every one goes through `complete`, so that none lacks a property."""

from functools import cache
from typing import Any

from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Books, DebtCollection, Invoice, StoredFile, View
from integration.sandbox.billecta.events import history
from integration.sandbox.billecta.flags import can_flags, is_credit_invoice, is_overdue, uses_autogiro
from integration.sandbox.billecta.schema import amount, complete, models

OPEN_STAGES = {"Attested", "InvoiceSent", "ReminderInvoiceSent"}


def creditor_view(creditor: View) -> View:
    """CreditorView."""
    return complete("CreditorView", creditor)


def creditor_sub_view(creditor: View) -> View:
    """CreditorSubView."""
    names = models()["models"]["CreditorSubView"]
    return complete("CreditorSubView", {name: value for name, value in creditor.items() if name in names})


def debtor_view(debtor: View) -> View:
    """DebtorView."""
    return complete("DebtorView", debtor)


def product_view(product: View) -> View:
    """ProductView; its UnitPrice is a bare number in kronor."""
    return complete("ProductView", product)


def invoice_view(books: Books, invoice: Invoice) -> View:
    """InvoiceActionView."""
    shared = _names_shared_with_entry()
    values: View = {name: value for name, value in invoice.entry.items() if name in shared}
    values.update(can_flags(invoice))
    values.update(_amounts(invoice))
    values.update(
        ActionPublicId=invoice.action_id,
        Created=invoice.created,
        Debtor=invoice.debtor or books.debtors.get(invoice.debtor_id),
        State=_state(invoice),
        Invoices=[_printed(books, invoice)] if invoice.attested else [],
        Records=_records(invoice),
        Events=history(invoice),
        PaymentTermsInDays=(dates.day(invoice.entry["DueDate"]) - dates.day(invoice.entry["InvoiceDate"])).days,
        InterestTermsInDays=invoice.entry.get("InterestStartInDaysAfterDueDate", 0),
        InvoiceNumber=invoice.number or invoice.entry.get("InvoiceNumber"),
        ActionType=action_type(invoice),
        DebtCollectionActionPublicId=invoice.debt_collection_id,
        ReminderInvoiceActionPublicId=invoice.reminder_id,
        CreditingInvoice=_crediting(books, invoice),
    )
    return complete("InvoiceActionView", values)


def invoice_sub_view(books: Books, invoice: Invoice) -> View:
    """InvoiceActionSubView, one line of a list."""
    creditor = books.creditors.get(invoice.creditor_id, {})
    debtor = invoice.debtor or books.debtors.get(invoice.debtor_id) or {}
    next_event, next_date = _next_event(invoice)
    return complete(
        "InvoiceActionSubView",
        {
            "ActionPublicId": invoice.action_id,
            "CreditorPublicId": invoice.creditor_id,
            "DebtorPublicId": invoice.debtor_id,
            "CreditorOrgNo": creditor.get("OrgNo"),
            "CreditorName": creditor.get("Name"),
            "DebtorOrgNo": debtor.get("OrgNo"),
            "DebtorName": debtor.get("Name"),
            "CurrentAmount": amount(invoice.left, invoice.currency),
            "InvoicedAmount": amount(invoice.totals.invoiced, invoice.currency),
            "TotalVATAmount": amount(invoice.totals.vat, invoice.currency),
            "AwaitingPaymentTransferAmount": amount(0, invoice.currency),
            "Stage": invoice.stage,
            "ActionType": action_type(invoice),
            "DeliveryMethod": invoice.entry.get("DeliveryMethod"),
            "DeliveryStatus": "Received" if invoice.sent else "Unknown",
            "ClosedDate": invoice.closed,
            "Created": invoice.created,
            "InvoiceSentDate": invoice.sent,
            "ReminderInvoiceSentDate": invoice.reminder_sent,
            "AttestedDate": invoice.attested,
            "NextEventDate": next_date,
            "NextEvent": next_event,
            "DueDate": invoice.entry["DueDate"],
            "InvoiceDate": invoice.entry["InvoiceDate"],
            "InvoiceNumber": invoice.number or invoice.entry.get("InvoiceNumber"),
            "IsCommented": invoice.is_commented,
            "IsLocked": invoice.attested is not None,
            "IsPaused": invoice.is_paused,
            "IsDisputed": invoice.disputed is not None,
            "OCR": invoice.ocr,
            "File": _file_reference(books, invoice),
            "DebtCollectionActionPublicId": invoice.debt_collection_id,
            "ReminderInvoiceActionPublicId": invoice.reminder_id,
            "AutogiroWithdrawalEnabled": uses_autogiro(invoice),
            "YourReference": invoice.entry.get("YourReference"),
        },
    )


def debt_collection_view(books: Books, case: DebtCollection) -> View:
    """DebtCollectionActionView."""
    values = {
        **case.facts,
        "ActionPublicId": case.action_id,
        "CreditorPublicId": case.creditor_id,
        "Created": case.created,
        "Debtor": books.debtors.get(case.debtor_id),
        "InvoiceSourcePublicId": case.invoice_id,
        "Invoices": [],
        "Events": case.events,
    }
    invoice = books.invoices.get(case.invoice_id or "")
    if invoice is not None:
        values["CurrentAmount"] = amount(invoice.left, invoice.currency)
        values["OriginalInvoiceFile"] = _file_reference(books, invoice)
        if invoice.closed and not case.facts["State"].get("ClosedDate"):
            values["State"] = {**case.facts["State"], "Stage": "Completed", "ClosedDate": invoice.closed}
    return complete("DebtCollectionActionView", values)


def file_view(file: StoredFile, data: str | None = None) -> View:
    """FileView; without `data` (base64) it is the reference that other views carry."""
    return complete("FileView", {"FilePublicId": file.file_id, "ContentType": file.content_type, "FileName": file.name, "Data": data})


def action_type(invoice: Invoice) -> str:
    """Its ActionTypeView name."""
    return "CreditInvoiceAction" if is_credit_invoice(invoice) else str(invoice.entry.get("ActionType") or "InvoiceAction")


@cache
def _names_shared_with_entry() -> set[str]:
    views = models()["models"]
    return set(views["InvoiceActionView"]) & set(views["InvoiceActionEntryView"])


def _amounts(invoice: Invoice) -> View:
    currency, totals = invoice.currency, invoice.totals
    values = {
        "InvoicedAmount": totals.invoiced,
        "InterestAmount": 0,
        "RotRutDeductionAmount": totals.deduction,
        "CurrentAmount": invoice.left,
        "CreditedAmount": invoice.credited,
        "PaidAmount": invoice.paid,
        "WriteOffAmount": invoice.written_off,
        "AwaitingPaymentTransferAmount": 0,
        "TotalVATAmount": totals.vat,
        "CentRoundingAmount": totals.rounding,
    }
    return {name: amount(ore, currency) for name, ore in values.items()}


def _records(invoice: Invoice) -> list[View]:
    currency, records = invoice.currency, []
    for number, (record, row) in enumerate(zip(invoice.entry.get("Records") or [], invoice.totals.rows, strict=True), 1):
        records.append(
            {
                "SequenceNo": number,
                **record,
                "TotalIncVAT": amount(row.net + row.vat, currency),
                "TotalExclVATNoDiscount": amount(row.undiscounted, currency),
                "TotalExclVAT": amount(row.net, currency),
            }
        )
    return records


def _state(invoice: Invoice) -> View:
    next_event, next_date = _next_event(invoice)
    return {
        "Stage": invoice.stage,
        "InvoiceSentDate": invoice.sent,
        "NextEventDate": next_date,
        "NextEvent": next_event,
        "ClosedDate": invoice.closed,
        "IsPaused": invoice.is_paused,
        "IsLocked": invoice.attested is not None,
        "AttestedDate": invoice.attested,
        "DisputedDate": invoice.disputed,
        "SmsSentDate": invoice.sent if invoice.entry.get("DeliveryMethod") == "SMS" else None,
        "SentToDebtCollectionDate": invoice.debt_collection_sent,
        "SwishPaymentPublicId": invoice.swish_id,
        "UseDebtorBalance": invoice.entry.get("UseDebtorBalance", False),
    }


def _next_event(invoice: Invoice) -> tuple[str | None, str | None]:
    """What happens by itself next, and when (wire form)."""
    if not invoice.is_open or invoice.is_paused or invoice.disputed:
        return None, None
    if invoice.send_at:
        return "WillSendInvoice", invoice.send_at
    if invoice.stage in OPEN_STAGES and not is_overdue(invoice):
        return "InvoiceDue", invoice.entry["DueDate"]
    return None, None


def _printed(books: Books, invoice: Invoice) -> View:
    """InvoiceActionInvoiceView: the invoice as it was made out."""
    debtor: View = invoice.debtor or {}
    override = invoice.entry.get("DeliveryAddressOverride") or {}
    address: dict[str, Any] = {
        name: override.get(name) or debtor.get(name) for name in ("Name", "Address", "Address2", "ZipCode", "City", "CountryCode", "Email")
    }
    return {
        **address,
        "InvoiceDate": invoice.entry["InvoiceDate"],
        "DueDate": invoice.entry["DueDate"],
        "InvoiceNumber": invoice.number,
        "InvoiceDecription": invoice.entry.get("Message"),
        "PaymentTermsInDays": (dates.day(invoice.entry["DueDate"]) - dates.day(invoice.entry["InvoiceDate"])).days,
        "OurReference": invoice.entry.get("OurReference"),
        "YourReference": invoice.entry.get("YourReference"),
        "InvoicedAmount": amount(invoice.totals.invoiced, invoice.currency),
        "InvoiceFile": _file_reference(books, invoice),
        "OCR": invoice.ocr,
    }


def _file_reference(books: Books, invoice: Invoice) -> View | None:
    return file_view(books.files[invoice.file_id]) if invoice.file_id else None


def _crediting(books: Books, invoice: Invoice) -> View | None:
    source = invoice.entry.get("CreditingInvoicePublicId")
    if not source:
        return None
    credited = books.invoices.get(source)
    return {"SourcePublicId": source, "SourceInvoiceId": credited.number if credited else None}
