"""Products, which the portal calls articles: templates for the rows of invoices."""

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import wire
from integration.sandbox.billecta.books import View
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.sandbox import BillectaSandbox, billecta
from integration.sandbox.billecta.views import product_view


async def create_product(request: web.Request) -> web.Response:
    """CreatedView."""
    given = await wire.read_body(request, "ProductView")
    product = add_product(billecta(request), {**given, "ProductPublicId": new_guid()})
    return wire.created(product["ProductPublicId"])


async def update_product(request: web.Request) -> web.Response:
    """Replace the whole product; its creditor stays."""
    sandbox = billecta(request)
    given = await wire.read_body(request, "ProductView")
    known = sandbox.books.product(given.get("ProductPublicId", ""))
    if given.get("CreditorPublicId", known["CreditorPublicId"]) != known["CreditorPublicId"]:
        raise Refusal(400, "CreditorPublicId cannot be changed")
    _require_description(given)
    product = {**given, "CreditorPublicId": known["CreditorPublicId"]}
    sandbox.books.products[product["ProductPublicId"]] = product
    sandbox.changed("product.updated", product=product["ProductPublicId"], creditor=product["CreditorPublicId"])
    sandbox.webhooks.announce("ProductUpdated", product["CreditorPublicId"], lambda: product_view(product))
    return wire.empty()


async def get_product(request: web.Request) -> web.Response:
    """ProductView."""
    return wire.answer(product_view(billecta(request).books.product(wire.guid(request, "product"))))


async def delete_product(request: web.Request) -> web.Response:
    """Refused once the product is used on an invoice. Raises no webhook, as Billecta has none for it."""
    sandbox = billecta(request)
    product = sandbox.books.product(wire.guid(request, "product"))
    product_id, creditor_id = product["ProductPublicId"], product["CreditorPublicId"]
    records = (record for invoice in sandbox.books.invoices_of_creditor(creditor_id) for record in invoice.entry.get("Records") or [])
    if any(record.get("ProductPublicId") == product_id for record in records):
        raise Refusal(400, "The product is used on an invoice and cannot be deleted")
    del sandbox.books.products[product_id]
    sandbox.changed("product.deleted", product=product_id, creditor=creditor_id)
    return wire.empty()


async def list_products(request: web.Request) -> web.Response:
    """ProductsView."""
    return wire.page(request, _products(request), product_view)


async def product_by_external_id(request: web.Request) -> web.Response:
    """ProductView; 404 when there is none (assumed), 400 when there are several."""
    external_id = wire.query(request, "externalid")
    found = [product for product in _products(request) if product.get("ProductExternalId") == external_id]
    if not found:
        raise Refusal(404, f"No product has the external id {external_id}")
    if len(found) > 1:
        raise Refusal(400, f"Several products have the external id {external_id}")
    return wire.answer(product_view(found[0]))


def add_product(sandbox: BillectaSandbox, given: View) -> View:
    """Put a product that has its id into the books and tell about it. Raises Refusal (400)."""
    if given.get("CreditorPublicId", "") not in sandbox.books.creditors:
        raise Refusal(400, "CreditorPublicId does not name a creditor")
    _require_description(given)
    product = {"IsActive": True, **given}
    sandbox.books.products[product["ProductPublicId"]] = product
    sandbox.changed(
        "product.created",
        product=product["ProductPublicId"],
        creditor=product["CreditorPublicId"],
        external_id=product.get("ProductExternalId"),
    )
    sandbox.webhooks.announce("ProductCreated", product["CreditorPublicId"], lambda: product_view(product))
    return product


def _products(request: web.Request) -> list[View]:
    books = billecta(request).books
    return books.products_of(books.creditor(wire.guid(request, "creditor"))["CreditorPublicId"])


def _require_description(given: View) -> None:
    if not given.get("Description"):
        raise Refusal(400, "Description is required")
