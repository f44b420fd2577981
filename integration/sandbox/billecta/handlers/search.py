"""Searching for actions: SearchView's conditions, each a row of a table."""

from collections.abc import Callable, Iterable

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates, wire
from integration.sandbox.billecta.books import Books, Invoice, View
from integration.sandbox.billecta.sandbox import billecta
from integration.sandbox.billecta.schema import complete, enum_members
from integration.sandbox.billecta.views import action_type, invoice_sub_view

Condition = Callable[[Books, Invoice, object], bool]
"""Whether an invoice meets a condition with the given value."""

FIRST_RUT = 100
"""RotRutTypeView numbers the kinds of ROT work below this, the kinds of RUT work from it."""


async def search_actions(request: web.Request) -> web.Response:
    """SearchResultView: invoice actions that meet every condition given; a null one does not count."""
    books = billecta(request).books
    given = await wire.read_body(request, "SearchView")
    invoices: Iterable[Invoice] = books.invoices.values()
    if not given.get("SearchOnAllCreditors"):
        if "CreditorPublicId" not in given:
            raise Refusal(400, "CreditorPublicId is required unless SearchOnAllCreditors is set")
        invoices = books.invoices_of_creditor(given["CreditorPublicId"])
    conditions = [(CONDITIONS[name], value) for name, value in given.items() if name in CONDITIONS and value not in (None, [], "")]
    found = [one for one in invoices if all(meets(books, one, value) for meets, value in conditions)]
    lists: View = {name: [] for name in ("ReconciliationInvoiceActions", "SelfInvoiceActions", "DebtCollectionActions")}
    lists |= {name: [] for name in ("InstallmentPlanActions", "ContractInvoiceActions", "SupplierInvoiceActions")}
    views = [invoice_sub_view(books, invoice) for invoice in found]
    return wire.answer(complete("SearchResultView", {**lists, "InvoiceActions": views}))


def _number(_books: Books, invoice: Invoice, value: object) -> bool:
    return value in {invoice.number, invoice.ocr}


def _status(_books: Books, invoice: Invoice, value: object) -> bool:
    statuses = {
        "All": True,
        "Open": invoice.closed is None,
        "Closed": invoice.closed is not None,
        "WithInvoiceReminder": invoice.reminder_sent is not None,
        "WithoutInvoiceReminder": invoice.reminder_sent is None,
    }
    return all(statuses[str(status)] for status in _list(value))


def _type(_books: Books, invoice: Invoice, value: object) -> bool:
    return action_type(invoice) in _list(value)


def _rot_rut(_books: Books, invoice: Invoice, value: object) -> bool:
    numbers = enum_members("RotRutTypeView")
    activated = [record.get("RotRutType", "Construction") for record in _records(invoice) if record.get("RotRutActivated")]
    return value == "NoFilter" or any((numbers[kind] < FIRST_RUT) == (value == "ROT") for kind in activated)


def _debtor_id(_books: Books, invoice: Invoice, value: object) -> bool:
    return invoice.debtor_id in {str(one).lower() for one in _list(value)}


def _product_id(_books: Books, invoice: Invoice, value: object) -> bool:
    wanted = {str(one).lower() for one in _list(value)}
    return any(record.get("ProductPublicId") in wanted for record in _records(invoice))


def _product_external_id(books: Books, invoice: Invoice, value: object) -> bool:
    products = (books.products.get(record.get("ProductPublicId") or "", {}) for record in _records(invoice))
    return any(product.get("ProductExternalId") == value for product in products)


def _period(_books: Books, invoice: Invoice, value: object, *, is_start: bool) -> bool:
    edge = dates.day(str(value))
    periods = [(record.get("PeriodStart"), record.get("PeriodEnd")) for record in _records(invoice)]
    if is_start:
        return any(end is not None and dates.day(end) >= edge for _, end in periods)
    return any(start is not None and dates.day(start) <= edge for start, _ in periods)


def _period_from(books: Books, invoice: Invoice, value: object) -> bool:
    return _period(books, invoice, value, is_start=True)


def _period_to(books: Books, invoice: Invoice, value: object) -> bool:
    return _period(books, invoice, value, is_start=False)


def _debtor(name: str, *, is_part: bool = False) -> Condition:
    def meets(books: Books, invoice: Invoice, value: object) -> bool:
        held = str((invoice.debtor or books.debtors.get(invoice.debtor_id) or {}).get(name) or "")
        return str(value).lower() in held.lower() if is_part else held == value

    return meets


def _record(name: str, *, is_part: bool = False) -> Condition:
    def meets(_books: Books, invoice: Invoice, value: object) -> bool:
        held = [str(record.get(name) or "") for record in _records(invoice)]
        return any(str(value).lower() in one.lower() if is_part else one == value for one in held)

    return meets


def _since(read: Callable[[Invoice], str | None]) -> Condition:
    return lambda _books, invoice, value: (at := read(invoice)) is not None and dates.day(at) >= dates.day(str(value))


def _until(read: Callable[[Invoice], str | None]) -> Condition:
    return lambda _books, invoice, value: (at := read(invoice)) is not None and dates.day(at) <= dates.day(str(value))


def _records(invoice: Invoice) -> list[View]:
    return invoice.entry.get("Records") or []


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


_DATES: dict[str, Callable[[Invoice], str | None]] = {
    "InvoiceDate": lambda invoice: invoice.entry["InvoiceDate"],
    "DueDate": lambda invoice: invoice.entry["DueDate"],
    "CreatedDate": lambda invoice: invoice.created,
    "AttestedDate": lambda invoice: invoice.attested,
    "ClosedDate": lambda invoice: invoice.closed,
}

CONDITIONS: dict[str, Condition] = {
    "SearchValue": _number,
    "Status": _status,
    "Types": _type,
    "RotRut": _rot_rut,
    "DebtorPublicIds": _debtor_id,
    "ProductPublicIds": _product_id,
    "ProductExternalId": _product_external_id,
    "PeriodDateFrom": _period_from,
    "PeriodDateTo": _period_to,
    "DebtorName": _debtor("Name", is_part=True),
    "DebtorExternalId": _debtor("DebtorExternalId"),
    "OrgNo": _debtor("OrgNo"),
    "ProductName": _record("ArticleDescription", is_part=True),
    "ArticleNumber": _record("ArticleNumber"),
    "Project": _record("Project"),
    "CostCenter": _record("CostCenter"),
    **{f"{name}From": _since(read) for name, read in _DATES.items()},
    **{f"{name}To": _until(read) for name, read in _DATES.items()},
}
