"""Debtors: those who are invoiced."""

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates, wire
from integration.sandbox.billecta.books import View
from integration.sandbox.billecta.events import event
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.schema import complete
from integration.sandbox.billecta.views import debtor_view


async def create_debtor(request: web.Request) -> web.Response:
    """CreatedView."""
    given = await wire.read_body(request, "DebtorView")
    debtor = add_debtor(billecta(request), {**given, "DebtorPublicId": new_guid()})
    return wire.created(debtor["DebtorPublicId"])


async def update_debtor(request: web.Request) -> web.Response:
    """Replace the whole debtor; its creditor and when it was created stay."""
    sandbox = billecta(request)
    given = await wire.read_body(request, "DebtorView")
    known = sandbox.books.debtor(given.get("DebtorPublicId", ""))
    if given.get("CreditorPublicId", known["CreditorPublicId"]) != known["CreditorPublicId"]:
        raise Refusal(400, "CreditorPublicId cannot be changed")
    _require_name(given)
    debtor = {**given, "CreditorPublicId": known["CreditorPublicId"], "Created": known["Created"]}
    sandbox.books.put_debtor(debtor)
    _note(sandbox, debtor, "Updated")
    sandbox.changed("debtor.updated", debtor=debtor["DebtorPublicId"], creditor=debtor["CreditorPublicId"])
    sandbox.webhooks.announce("DebtorUpdated", debtor["CreditorPublicId"], lambda: debtor_view(debtor))
    return wire.empty()


async def get_debtor(request: web.Request) -> web.Response:
    """DebtorView."""
    return wire.answer(debtor_view(billecta(request).books.debtor(wire.guid(request, "debtor"))))


async def delete_debtor(request: web.Request) -> web.Response:
    """Refused once the debtor has invoices (assumed)."""
    sandbox = billecta(request)
    debtor = sandbox.books.debtor(wire.guid(request, "debtor"))
    debtor_id, creditor_id = debtor["DebtorPublicId"], debtor["CreditorPublicId"]
    if any(sandbox.books.invoices_of_debtor(debtor_id)):
        raise Refusal(400, "The debtor has invoices and cannot be deleted")
    sandbox.books.remove_debtor(debtor)
    sandbox.changed("debtor.deleted", debtor=debtor_id, creditor=creditor_id)
    sandbox.webhooks.announce("DebtorDeleted", creditor_id, lambda: debtor_id)
    return wire.empty()


async def list_debtors(request: web.Request) -> web.Response:
    """DebtorsView."""
    return wire.page(request, _debtors(request), debtor_view)


async def debtor_by_external_id(request: web.Request) -> web.Response:
    """DebtorView; 404 when there is none (assumed), 400 when there are several."""
    external_id = wire.query(request, "externalid")
    found = [debtor for debtor in _debtors(request) if debtor.get("DebtorExternalId") == external_id]
    if not found:
        raise Refusal(404, f"No debtor has the external id {external_id}")
    if len(found) > 1:
        raise Refusal(400, f"Several debtors have the external id {external_id}")
    return wire.answer(debtor_view(found[0]))


async def debtors_by_orgno(request: web.Request) -> web.Response:
    """DebtorsView: an empty array when there is none; `countrycode` narrows. Hyphens in the number do not matter (assumed)."""
    number, country = _plain_number(wire.query(request, "orgno")), request.query.get("countrycode")
    found = [
        debtor
        for debtor in _debtors(request)
        if _plain_number(debtor.get("OrgNo") or "") == number and country in {None, "", debtor.get("CountryCode")}
    ]
    return wire.page(request, found, debtor_view)


async def debtor_events(request: web.Request) -> web.Response:
    """DebtorEventsView."""
    sandbox = billecta(request)
    debtor = sandbox.books.debtor(wire.guid(request, "debtor"))
    lines = sandbox.books.debtor_events.get(debtor["DebtorPublicId"], [])
    return wire.page(request, lines, lambda line: complete("DebtorEventView", line))


def add_debtor(sandbox: BillectaSandbox, given: View) -> View:
    """Put a debtor that has its id into the books and tell about it. Raises Refusal (400)."""
    if given.get("CreditorPublicId", "") not in sandbox.books.creditors:
        raise Refusal(400, "CreditorPublicId does not name a creditor")
    _require_name(given)
    debtor = {"CountryCode": "SE", "IsActive": True, **given, "Created": given.get("Created") or dates.wire_now()}
    sandbox.books.put_debtor(debtor)
    _note(sandbox, debtor, "Created")
    sandbox.changed(
        "debtor.created",
        debtor=debtor["DebtorPublicId"],
        creditor=debtor["CreditorPublicId"],
        external_id=debtor.get("DebtorExternalId"),
    )
    sandbox.webhooks.announce("DebtorCreated", debtor["CreditorPublicId"], lambda: debtor_view(debtor))
    return debtor


def _debtors(request: web.Request) -> list[View]:
    books = billecta(request).books
    return books.debtors_of(books.creditor(wire.guid(request, "creditor"))["CreditorPublicId"])


def _note(sandbox: BillectaSandbox, debtor: View, event_type: str) -> None:
    line = {**event(event_type), "Title": f"Debtor {event_type.lower()}"}
    sandbox.books.debtor_events.setdefault(debtor["DebtorPublicId"], []).append(line)


def _require_name(given: View) -> None:
    if not given.get("Name"):
        raise Refusal(400, "Name is required")


def _plain_number(text: str) -> str:
    return text.replace("-", "").replace(" ", "")
