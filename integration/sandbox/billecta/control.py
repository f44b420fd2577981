"""Billecta's own control routes: what banks, people and time do to invoices, seeding, webhooks, limits and settings."""

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import corrections, dates, dunning, lifecycle, money_moves
from integration.sandbox.billecta.books import Invoice, Unhandled
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.payment_views import payment_view, unhandled_view
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.seed import seed
from integration.sandbox.billecta.views import invoice_view
from integration.sandbox.control import Handler, add_control_route, answer, done, number, read_control


def add_billecta_control(app: web.Application) -> None:
    """Put Billecta's control routes on the application."""
    for method, path, handler in _ROUTES:
        add_control_route(app, method, path, handler)


async def _pay(request: web.Request) -> web.StreamResponse:
    """`amount_ore` (default: all that is left), `date`, `payment_mean`. Answers the payment and the overpayment, if any."""
    sandbox, invoice, data = await _asked(request)
    payment, overpayment = money_moves.pay(sandbox, invoice, _ore(data), on=_date(data), mean=data.get("payment_mean"))
    views = {
        "payment": payment_view(sandbox.books, payment),
        "overpayment": overpayment and unhandled_view(sandbox.books, overpayment),
        "current_ore": invoice.left,
    }
    return done(request, views)


async def _credit(request: web.Request) -> web.StreamResponse:
    """`amount_ore` (default: all that is left), `comment`."""
    sandbox, invoice, data = await _asked(request)
    payment = money_moves.credit(sandbox, invoice, _ore(data), comment=data.get("comment"))
    return done(request, {"payment": payment_view(sandbox.books, payment), "current_ore": invoice.left})


async def _write_off(request: web.Request) -> web.StreamResponse:
    """`amount_ore` (default: all that is left)."""
    sandbox, invoice, data = await _asked(request)
    payment = money_moves.write_off(sandbox, invoice, _ore(data))
    return done(request, {"payment": payment_view(sandbox.books, payment), "current_ore": invoice.left})


async def _take_back(request: web.Request) -> web.StreamResponse:
    """`payment`: a PaymentReferenceId (default: the latest payment)."""
    sandbox, invoice, data = await _asked(request)
    payment = corrections.take_back(sandbox, invoice, data.get("payment"))
    return done(request, {"payment": payment.reference_id, "current_ore": invoice.left})


async def _move(request: web.Request) -> web.StreamResponse:
    """`to`: the invoice action to move it to; `payment` as when one is taken back."""
    sandbox, invoice, data = await _asked(request)
    payment = corrections.move(sandbox, invoice, sandbox.books.invoice(str(data.get("to", ""))), data.get("payment"))
    return done(request, {"payment": payment_view(sandbox.books, payment), "current_ore": invoice.left})


