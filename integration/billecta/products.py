"""Calls about products, which Lime calls articles (reference section 4: products)."""

from __future__ import annotations

from integration.billecta.calls import BillectaCalls, Payload
from integration.billecta.wire import Product


class ProductCalls(BillectaCalls):
    """The articles of a creditor. `UnitPrice` of a ProductView is a number of kronor, not an AmountView."""

    def list_products(self, creditor: str) -> list[Product]:
        """Every product of a creditor. `GET /v1/products/products/{creditor}`, documented."""
        return self._list("list_products", Product, what=f"Creditor {creditor}", creditor=creditor)

    def get_product(self, product: str) -> Product:
        """One product by public id. `GET /v1/products/product/{product}`, documented. Raises RemoteNotFound."""
        return self._ask("get_product", Product.from_wire, what=f"Product {product}", product=product)

    def product_by_external_id(self, creditor: str, external_id: str) -> Product | None:
        """The creditor's product with this external id, or None. `GET /v1/products/productbyexternalid/{creditor}`, documented.

        Raises RemoteRejected (400) when several have it.
        """
        return self._find("product_by_external_id", Product, params={"externalid": external_id}, creditor=creditor)

    def create_product(self, payload: Payload) -> str:
        """Makes a product of a ProductView without ProductPublicId; returns its public id. `POST /v1/products/product`, documented."""
        creditor = str(payload["CreditorPublicId"])
        return self._create("create_product", payload, what=f"Creditor {creditor}", creditor=creditor)

    def update_product(self, payload: Payload) -> None:
        """Replaces a whole ProductView, known by its ProductPublicId. `PUT /v1/products/product`, documented."""
        product, creditor = str(payload["ProductPublicId"]), str(payload.get("CreditorPublicId", ""))
        self._do("update_product", payload, what=f"Product {product}", product=product, creditor=creditor)

    def delete_product(self, product: str) -> None:
        """Deletes a product. `DELETE /v1/products/product/{product}`, documented. Raises RemoteRejected when an invoice uses it."""
        self._do("delete_product", what=f"Product {product}", product=product)
