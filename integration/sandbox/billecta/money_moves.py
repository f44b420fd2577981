"""Money on invoices: payments, overpayments, credits and write-offs, and matching money that came without a reference."""

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Invoice, Payment, Unhandled
from integration.sandbox.billecta.events import money, note
from integration.sandbox.billecta.flags import is_credit_invoice
from integration.sandbox.billecta.lifecycle import close, require
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.payment_views import payment_view, unhandled_view
from integration.sandbox.billecta.sandbox import BillectaSandbox

BANKGIRO = "BG"
"""The payment mean of money that comes by itself."""


def pay(
    sandbox: BillectaSandbox, invoice: Invoice, ore: int | None = None, *, on: str | None = None, mean: str | None = None
) -> tuple[Payment, Unhandled | None]:
    """Take in money for an invoice: all that is left when `ore` is None; what is more than that becomes an overpayment.

    `on` is the payment date in the wire form (default today). Raises Refusal (400) when nothing can be paid.
    """
    require(invoice, "CanRegisterPayment", "paid")
    received = invoice.left if ore is None else ore
    if received <= 0:
        raise Refusal(400, "The amount must be more than zero")
    date = on or dates.wire_today()
    used = min(received, invoice.left)
    payment = _book(sandbox, invoice, "payment", used, date, mean or BANKGIRO)
    invoice.paid += used
    invoice.last_paid = date
    note(invoice, "Paid", money(used, invoice.currency), at=date, reference=payment.reference_id)
    tell_and_close(sandbox, invoice, payment, "payment.registered", "InvoicePaymentReceived")
    overpayment = overpay(sandbox, invoice, received - used, date) if received > used else None
    return payment, overpayment


def credit(sandbox: BillectaSandbox, invoice: Invoice, ore: int | None = None, *, comment: str | None = None) -> Payment:
    """Credit an invoice, wholly when `ore` is None. Raises Refusal (400) when it is more than what is left."""
    require(invoice, "CanCreateCreditInvoice", "credited")
    amount = _within_left(invoice, ore, "credited")
    payment = _book(sandbox, invoice, "credit", amount, dates.wire_today(), "Credit")
    invoice.credited += amount
    note(invoice, "Credited", " ".join(filter(None, [money(amount, invoice.currency), comment])), reference=payment.reference_id)
    tell_and_close(sandbox, invoice, payment, "invoice.credited", "AmountCreditedOnInvoice")
    return payment


def write_off(sandbox: BillectaSandbox, invoice: Invoice, ore: int | None = None) -> Payment:
    """Give up the claim, or `ore` of it. Raises Refusal (400) when it is more than what is left."""
    require(invoice, "CanRegisterPayment", "written off")
    amount = _within_left(invoice, ore, "written off")
    payment = _book(sandbox, invoice, "write-off", amount, dates.wire_today(), "WriteOff")
    invoice.written_off += amount
    note(invoice, "WrittenOff", money(amount, invoice.currency), reference=payment.reference_id)
    tell_and_close(sandbox, invoice, payment, "invoice.written_off", "AmountWrittenOffOnInvoice")
    return payment


def overpay(sandbox: BillectaSandbox, invoice: Invoice, ore: int, on: str) -> Unhandled:
    """Keep what was paid beyond an invoice as an unhandled overpayment."""
    unhandled = Unhandled(
        unhandled_id=new_guid(),
        creditor_id=invoice.creditor_id,
        type="OverPayment",
        amount=ore,
        currency=invoice.currency,
        payment_date=on,
        reference=invoice.ocr,
        sender_name=(invoice.debtor or {}).get("Name"),
        debtor_id=invoice.debtor_id,
        action_id=invoice.action_id,
    )
    note(invoice, "OverPayment", money(ore, invoice.currency), at=on, reference=unhandled.unhandled_id)
    return keep_unhandled(sandbox, unhandled, "Overpayment")


