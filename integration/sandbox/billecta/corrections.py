"""Money that was booked wrong: a payment is taken back, or moved to another invoice under the same reference (assumed)."""

from integration.sandbox.base import Refusal
from integration.sandbox.billecta.books import Invoice, Payment
from integration.sandbox.billecta.events import money, note
from integration.sandbox.billecta.lifecycle import reopen, require
from integration.sandbox.billecta.money_moves import tell_and_close
from integration.sandbox.billecta.sandbox import BillectaSandbox


def take_back(sandbox: BillectaSandbox, invoice: Invoice, reference: str | None = None) -> Payment:
    """Undo a payment of an invoice, the latest when `reference` is None, and open the invoice again. Raises Refusal (404)."""
    payment = _payment(sandbox, invoice, reference)
    sandbox.books.payments.remove(payment)
    _uncount(invoice, payment)
    sandbox.changed("payment.taken_back", action=invoice.action_id, payment=payment.reference_id, amount_ore=payment.amount)
    sandbox.tell("InvoiceActionStateChanged", invoice)
    return payment


def move(sandbox: BillectaSandbox, invoice: Invoice, to: Invoice, reference: str | None = None) -> Payment:
    """Put a payment of an invoice, the latest when `reference` is None, on another. Raises Refusal (400, 404)."""
    payment = _payment(sandbox, invoice, reference)
    require(to, "CanRegisterPayment", "paid")
    if payment.amount > to.left or payment.currency != to.currency or payment.creditor_id != to.creditor_id:
        raise Refusal(400, f"{money(payment.amount, payment.currency)} does not fit invoice {to.action_id}")
    _uncount(invoice, payment)
    payment.action_id, payment.debtor_id = to.action_id, to.debtor_id
    to.paid += payment.amount
    to.last_paid = payment.payment_date
    note(to, "Paid", money(payment.amount, to.currency), at=payment.payment_date, reference=payment.reference_id)
    tell_and_close(sandbox, to, payment, "payment.moved", "InvoicePaymentReceived")
    sandbox.tell("InvoiceActionStateChanged", invoice)
    return payment


def _payment(sandbox: BillectaSandbox, invoice: Invoice, reference: str | None) -> Payment:
    found = [one for one in sandbox.books.payments if one.action_id == invoice.action_id and one.kind == "payment"]
    asked_for = [one for one in found if reference in (None, one.reference_id)]
    if not asked_for:
        raise Refusal(404, f"Invoice action {invoice.action_id} has no such payment")
    return asked_for[-1]


def _uncount(invoice: Invoice, payment: Payment) -> None:
    invoice.paid -= payment.amount
    note(invoice, "Updated", f"Payment of {money(payment.amount, payment.currency)} taken back", reference=payment.reference_id)
    reopen(invoice)
