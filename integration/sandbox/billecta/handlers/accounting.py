"""Accounting exports: a SIE 4 file of what was invoiced in a period."""

from collections.abc import Iterable

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates, wire
from integration.sandbox.billecta.books import Invoice, View
from integration.sandbox.billecta.handlers.files import store
from integration.sandbox.billecta.sandbox import billecta
from integration.sandbox.billecta.schema import complete
from integration.sandbox.billecta.views import file_view

RECEIVABLES, SALES, VAT, ROUNDING = "1510", "3001", "2611", "3740"
"""Accounts of the Swedish BAS plan."""


async def list_accounting_exports(request: web.Request) -> web.Response:
    """AccountingExportsView."""
    books = billecta(request).books
    creditor_id = books.creditor(wire.guid(request, "creditor"))["CreditorPublicId"]
    found = (export for export in books.accounting_exports if export["CreditorPublicId"] == creditor_id)
    return wire.page(request, found, lambda export: complete("AccountingExportView", export))


async def create_accounting_export(request: web.Request) -> web.Response:
    """AccountingExportView from an AccountingExportCreationView: invoices attested from From to To, both included; SIE4 only."""
    sandbox = billecta(request)
    given = await wire.read_body(request, "AccountingExportCreationView")
    creditor = sandbox.books.creditor(given.get("CreditorPublicId", ""))
    if "From" not in given or "To" not in given:
        raise Refusal(400, "From and To are required")
    if given.get("Format", "SIE4") != "SIE4":
        raise Refusal(400, "Format CSV needs an addon that the creditor does not have")
    first, last = dates.day(given["From"]), dates.day(given["To"])
    attested = (one for one in sandbox.books.invoices_of_creditor(creditor["CreditorPublicId"]) if one.attested)
    invoices = [invoice for invoice in attested if first <= dates.day(invoice.attested or "") <= last]
    file = store(sandbox, f"{first}_{last}.se", "text/plain", _sie(creditor, invoices))
    export = {
        "CreditorPublicId": creditor["CreditorPublicId"],
        "Start": given["From"],
        "End": given["To"],
        "Created": dates.wire_now(),
        "CreatedBy": sandbox.settings.username,
        "Format": "SIE4",
        "DateSelectionType": given.get("DateSelectionType", "EventDate"),
        "File": file_view(file),
    }
    sandbox.books.accounting_exports.append(export)
    sandbox.changed("accounting.exported", creditor=creditor["CreditorPublicId"], file=file.file_id)
    return wire.answer(complete("AccountingExportView", export))


def _sie(creditor: View, invoices: Iterable[Invoice]) -> bytes:
    lines = ["#FLAGGA 0", "#FORMAT PC8", "#SIETYP 4", f"#GEN {dates.now():%Y%m%d}", f'#FNAMN "{_quoted(creditor.get("Name"))}"']
    for number, invoice in enumerate(invoices, 1):
        lines.append(f'#VER A {number} {dates.day(invoice.attested or ""):%Y%m%d} "Faktura {_quoted(invoice.number)}"')
        lines.append("{")
        totals = invoice.totals
        accounts = ((RECEIVABLES, totals.invoiced), (SALES, -totals.net), (VAT, -totals.vat), (ROUNDING, -totals.rounding))
        lines.extend(f"   #TRANS {account} {{}} {_kronor(ore)}" for account, ore in accounts if ore)
        lines.append("}")
    return "\r\n".join([*lines, ""]).encode("cp437", "replace")


def _kronor(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02d}"


def _quoted(text: str | None) -> str:
    return (text or "").replace('"', '\\"')