def keep_unhandled(sandbox: BillectaSandbox, unhandled: Unhandled, event: str) -> Unhandled:
    """Add unhandled money to the books and tell about it: `event` is UnmatchedPayment or Overpayment."""
    sandbox.books.unhandled[unhandled.unhandled_id] = unhandled
    sandbox.changed("payment.unhandled", unhandled=unhandled.unhandled_id, creditor=unhandled.creditor_id, amount_ore=unhandled.amount)
    sandbox.webhooks.announce(event, unhandled.creditor_id, lambda: unhandled_view(sandbox.books, unhandled))
    return unhandled


def match(sandbox: BillectaSandbox, unhandled: Unhandled, invoice: Invoice, on: str | None = None) -> None:
    """Use unhandled money on an invoice; what the invoice does not need stays unhandled. Raises Refusal (400)."""
    if unhandled.state != "Unhandled":
        raise Refusal(400, f"The payment is already {unhandled.state}")
    if unhandled.creditor_id != invoice.creditor_id or unhandled.currency != invoice.currency:
        raise Refusal(400, "Payment and invoice belong to different creditors or currencies")
    require(invoice, "CanRegisterPayment", "matched")
    used = min(unhandled.amount, invoice.left)
    if used == unhandled.amount:
        unhandled.state = "UsedOnInvoice"
        unhandled.used_on = invoice.action_id
    else:
        unhandled.amount -= used
    pay(sandbox, invoice, used, on=on or unhandled.payment_date)
    sandbox.changed("payment.matched", unhandled=unhandled.unhandled_id, action=invoice.action_id, amount_ore=used)


def settle_by_credit_invoice(sandbox: BillectaSandbox, invoice: Invoice) -> None:
    """Once a credit invoice is attested, credit the invoice it names and close both sides of what was used."""
    source = sandbox.books.invoices.get(invoice.entry.get("CreditingInvoicePublicId") or "")
    if source is None or not is_credit_invoice(invoice):
        return
    amount = min(abs(invoice.totals.invoiced), source.left)
    if source.is_open and amount > 0:
        credit(sandbox, source, amount, comment=f"Credit invoice {invoice.number}")
    close(sandbox, invoice)
    sandbox.changed("invoice.completed", action=invoice.action_id, debtor=invoice.debtor_id, creditor=invoice.creditor_id)
    sandbox.tell("InvoiceActionStateChanged", invoice)


def tell_and_close(sandbox: BillectaSandbox, invoice: Invoice, payment: Payment, effect: str, event: str) -> None:
    """Close the invoice when nothing is left, journal, then raise the webhooks in the order Billecta plausibly does."""
    is_settled = invoice.left == 0
    if is_settled:
        close(sandbox, invoice)
    sandbox.changed(
        effect,
        action=invoice.action_id,
        debtor=invoice.debtor_id,
        creditor=invoice.creditor_id,
        payment=payment.reference_id,
        amount_ore=payment.amount,
    )
    sandbox.webhooks.announce(event, invoice.creditor_id, lambda: payment_view(sandbox.books, payment))
    if is_settled and payment.kind == "payment":
        sandbox.tell("InvoiceActionPaid", invoice)
    if is_settled:
        sandbox.tell("InvoiceActionStateChanged", invoice)


def _within_left(invoice: Invoice, ore: int | None, verb: str) -> int:
    amount = invoice.left if ore is None else ore
    if not 0 < amount <= invoice.left:
        raise Refusal(400, f"{money(amount, invoice.currency)} cannot be {verb}: {money(invoice.left, invoice.currency)} is left")
    return amount


def _book(sandbox: BillectaSandbox, invoice: Invoice, kind: str, ore: int, on: str, mean: str) -> Payment:
    payment = Payment(
        reference_id=new_guid(),
        creditor_id=invoice.creditor_id,
        action_id=invoice.action_id,
        debtor_id=invoice.debtor_id,
        kind=kind,
        amount=ore,
        currency=invoice.currency,
        payment_date=on,
        created=dates.wire_now(),
        mean=mean,
    )
    sandbox.books.payments.append(payment)
    return payment
