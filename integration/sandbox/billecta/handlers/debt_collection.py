"""Debt collection: cases from an invoice or on their own."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import debt_collection as cases
from integration.sandbox.billecta import wire
from integration.sandbox.billecta.books import DebtCollection
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.views import debt_collection_view


async def get_debt_collection(request: web.Request) -> web.Response:
    """DebtCollectionActionView."""
    return wire.answer(debt_collection_view(billecta(request).books, _case(request)))


async def create_debt_collection(request: web.Request) -> web.Response:
    """CreatedView from a DebtCollectionEntryView."""
    given = await wire.read_body(request, "DebtCollectionEntryView")
    return wire.created(cases.open_case(billecta(request), given).action_id)


async def debt_collection_from_invoice(request: web.Request) -> web.Response:
    """CreatedView from a DebtCollectionFromInvoiceEntryView."""
    sandbox = billecta(request)
    given = await wire.read_body(request, "DebtCollectionFromInvoiceEntryView")
    invoice = sandbox.books.invoice(given.get("SourcePublicId") or "")
    return wire.created(cases.send_to_debt_collection(sandbox, invoice, given).action_id)


def step(perform: Callable[[BillectaSandbox, DebtCollection], None]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler for an operation that only names the case in its path."""

    async def handle(request: web.Request) -> web.Response:
        perform(billecta(request), _case(request))
        return wire.empty()

    return handle


def _case(request: web.Request) -> DebtCollection:
    case = billecta(request).books.debt_collections.get(request.match_info["action"])
    if case is None:
        raise Refusal(404, "The debt-collection action was not found")
    return case
