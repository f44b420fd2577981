"""The lines of an action's history, as its `Events` shows them."""

from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Invoice, View
from integration.sandbox.billecta.numbering import new_guid

TITLES = {
    "Created": "Invoice created",
    "Updated": "Invoice changed",
    "Attested": "Invoice attested",
    "InvoiceSent": "Invoice sent",
    "InvoiceDue": "Invoice due",
    "Paid": "Payment received",
    "Credited": "Amount credited",
    "WrittenOff": "Amount written off",
    "OverPayment": "Overpayment received",
    "ReminderInvoiceSent": "Reminder sent",
    "SentToDebtCollection": "Sent to debt collection",
    "Paused": "Paused",
    "Resumed": "Resumed",
    "Disputed": "Disputed",
    "UnDisputed": "Dispute cancelled",
    "MadeManual": "Made manual",
    "Cancelled": "Invoice cancelled",
    "Completed": "Invoice closed",
    "CommentedByCreditor": "Comment",
    "AutogiroCancelledWithdrawal": "Autogiro withdrawal cancelled",
    "DebtCollectionSent": "Debt-collection claim sent",
    "PaymentInitiated": "Swish request sent",
}


def event(event_type: str, content: str = "", *, at: str | None = None, reference: str | None = None, public: bool = True) -> View:
    """One line: an EventTypeView name, its text, when it happened (wire form, default now) and what it refers to."""
    return {
        "Title": TITLES[event_type],
        "Content": content,
        "EventDate": at or dates.wire_now(),
        "EventBy": "sandbox",
        "Reference": reference,
        "EventType": event_type,
        "IsPublic": public,
        "HasOccured": True,
        "EventPublicId": new_guid(),
    }


def note(invoice: Invoice, event_type: str, content: str = "", *, at: str | None = None, reference: str | None = None) -> None:
    """Add a line to an invoice's history."""
    invoice.events.append(event(event_type, content, at=at, reference=reference))


def history(invoice: Invoice) -> list[View]:
    """An invoice's lines: those still to come show `HasOccured` false until their day has passed."""
    today = dates.wire_today()
    return [{**line, "HasOccured": line["EventType"] != "InvoiceDue" or line["EventDate"] < today} for line in invoice.events]


def money(ore: int, currency: str) -> str:
    """An amount in öre as a person reads it, thousands apart by a no-break space."""
    sign, whole = "-" if ore < 0 else "", f"{abs(ore) // 100:,}".replace(",", "\u00a0")
    return f"{sign}{whole},{abs(ore) % 100:02d} {currency}"
