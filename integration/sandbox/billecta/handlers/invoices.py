"""Invoice actions: drafts, attesting, lists, and what is done to an open invoice."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date

from aiohttp import web

from integration.sandbox.billecta import dates, dunning, lifecycle, money_moves, wire
from integration.sandbox.billecta.books import Invoice, View
from integration.sandbox.billecta.handlers.files import keep_attached
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.schema import read
from integration.sandbox.billecta.views import invoice_sub_view, invoice_view

Step = Callable[[BillectaSandbox, Invoice], None]


async def create_invoice(request: web.Request) -> web.Response:
    """CreatedView with the ActionPublicId of the draft."""
    sandbox = billecta(request)
    entry = await wire.read_body(request, "InvoiceActionEntryView")
    return wire.created(lifecycle.create(sandbox, keep_attached(sandbox, entry)).action_id)


async def update_invoice(request: web.Request) -> web.Response:
    """Replace a draft's whole entry."""
    sandbox = billecta(request)
    entry = await wire.read_body(request, "InvoiceActionEntryView")
    lifecycle.update(sandbox, _invoice(request), keep_attached(sandbox, entry))
    return wire.empty()


async def get_invoice(request: web.Request) -> web.Response:
    """InvoiceActionView."""
    return wire.answer(invoice_view(billecta(request).books, _invoice(request)))


async def attest_invoice(request: web.Request) -> web.Response:
    """Book, lock and plan the sending of a draft; a credit invoice settles what it credits."""
    sandbox, invoice = billecta(request), _invoice(request)
    lifecycle.attest(sandbox, invoice)
    money_moves.settle_by_credit_invoice(sandbox, invoice)
    return wire.empty()


async def open_invoices(request: web.Request) -> web.Response:
    """InvoiceActionSubsView: drafts and attested invoices that are not closed."""
    return _list(request, (invoice for invoice in _of_creditor(request) if invoice.closed is None))


async def closed_invoices(request: web.Request) -> web.Response:
    """InvoiceActionSubsView: closed on a day from `from` to `to`, both included."""
    return _list(request, _closed(_of_creditor(request), *wire.period(request)))


async def open_invoices_by_debtor(request: web.Request) -> web.Response:
    """InvoiceActionSubsView."""
    return _list(request, (invoice for invoice in _of_debtor(request) if invoice.closed is None))


async def closed_invoices_by_debtor(request: web.Request) -> web.Response:
    """InvoiceActionSubsView: closed on a day from `from` to `to`, both included."""
    return _list(request, _closed(_of_debtor(request), *wire.period(request)))


async def resend(request: web.Request) -> web.Response:
    """Send again; `deliverymethod` of the query replaces the delivery method (assumed)."""
    method = request.query.get("deliverymethod")
    view = read("InvoiceActionEntryView", {"DeliveryMethod": method} if method else {})
    dunning.resend(billecta(request), _invoice(request), view.get("DeliveryMethod"))
    return wire.empty()


async def remind(request: web.Request) -> web.Response:
    """Send a reminder from a SendReminderInvoiceView."""
    given = await wire.read_body(request, "SendReminderInvoiceView")
    sandbox = billecta(request)
    dunning.remind(sandbox, sandbox.books.invoice(given.get("InvoiceActionPublicId") or ""), given)
    return wire.empty()


async def postpone(request: web.Request) -> web.Response:
    """Move the due date to `duedate` of the query."""
    dunning.postpone(billecta(request), _invoice(request), dates.wire(wire.moment(request, "duedate")))
    return wire.empty()


async def comment(request: web.Request) -> web.Response:
    """Add a comment from a CommentActionView."""
    given = await wire.read_body(request, "CommentActionView")
    sandbox = billecta(request)
    dunning.comment_on(sandbox, sandbox.books.invoice(given.get("ActionPublicId") or ""), given)
    return wire.empty()


def step(perform: Step) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler for an operation that only names the invoice in its path."""

    async def handle(request: web.Request) -> web.Response:
        perform(billecta(request), _invoice(request))
        return wire.empty()

    return handle


def _invoice(request: web.Request) -> Invoice:
    return billecta(request).books.invoice(request.match_info["action"])


def _of_creditor(request: web.Request) -> Iterable[Invoice]:
    books = billecta(request).books
    return books.invoices_of_creditor(books.creditor(wire.guid(request, "creditor"))["CreditorPublicId"])


def _of_debtor(request: web.Request) -> Iterable[Invoice]:
    books = billecta(request).books
    return books.invoices_of_debtor(books.debtor(wire.guid(request, "debtor"))["DebtorPublicId"])


def _closed(invoices: Iterable[Invoice], first: date, last: date) -> Iterable[Invoice]:
    return (invoice for invoice in invoices if invoice.closed and first <= dates.day(invoice.closed) <= last)


def _list(request: web.Request, invoices: Iterable[Invoice]) -> web.Response:
    books = billecta(request).books

    def render(invoice: Invoice) -> View:
        return invoice_sub_view(books, invoice)

    return wire.page(request, invoices, render)
