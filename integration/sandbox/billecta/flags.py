"""What may be done with an invoice now: the `Can…` flags, each derived from its state. Billecta publishes no rules for them (assumed)."""

from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Invoice


def can_flags(invoice: Invoice) -> dict[str, bool]:
    """Every `Can…` property of InvoiceActionView. Handlers ask the same flags before they act, so that a flag never lies."""
    is_open, is_credit = invoice.is_open, is_credit_invoice(invoice)
    in_collection = invoice.debt_collection_sent is not None
    has_debt = is_open and invoice.left > 0 and not is_credit
    is_sent = is_open and invoice.sent is not None
    is_due = has_debt and is_sent and is_overdue(invoice)
    return {
        "CanPause": is_open and not invoice.is_paused,
        "CanResume": is_open and invoice.is_paused,
        "CanCreateCreditInvoice": has_debt,
        "CanCreateInterestInvoice": _was_paid_late(invoice),
        "CanRegisterPayment": has_debt,
        "CanMakeManual": is_open and invoice.stage != "Manual" and not in_collection,
        "CanSendManualInvoice": is_open and not is_sent,
        "CanResendManualInvoice": is_sent,
        "CanSendManualReminderInvoice": is_due and not in_collection and invoice.disputed is None,
        "CanPostpone": has_debt and not in_collection,
        "CanSendToDebtCollection": is_due and not in_collection and invoice.disputed is None,
        "CanDispute": has_debt and invoice.disputed is None,
        "CanUnDispute": is_open and invoice.disputed is not None,
        "CanSell": has_debt and is_sent and not is_overdue(invoice) and invoice.disputed is None and invoice.paid == 0,
        "CanCancelSalesRequest": False,
        "CanCreateAutogiroWithdrawal": has_debt and uses_autogiro(invoice),
    }


def is_overdue(invoice: Invoice) -> bool:
    """Whether its last day to pay has passed in Stockholm."""
    return dates.day(invoice.entry["DueDate"]) < dates.now().date()


def is_credit_invoice(invoice: Invoice) -> bool:
    """Whether it gives money back instead of asking for it."""
    return invoice.entry.get("ActionType") == "CreditInvoiceAction" or bool(invoice.entry.get("CreditingInvoicePublicId"))


def uses_autogiro(invoice: Invoice) -> bool:
    """Whether the amount is to be drawn from the debtor's account."""
    return bool((invoice.entry.get("Autogiro") or {}).get("AutogiroWithdrawalEnabled"))


def _was_paid_late(invoice: Invoice) -> bool:
    return (
        invoice.closed is not None and invoice.last_paid is not None and dates.day(invoice.last_paid) > dates.day(invoice.entry["DueDate"])
    )
