"""Billecta's views of money: payments on invoices, unhandled payments and Swish requests."""

from integration.sandbox.billecta.books import Books, Payment, Swish, Unhandled, View
from integration.sandbox.billecta.schema import amount, complete
from integration.sandbox.billecta.views import action_type


def payment_view(books: Books, payment: Payment) -> View:
    """IncomingPaymentView, also what the webhooks about credits and write-offs carry."""
    invoice = books.invoices[payment.action_id]
    debtor = invoice.debtor or books.debtors.get(invoice.debtor_id) or {}
    return complete(
        "IncomingPaymentView",
        {
            "CreditorPublicId": payment.creditor_id,
            "InvoiceNumber": invoice.number,
            "ActionPublicId": payment.action_id,
            "ActionType": action_type(invoice),
            "DebtorPublicId": payment.debtor_id,
            "DebtorName": debtor.get("Name"),
            "Amount": amount(payment.amount, payment.currency),
            "CreatedDate": payment.created,
            "PaymentDate": payment.payment_date,
            "PaymentMeanCode": payment.mean,
            "PaymentReferenceId": payment.reference_id,
            "ExternalReference": invoice.entry.get("ExternalReference"),
            "OCR": invoice.ocr,
            "CreatedBy": payment.created_by,
        },
    )


def unhandled_view(books: Books, unhandled: Unhandled) -> View:
    """UnhandledPaymentView."""
    invoice = books.invoices.get(unhandled.action_id or "")
    details = invoice and {
        "ActionType": action_type(invoice),
        "ActionPublicId": invoice.action_id,
        "InvoiceNumber": invoice.number,
        "UsedOnActionPublicId": unhandled.used_on,
    }
    return complete(
        "UnhandledPaymentView",
        {
            "CreditorPublicId": unhandled.creditor_id,
            "UnhandledPaymentPublicId": unhandled.unhandled_id,
            "CreditorName": books.creditors.get(unhandled.creditor_id, {}).get("Name"),
            "SenderName": unhandled.sender_name,
            "DebtorPublicId": unhandled.debtor_id,
            "Amount": amount(unhandled.amount, unhandled.currency),
            "PaymentDate": unhandled.payment_date,
            "Reference": unhandled.reference,
            "CreatedBy": "sandbox",
            "UnhandledPaymentType": unhandled.type,
            "OverpaymentDetails": details,
            "AdditionalInformations": [],
            "State": unhandled.state,
        },
    )


def swish_view(swish: Swish) -> View:
    """SwishPaymentStatusView."""
    return complete(
        "SwishPaymentStatusView",
        {
            "PaymentRequestToken": swish.request_id,
            "Status": swish.status,
            "PaidDate": swish.paid,
            "Created": swish.created,
            "Amount": amount(swish.amount, swish.currency),
            "RefundedAmount": amount(0, swish.currency),
        },
    )
