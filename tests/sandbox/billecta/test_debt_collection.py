"""Debt-collection cases: pausing, resuming, withdrawing, and what that does to the invoice."""

import json
from typing import Any

import pytest

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import debt_collection, lifecycle
from integration.sandbox.billecta.books import DebtCollection, Invoice
from integration.sandbox.billecta.sandbox import BillectaSandbox, Settings
from integration.sandbox.billecta.schema import read
from integration.sandbox.billecta.seed import seed
from integration.sandbox.billecta.views import debt_collection_view
from integration.sandbox.store import encode
from tests.sandbox.billecta.api import day, fixture
from tests.sandbox.billecta.view_check import problems


@pytest.fixture
def sandbox() -> BillectaSandbox:
    """A sandbox without a server."""
    sandbox = BillectaSandbox(Settings(send_delay=0))
    seed(sandbox, fixture("seed"))
    return sandbox


@pytest.fixture
def case(sandbox: BillectaSandbox) -> DebtCollection:
    """A case opened from an overdue invoice."""
    entry: dict[str, Any] = {**fixture("invoice_entry"), "InvoiceDate": day(-40), "DueDate": day(-10), "Appendixes": [], "Attachments": []}
    rows = [{**row, "Quantity": row.get("Quantity")} for row in entry["Records"]]
    invoice = lifecycle.create(sandbox, read("InvoiceActionEntryView", {**entry, "Records": rows}))
    lifecycle.attest(sandbox, invoice)
    return debt_collection.send_to_debt_collection(sandbox, invoice, {})


def _invoice(sandbox: BillectaSandbox, case: DebtCollection) -> Invoice:
    return sandbox.books.invoice(case.invoice_id or "")


def test_a_case_is_paused_and_resumed(sandbox: BillectaSandbox, case: DebtCollection) -> None:
    debt_collection.pause(sandbox, case)
    assert debt_collection_view(sandbox.books, case)["State"]["IsPaused"] is True
    with pytest.raises(Refusal):
        debt_collection.pause(sandbox, case)
    debt_collection.resume(sandbox, case)
    assert debt_collection_view(sandbox.books, case)["State"]["IsPaused"] is False
    with pytest.raises(Refusal):
        debt_collection.resume(sandbox, case)


def test_a_withdrawn_case_gives_the_invoice_back(sandbox: BillectaSandbox, case: DebtCollection) -> None:
    assert _invoice(sandbox, case).stage == "SentToDebtCollection"
    debt_collection.withdraw(sandbox, case)
    invoice, view = _invoice(sandbox, case), debt_collection_view(sandbox.books, case)
    assert (invoice.stage, invoice.debt_collection_sent, invoice.is_open) == ("InvoiceSent", None, True)
    assert (view["State"]["Stage"], view["CanCancel"]) == ("Cancelled", False)
    assert list(problems("DebtCollectionActionView", json.loads(encode(view)))) == []
    with pytest.raises(Refusal):
        debt_collection.withdraw(sandbox, case)


def test_a_case_follows_its_invoices_money(sandbox: BillectaSandbox, case: DebtCollection) -> None:
    invoice = _invoice(sandbox, case)
    invoice.paid += 100
    view = debt_collection_view(sandbox.books, case)
    assert (view["OriginalAmount"]["Value"], view["CurrentAmount"]["Value"]) == (316_250, 316_150)
