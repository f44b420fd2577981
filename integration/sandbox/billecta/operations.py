"""Which handler answers which operation, and where: endpoints.json names the paths, an override may move any of them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from integration.sandbox.billecta import debt_collection as cases
from integration.sandbox.billecta import dunning, lifecycle
from integration.sandbox.billecta.handlers import (
    accounting,
    creditors,
    debt_collection,
    debtors,
    files,
    invoices,
    payments,
    products,
    search,
    sign_in,
)
from integration.sandbox.billecta.schema import DATA

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPERATIONS: dict[str, Handler] = {
    "authenticate": sign_in.authenticate,
    "list_creditors": creditors.list_creditors,
    "list_creditor_subs": creditors.list_creditor_subs,
    "get_creditor": creditors.get_creditor,
    "create_creditor": creditors.create_creditor,
    "update_creditor": creditors.update_creditor,
    "delete_creditor": creditors.delete_creditor,
    "create_debtor": debtors.create_debtor,
    "update_debtor": debtors.update_debtor,
    "get_debtor": debtors.get_debtor,
    "delete_debtor": debtors.delete_debtor,
    "list_debtors": debtors.list_debtors,
    "debtor_by_external_id": debtors.debtor_by_external_id,
    "debtors_by_orgno": debtors.debtors_by_orgno,
    "debtor_events": debtors.debtor_events,
    "create_product": products.create_product,
    "update_product": products.update_product,
    "get_product": products.get_product,
    "delete_product": products.delete_product,
    "list_products": products.list_products,
    "product_by_external_id": products.product_by_external_id,
    "create_invoice": invoices.create_invoice,
    "update_invoice": invoices.update_invoice,
    "get_invoice": invoices.get_invoice,
    "attest_invoice": invoices.attest_invoice,
    "delete_invoice": invoices.step(lifecycle.delete),
    "open_invoices": invoices.open_invoices,
    "closed_invoices": invoices.closed_invoices,
    "open_invoices_by_debtor": invoices.open_invoices_by_debtor,
    "closed_invoices_by_debtor": invoices.closed_invoices_by_debtor,
    "cancel_autogiro": invoices.step(dunning.cancel_autogiro),
    "resend": invoices.resend,
    "remind": invoices.remind,
    "postpone": invoices.postpone,
    "pause": invoices.step(dunning.pause),
    "resume": invoices.step(dunning.resume),
    "dispute": invoices.step(dunning.dispute),
    "undispute": invoices.step(dunning.undispute),
    "comment": invoices.comment,
    "get_file": files.get_file,
    "get_file_object": files.get_file_object,
    "credit": payments.credit,
    "register_payment": payments.register_payment,
    "incoming_payments": payments.incoming_payments,
    "unhandled_payments": payments.unhandled_payments,
    "match_payments": payments.match_payments,
    "outgoing_payments": payments.outgoing_payments,
    "swish_create": payments.swish_create,
    "swish_status": payments.swish_status,
    "search_actions": search.search_actions,
    "get_debt_collection": debt_collection.get_debt_collection,
    "create_debt_collection": debt_collection.create_debt_collection,
    "debt_collection_from_invoice": debt_collection.debt_collection_from_invoice,
    "pause_debt_collection": debt_collection.step(cases.pause),
    "resume_debt_collection": debt_collection.step(cases.resume),
    "withdraw_debt_collection": debt_collection.step(cases.withdraw),
    "list_accounting_exports": accounting.list_accounting_exports,
    "create_accounting_export": accounting.create_accounting_export,
}


def paths(overrides: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Operation → (method, path), with `overrides` as "METHOD /path". Raises ValueError for an unknown operation or a malformed path."""
    table: dict[str, Any] = json.loads((DATA / "endpoints.json").read_text("utf-8"))["operations"]
    found = {operation: (row["method"], row["path"]) for operation, row in table.items()}
    for operation, text in overrides.items():
        method, _, path = str(text).partition(" ")
        if operation not in found:
            raise ValueError(f"{operation} is not an operation that the sandbox knows")
        if not path.startswith("/"):
            raise ValueError(f'the path of {operation} must read "METHOD /path", not {text!r}')
        found[operation] = (method.upper(), path)
    return found


def add_operations(app: web.Application, overrides: Mapping[str, str]) -> None:
    """Route every operation of endpoints.json. Raises ValueError when one has no handler."""
    for operation, (method, path) in paths(overrides).items():
        if operation not in OPERATIONS:
            raise ValueError(f"{operation} has no handler")
        app.router.add_route(method, path, OPERATIONS[operation], name=operation)