def _step(perform: Callable[[BillectaSandbox, Invoice], None]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        sandbox, invoice, _ = await _asked(request)
        perform(sandbox, invoice)
        return done(request, invoice_view(sandbox.books, invoice))

    return handle


async def _raise_event(request: web.Request) -> web.StreamResponse:
    """Raise a webhook that nothing in the sandbox causes, such as InvoiceActionViewed: `event`; InvoiceActionView is the payload."""
    sandbox, invoice, data = await _asked(request)
    event = data.get("event")
    if not isinstance(event, str) or not event:
        raise Refusal(400, "event is required")
    sandbox.tell(event, invoice)
    return done(request, {})


async def _unmatched_payment(request: web.Request) -> web.StreamResponse:
    """Money without an invoice: `creditor`, `amount_ore`, and `reference`, `sender_name`, `date`, `currency`, `debtor`."""
    sandbox, data = billecta(request), await read_control(request)
    creditor_id = sandbox.books.creditor(str(data.get("creditor", "")).lower())["CreditorPublicId"]
    ore = _ore(data)
    if ore is None or ore <= 0:
        raise Refusal(400, "amount_ore must be more than zero")
    unhandled = Unhandled(
        unhandled_id=new_guid(),
        creditor_id=creditor_id,
        type="UnmatchedPayment",
        amount=ore,
        currency=data.get("currency") or "SEK",
        payment_date=_date(data) or dates.wire_today(),
        reference=data.get("reference"),
        sender_name=data.get("sender_name"),
        debtor_id=data.get("debtor"),
    )
    money_moves.keep_unhandled(sandbox, unhandled, "UnmatchedPayment")
    return done(request, unhandled_view(sandbox.books, unhandled))


async def _answer_swish(request: web.Request) -> web.StreamResponse:
    """What the person with the phone does: `status` Paid, Declined or Cancelled."""
    sandbox, data = billecta(request), await read_control(request)
    swish = sandbox.books.swish.get(request.match_info["request"])
    if swish is None:
        raise Refusal(404, "The Swish request was not found")
    dunning.answer_swish(sandbox, swish, str(data.get("status", "Paid")))
    return done(request, {"status": swish.status})


async def _webhooks(request: web.Request) -> web.StreamResponse:
    return answer(billecta(request).webhooks.render())


async def _set_webhooks(request: web.Request) -> web.StreamResponse:
    """See `Announcer.configure`."""
    webhooks = billecta(request).webhooks
    webhooks.configure(await read_control(request))
    return answer(webhooks.render())


async def _set_limits(request: web.Request) -> web.StreamResponse:
    """`enabled`, and `windows`: operation → list of [calls, seconds]."""
    limits, data = billecta(request).limits, await read_control(request)
    if not isinstance(data.get("enabled", True), bool):
        raise Refusal(400, "enabled must be a boolean")
    windows = data.get("windows", {})
    try:
        limits.windows.update({str(name): [(int(calls), float(seconds)) for calls, seconds in pairs] for name, pairs in windows.items()})
    except (AttributeError, TypeError, ValueError):
        raise Refusal(400, "windows must map operations to lists of [calls, seconds]") from None
    limits.enabled = data.get("enabled", limits.enabled)
    limits.forget()
    return answer({"enabled": limits.enabled, "windows": limits.windows})


async def _set_settings(request: web.Request) -> web.StreamResponse:
    """`send_delay`: seconds from attest to sent; 0 sends at once, within the attest."""
    settings, data = billecta(request).settings, await read_control(request)
    delay = data.get("send_delay", settings.send_delay)
    if isinstance(delay, bool) or not isinstance(delay, int | float) or delay < 0:
        raise Refusal(400, "send_delay must be a number of seconds")
    settings.send_delay = float(delay)
    return answer({"send_delay": settings.send_delay})


async def _seed(request: web.Request) -> web.StreamResponse:
    """See `seed`."""
    return answer(seed(billecta(request), await read_control(request)))


async def _asked(request: web.Request) -> tuple[BillectaSandbox, Invoice, dict[str, Any]]:
    sandbox = billecta(request)
    return sandbox, sandbox.books.invoice(request.match_info["action"]), await read_control(request)


def _ore(data: dict[str, Any]) -> int | None:
    """The amount in öre; the page's form says kronor as a person writes them."""
    kronor = data.get("amount_kronor")
    if kronor is None:
        return number(data, "amount_ore")
    text = re.sub(r"\s", "", str(kronor)).replace(",", ".")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text):
        raise Refusal(400, f"{kronor} is not an amount in kronor")
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


def _date(data: dict[str, Any]) -> str | None:
    if not data.get("date"):
        return None
    try:
        return dates.wire(dates.parse(str(data["date"])))
    except ValueError:
        raise Refusal(400, "date is not a valid date") from None


_INVOICE = "/_sandbox/invoices/{action}/"

_ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", _INVOICE + "pay", _pay),
    ("POST", _INVOICE + "credit", _credit),
    ("POST", _INVOICE + "write-off", _write_off),
    ("POST", _INVOICE + "take-back", _take_back),
    ("POST", _INVOICE + "move", _move),
    ("POST", _INVOICE + "send", _step(lifecycle.send)),
    ("POST", _INVOICE + "cancel", _step(lifecycle.cancel)),
    ("POST", _INVOICE + "make-manual", _step(lifecycle.make_manual)),
    ("POST", _INVOICE + "raise", _raise_event),
    ("POST", "/_sandbox/unmatched-payment", _unmatched_payment),
    ("POST", "/_sandbox/swish/{request}", _answer_swish),
    ("GET", "/_sandbox/webhooks", _webhooks),
    ("PUT", "/_sandbox/webhooks", _set_webhooks),
    ("PUT", "/_sandbox/limits", _set_limits),
    ("PUT", "/_sandbox/settings", _set_settings),
    ("POST", "/_sandbox/seed", _seed),
]
