"""What is done to an open invoice while it waits for money: resend, remind, postpone, pause, dispute, comment, Swish."""

from typing import Any

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Invoice, Swish, View
from integration.sandbox.billecta.events import event, money, note
from integration.sandbox.billecta.lifecycle import require, send
from integration.sandbox.billecta.money_moves import pay
from integration.sandbox.billecta.numbering import new_action_id, new_guid
from integration.sandbox.billecta.sandbox import BillectaSandbox

PHONE_LENGTH, MESSAGE_LENGTH = 20, 50


def resend(sandbox: BillectaSandbox, invoice: Invoice, method: str | None = None) -> None:
    """Send again, or for the first time when it was never sent; `method` replaces the delivery method. Raises Refusal (400)."""
    if invoice.is_open and invoice.sent is None:
        invoice.entry["DeliveryMethod"] = method or invoice.entry.get("DeliveryMethod", "Email")
        send(sandbox, invoice)
        return
    require(invoice, "CanResendManualInvoice", "sent again")
    invoice.entry["DeliveryMethod"] = method or invoice.entry.get("DeliveryMethod", "Email")
    note(invoice, "InvoiceSent", invoice.entry["DeliveryMethod"])
    _changed(sandbox, invoice, "invoice.resent", method=invoice.entry["DeliveryMethod"])


def remind(sandbox: BillectaSandbox, invoice: Invoice, request: View) -> None:
    """Send a reminder from a SendReminderInvoiceView. Its fee stays with the reminder and does not change the invoice (assumed)."""
    require(invoice, "CanSendManualReminderInvoice", "reminded")
    fee = (request.get("ReminderFee") or {}).get("Value", 0)
    invoice.reminder_sent = dates.wire_now()
    invoice.reminder_id = new_action_id()
    invoice.stage = "ReminderInvoiceSent"
    note(invoice, "ReminderInvoiceSent", f"Fee {money(fee, invoice.currency)}" if fee else "", reference=invoice.reminder_id)
    _changed(sandbox, invoice, "invoice.reminded", reminder=invoice.reminder_id, fee_ore=fee)


def postpone(sandbox: BillectaSandbox, invoice: Invoice, due_date: str) -> None:
    """Move the last day to pay (wire form) to a later day. Raises Refusal (400)."""
    require(invoice, "CanPostpone", "postponed")
    if dates.day(due_date) < dates.day(invoice.entry["InvoiceDate"]):
        raise Refusal(400, "duedate is before the invoice date")
    invoice.entry["DueDate"] = due_date
    for line in invoice.events:
        if line["EventType"] == "InvoiceDue":
            line["EventDate"] = due_date
    note(invoice, "Updated", f"Due date {dates.day(due_date)}")
    sandbox.changed("invoice.postponed", action=invoice.action_id, due_date=due_date)
    sandbox.tell("InvoiceActionUpdated", invoice)


def pause(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Stop everything that would happen by itself. Raises Refusal (400)."""
    require(invoice, "CanPause", "paused")
    invoice.is_paused = True
    note(invoice, "Paused")
    _changed(sandbox, invoice, "invoice.paused")


def resume(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Let automation go on; a sending that was missed meanwhile happens now. Raises Refusal (400)."""
    require(invoice, "CanResume", "resumed")
    invoice.is_paused = False
    note(invoice, "Resumed")
    _changed(sandbox, invoice, "invoice.resumed")
    if invoice.send_at is not None and invoice.action_id not in sandbox.timers:
        send(sandbox, invoice)


def dispute(sandbox: BillectaSandbox, invoice: Invoice, comment: str = "") -> None:
    """Mark as disputed, which stops reminders and debt collection. Raises Refusal (400)."""
    require(invoice, "CanDispute", "disputed")
    invoice.disputed = dates.wire_now()
    note(invoice, "Disputed", comment)
    _changed(sandbox, invoice, "invoice.disputed")


def undispute(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """End a dispute. Raises Refusal (400)."""
    require(invoice, "CanUnDispute", "undisputed")
    invoice.disputed = None
    note(invoice, "UnDisputed")
    _changed(sandbox, invoice, "invoice.undisputed")


def comment_on(sandbox: BillectaSandbox, invoice: Invoice, request: View) -> None:
    """Add a comment from a CommentActionView; one to the debtor is public. Raises Refusal (400) when it is empty."""
    text = (request.get("Comment") or "").strip()
    if not text:
        raise Refusal(400, "Comment is required")
    invoice.is_commented = True
    invoice.events.append(event("CommentedByCreditor", text, public=request.get("Target") == "ToDebtor"))
    sandbox.changed("invoice.commented", action=invoice.action_id)
    sandbox.webhooks.announce("InvoiceCommented", invoice.creditor_id, lambda: {"ActionPublicId": invoice.action_id, "Comment": text})


def cancel_autogiro(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Do not draw the amount from the debtor's account. Raises Refusal (400) when none is planned."""
    require(invoice, "CanCreateAutogiroWithdrawal", "withdrawn from autogiro")
    invoice.entry["Autogiro"]["AutogiroWithdrawalEnabled"] = False
    note(invoice, "AutogiroCancelledWithdrawal")
    _changed(sandbox, invoice, "invoice.autogiro_cancelled")


def request_swish(sandbox: BillectaSandbox, invoice: Invoice, phone: str, message: str) -> Swish:
    """Ask a phone for what is left. Raises Refusal (400) for a missing or too long phone (20) or message (50)."""
    require(invoice, "CanRegisterPayment", "paid")
    if not phone or not message or len(phone) > PHONE_LENGTH or len(message) > MESSAGE_LENGTH:
        raise Refusal(400, f"phone (at most {PHONE_LENGTH} characters) and message (at most {MESSAGE_LENGTH}) are required")
    swish = Swish(new_guid().replace("-", "").upper(), invoice.action_id, phone, message, invoice.left, invoice.currency, dates.wire_now())
    sandbox.books.swish[swish.request_id] = swish
    invoice.swish_id = swish.request_id
    note(invoice, "PaymentInitiated", money(invoice.left, invoice.currency), reference=swish.request_id)
    sandbox.changed("swish.requested", action=invoice.action_id, request=swish.request_id, amount_ore=swish.amount)
    return swish


def answer_swish(sandbox: BillectaSandbox, swish: Swish, status: str) -> None:
    """What the person with the phone does: Paid, Declined or Cancelled. Raises Refusal (400) when it was answered before."""
    if swish.status != "Created" or status not in {"Paid", "Declined", "Cancelled"}:
        raise Refusal(400, f"A Swish request that is {swish.status} cannot become {status}")
    if status == "Paid":
        pay(sandbox, sandbox.books.invoice(swish.action_id), swish.amount, mean="Swish")
        swish.paid = dates.wire_now()
    swish.status = status
    sandbox.changed("swish.answered", request=swish.request_id, status=status)


def _changed(sandbox: BillectaSandbox, invoice: Invoice, effect: str, **details: Any) -> None:
    sandbox.changed(effect, action=invoice.action_id, debtor=invoice.debtor_id, creditor=invoice.creditor_id, **details)
    sandbox.tell("InvoiceActionStateChanged", invoice)
