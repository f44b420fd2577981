"""Payments: credits and payments on invoices, what came in, what is unhandled, and Swish."""

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates, dunning, money_moves, wire
from integration.sandbox.billecta.books import Invoice, Payment, Unhandled, View
from integration.sandbox.billecta.payment_views import payment_view, swish_view, unhandled_view
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.schema import complete, read


async def credit(request: web.Request) -> web.Response:
    """Credit from a CreditActionView; without a Value all that is left."""
    sandbox = billecta(request)
    given = await wire.read_body(request, "CreditActionView")
    invoice = sandbox.books.invoice(given.get("ActionPublicId") or "")
    money_moves.credit(sandbox, invoice, _ore(invoice, given, "Value"), comment=given.get("Comment"))
    return wire.empty()


async def register_payment(request: web.Request) -> web.Response:
    """Take in Amount, then write off WriteOff, from a RegisterPaymentView.

    More than is left is refused unless OvershootingAmountHandling says what to do with it: keep it as an overpayment, or book it as a
    currency difference, which leaves nothing behind.
    """
    sandbox = billecta(request)
    given = await wire.read_body(request, "RegisterPaymentView")
    invoice = sandbox.books.invoice(given.get("ActionPublicId") or "")
    amount, write_off = _ore(invoice, given, "Amount") or 0, _ore(invoice, given, "WriteOff") or 0
    _check_registered(invoice, given, amount, write_off)
    if amount:
        is_cut = given.get("OvershootingAmountHandling") == "AsCurrencyDifference"
        paid = min(amount, invoice.left) if is_cut else amount
        money_moves.pay(sandbox, invoice, paid, on=given.get("Date"), mean=given.get("PaymentMeanCode"))
    if write_off:
        money_moves.write_off(sandbox, invoice, write_off)
    return wire.empty()


async def incoming_payments(request: web.Request) -> web.Response:
    """IncomingPaymentsView: payments on invoices with a payment date from From to To, both included (assumed: the payment date)."""
    books = billecta(request).books
    given = await wire.read_body(request, "IncomingPaymentRequestView")
    creditor_id = books.creditor(given.get("CreditorPublicId", ""))["CreditorPublicId"]
    found = (payment for payment in books.payments if payment.creditor_id == creditor_id and payment.kind == "payment")
    return wire.page(request, (payment for payment in found if _is_asked_for(payment, given)), lambda one: payment_view(books, one))


async def unhandled_payments(request: web.Request) -> web.Response:
    """UnhandledPaymentsView: what is still unhandled."""
    books = billecta(request).books
    creditor_id = books.creditor(wire.guid(request, "creditor"))["CreditorPublicId"]
    found = (one for one in books.unhandled.values() if one.creditor_id == creditor_id and one.state == "Unhandled")
    return wire.page(request, found, lambda one: unhandled_view(books, one))


async def match_payments(request: web.Request) -> web.Response:
    """PaymentMatchResultsView from an array of PaymentMatchView: each is matched or says why not."""
    sandbox = billecta(request)
    sandbox.books.creditor(wire.guid(request, "creditor"))
    given = await wire.body(request)
    if not isinstance(given, list):
        raise Refusal(400, "The request body must be a JSON array")
    matches = [read("PaymentMatchView", one, f"[{position}]") for position, one in enumerate(given)]
    return wire.answer([_matched(sandbox, match, wire.guid(request, "creditor")) for match in matches])


async def outgoing_payments(request: web.Request) -> web.Response:
    """OutgoingPaymentStatusesView: paid out on a day from `from` to `to`; they are put in by seeding."""
    books = billecta(request).books
    creditor_id = books.creditor(wire.guid(request, "creditor"))["CreditorPublicId"]
    first, last = wire.period(request)
    found = (one for one in books.outgoing_payments if one["CreditorPublicId"] == creditor_id)
    return wire.page(
        request,
        (one for one in found if first <= dates.day(one["PaymentDate"]) <= last),
        lambda one: complete("OutgoingPaymentStatusView", one),
    )


async def swish_create(request: web.Request) -> web.Response:
    """CreatedView with the request's id; `phone` and `message` in the query."""
    sandbox = billecta(request)
    invoice = sandbox.books.invoice(request.match_info["action"])
    swish = dunning.request_swish(sandbox, invoice, request.query.get("phone", ""), request.query.get("message", ""))
    return wire.created(swish.request_id)


async def swish_status(request: web.Request) -> web.Response:
    """SwishPaymentStatusView."""
    swish = billecta(request).books.swish.get(request.match_info["request"])
    if swish is None:
        raise Refusal(404, "The Swish request was not found")
    return wire.answer(swish_view(swish))


def _ore(invoice: Invoice, given: View, name: str) -> int | None:
    """An amount of the body in öre. Raises Refusal (400) when it is in another currency than the invoice."""
    amount = given.get(name)
    if amount is None:
        return None
    if amount["CurrencyCode"] != invoice.currency:
        raise Refusal(400, f"{name} must be in {invoice.currency}")
    return int(amount["Value"])


def _check_registered(invoice: Invoice, given: View, amount: int, write_off: int) -> None:
    handling = given.get("OvershootingAmountHandling", "None")
    if amount < 0 or write_off < 0 or amount + write_off == 0:
        raise Refusal(400, "Amount or WriteOff must be more than zero")
    if amount > invoice.left and (handling not in {"AsCurrencyDifference", "AsOverPayments"} or write_off):
        raise Refusal(400, "Amount is more than what is left and OvershootingAmountHandling does not allow it")
    if amount <= invoice.left < amount + write_off:
        raise Refusal(400, "Amount and WriteOff together are more than what is left")


def _is_asked_for(payment: Payment, given: View) -> bool:
    day = dates.day(payment.payment_date)
    return (
        ("From" not in given or dates.day(given["From"]) <= day)
        and ("To" not in given or day <= dates.day(given["To"]))
        and (not given.get("ActionPublicIdFilter") or payment.action_id in given["ActionPublicIdFilter"])
        and (not given.get("PaymentMeanCodeFilter") or payment.mean in given["PaymentMeanCodeFilter"])
    )


def _matched(sandbox: BillectaSandbox, match: View, creditor_id: str) -> View:
    try:
        unhandled = _unhandled(sandbox, match, creditor_id)
        money_moves.match(sandbox, unhandled, sandbox.books.invoice(match.get("ActionPublicId") or ""), match.get("PaymentDate"))
    except Refusal as refusal:
        result = {"Successfull": False, "ResponseMessage": refusal.message}
    else:
        result = {"Successfull": True}
    return complete("PaymentMatchResultView", {"UnhandledPaymentPublicId": match.get("UnhandledPaymentPublicId"), **result})


def _unhandled(sandbox: BillectaSandbox, match: View, creditor_id: str) -> Unhandled:
    unhandled = sandbox.books.unhandled.get(match.get("UnhandledPaymentPublicId", ""))
    if unhandled is None or unhandled.creditor_id != creditor_id:
        raise Refusal(404, "The unhandled payment was not found")
    return unhandled
