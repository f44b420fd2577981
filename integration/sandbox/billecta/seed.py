"""Seeding: creditors, debtors, products and outgoing payments put straight into the books, with the ids they are given."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import View
from integration.sandbox.billecta.handlers.creditors import add_creditor
from integration.sandbox.billecta.handlers.debtors import add_debtor
from integration.sandbox.billecta.handlers.products import add_product
from integration.sandbox.billecta.numbering import new_guid
from integration.sandbox.billecta.sandbox import BillectaSandbox
from integration.sandbox.billecta.schema import read
from integration.sandbox.store import encode


def seed(sandbox: BillectaSandbox, data: dict[str, Any]) -> dict[str, list[str]]:
    """Add what `creditors`, `debtors`, `products` and `outgoing_payments` list as partial views; returns their ids in the same order.

    An object whose id is known is left as it is, so that seeding twice changes nothing. Raises Refusal (400).
    """
    data = json.loads(encode(data), parse_float=Decimal)
    ids: dict[str, list[str]] = {}
    for table, (view, id_name, add) in _TABLES.items():
        rows = data.get(table, [])
        if not isinstance(rows, list):
            raise Refusal(400, f"{table} must be a list")
        given = [read(view, row, f"{table}[{position}]") for position, row in enumerate(rows)]
        ids[table] = [_put(sandbox, table, {**row, id_name: row.get(id_name) or new_guid()}, id_name, add) for row in given]
    return ids


Add = Callable[[BillectaSandbox, View], View]


def _put(sandbox: BillectaSandbox, table: str, row: View, id_name: str, add: Add) -> str:
    known = getattr(sandbox.books, table)
    known_ids = known if isinstance(known, dict) else {one[id_name] for one in known}
    if row[id_name] not in known_ids:
        add(sandbox, row)
    public_id: str = row[id_name]
    return public_id


def _add_outgoing_payment(sandbox: BillectaSandbox, given: View) -> View:
    sandbox.books.creditor(given.get("CreditorPublicId", ""))
    payment = {"PaymentDate": dates.wire_today(), **given}
    sandbox.books.outgoing_payments.append(payment)
    sandbox.changed("outgoing_payment.created", payment=payment["PaymentPublicId"], creditor=payment["CreditorPublicId"])
    return payment


_TABLES: dict[str, tuple[str, str, Add]] = {
    "creditors": ("CreditorView", "CreditorPublicId", add_creditor),
    "debtors": ("DebtorView", "DebtorPublicId", add_debtor),
    "products": ("ProductView", "ProductPublicId", add_product),
    "outgoing_payments": ("OutgoingPaymentStatusView", "PaymentPublicId", _add_outgoing_payment),
}
