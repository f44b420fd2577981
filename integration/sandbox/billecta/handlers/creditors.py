"""Creditors: the companies that invoice."""

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import wire
from integration.sandbox.billecta.books import View
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.views import creditor_sub_view, creditor_view


async def list_creditors(request: web.Request) -> web.Response:
    """CreditorsView."""
    return wire.page(request, billecta(request).books.creditors.values(), creditor_view)


async def list_creditor_subs(request: web.Request) -> web.Response:
    """CreditorSubsView."""
    return wire.page(request, billecta(request).books.creditors.values(), creditor_sub_view)


async def get_creditor(request: web.Request) -> web.Response:
    """CreditorView."""
    return wire.answer(creditor_view(billecta(request).books.creditor(wire.guid(request, "creditor"))))


async def create_creditor(request: web.Request) -> web.Response:
    """CreatedView."""
    given = await wire.read_body(request, "CreditorView")
    creditor = add_creditor(billecta(request), {**given, "CreditorPublicId": new_guid()})
    return wire.created(creditor["CreditorPublicId"])


async def update_creditor(request: web.Request) -> web.Response:
    """Replace the whole creditor; its invoice numbers go on where they were unless the body says so."""
    sandbox = billecta(request)
    given = await wire.read_body(request, "CreditorView")
    known = sandbox.books.creditor(given.get("CreditorPublicId", ""))
    _check(given)
    creditor = {"NextInvoiceNumber": known.get("NextInvoiceNumber"), **given}
    sandbox.books.creditors[creditor["CreditorPublicId"]] = creditor
    sandbox.changed("creditor.updated", creditor=creditor["CreditorPublicId"])
    sandbox.webhooks.announce("CreditorUpdated", creditor["CreditorPublicId"], lambda: creditor_view(creditor))
    return wire.empty()


async def delete_creditor(request: web.Request) -> web.Response:
    """Refused once the creditor has invoices, debtors or products."""
    sandbox = billecta(request)
    creditor_id = wire.guid(request, "creditor")
    sandbox.books.creditor(creditor_id)
    if (
        any(sandbox.books.invoices_of_creditor(creditor_id))
        or sandbox.books.debtors_of(creditor_id)
        or sandbox.books.products_of(creditor_id)
    ):
        raise Refusal(400, "The creditor has invoices, debtors or products and cannot be deleted")
    del sandbox.books.creditors[creditor_id]
    sandbox.changed("creditor.deleted", creditor=creditor_id)
    sandbox.webhooks.announce("CreditorDeleted", creditor_id, lambda: creditor_id)
    return wire.empty()


def add_creditor(sandbox: BillectaSandbox, given: View) -> View:
    """Put a creditor that has its id into the books and tell about it. Raises Refusal (400)."""
    _check(given)
    creditor = {"IsEnabled": True, "CountryCode": "SE", "NextInvoiceNumber": "1", **given}
    sandbox.books.creditors[creditor["CreditorPublicId"]] = creditor
    sandbox.changed("creditor.created", creditor=creditor["CreditorPublicId"])
    sandbox.webhooks.announce("CreditorCreated", creditor["CreditorPublicId"], lambda: creditor_view(creditor))
    return creditor


def _check(given: View) -> None:
    if not given.get("Name"):
        raise Refusal(400, "Name is required")
    number = given.get("NextInvoiceNumber")
    if number is not None and not (number.isascii() and number.isdigit()):
        raise Refusal(400, "NextInvoiceNumber must be digits")
