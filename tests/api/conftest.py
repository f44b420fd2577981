"""Keys, clients and a small portfolio for the API's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from integration.api.keys import forget_cached, make
from integration.commands.table import Command, Preview, add, table
from integration.errors import GuardRefused, Problem
from integration.ledger import Done, Outcome, Work, registry
from integration.ledger.registry import Registry
from integration.ledger.submit import Subject
from integration.models import Article, Creditor, Debtor, Invoice, InvoiceRow, Order, OrderRow, Payment, UnhandledPayment

FIXTURES = Path(__file__).parent / "fixtures"
UPSERT = "upsert-things-in-billecta"
IMPORT = "import-things-from-billecta"


@pytest.fixture(autouse=True)
def _fresh_key_cache() -> Iterator[None]:
    forget_cached()
    yield
    forget_cached()


@pytest.fixture
def client_with(db):
    """A client that sends a key with the given scopes and creditors."""

    def client_with(*scopes: str, creditors: tuple[Creditor, ...] = ()) -> APIClient:
        _row, key = make("test", scopes, creditors=creditors)
        return APIClient(headers={"x-api-key": key})

    return client_with


@pytest.fixture
def reader(client_with):
    return client_with("read")


@pytest.fixture
def lime(client_with):
    return client_with("commands")


class Things:
    """What the test command does: runs well unless told otherwise, and keeps which objects it was run for."""

    def __init__(self) -> None:
        self.ran: list[int | None] = []
        self.fails: set[int] = set()

    def __call__(self, work: Work) -> Outcome:
        self.ran.append(work.record.lime_id)
        if work.record.lime_id in self.fails:
            raise GuardRefused(reason="It is broken.", remedy="Mend it in Lime.")
        return Done(billecta_id=f"B-{work.record.lime_id}")

    def subjects(self, lime_ids, options) -> list[Subject]:
        creditor = str(options.get("creditor", ""))
        return [
            Subject(entity_key=f"order:{lime_id}", limetype="order", lime_id=lime_id, creditor_id=creditor, options=dict(options))
            for lime_id in lime_ids
        ]

    def preview(self, lime_id, options) -> list[Preview]:
        if lime_id in self.fails:
            raise GuardRefused(reason="It is broken.", remedy="Mend it in Lime.")
        problems = [Problem("order.duedate", "missing", "The due date is missing.")] if lime_id == 1002 else []
        return [Preview(lime_id, "cred-1", "POST", "/v1/invoice/action", {"Lime": lime_id}, problems)]


OPTIONS = {
    "type": "object",
    "properties": {
        "send_date": {"type": "string", "format": "date"},
        "level": {"enum": ["Reminder", "Collection"]},
        "fee": {"type": "number", "minimum": 0},
        "comment": {"type": "string", "maxLength": 5},
    },
}


@pytest.fixture
def things() -> Iterator[Things]:
    """Two commands of the tests' own, in the real table and run by the real ledger."""
    saved, saved_table = Registry(dict(registry.kinds), dict(registry.events)), dict(table)
    things = Things()
    add(
        Command(
            id=UPSERT,
            limetype="order",
            title="Send things",
            confirmation="Send %(count)s things?",
            execute=things,
            subjects=things.subjects,
            preview=things.preview,
            options_schema=OPTIONS,
        )
    )
    add(
        Command(
            id=IMPORT,
            limetype="creditor",
            title="Import things",
            confirmation="Import?",
            execute=things,
            subjects=lambda ids, options: [],
            needs_selection=False,
        )
    )
    yield things
    registry.kinds, registry.events = saved.kinds, saved.events
    table.clear()
    table.update(saved_table)


@pytest.fixture
def creditor(db) -> Creditor:
    return Creditor.objects.create(billecta_id="cred-1", lime_id=1, name="Västra Bostäder AB", org_no="556677-8899")


@pytest.fixture
def other_creditor(db) -> Creditor:
    return Creditor.objects.create(billecta_id="cred-2", lime_id=2, name="Östra Bostäder AB")


def portfolio(creditor: Creditor, number: int, *, protected: bool = False) -> Invoice:
    """One debtor with an article, an order, its invoice with a row, and a payment, all numbered `number`."""
    debtor = Debtor.objects.create(
        billecta_id=f"D-{number}",
        lime_id=2000 + number,
        creditor=creditor,
        name=f"Anna Andersson {number}",
        org_no="19900101-1234",
        email="anna@example.se",
        city="Lund",
        protected_identity=protected,
    )
    article = Article.objects.create(
        billecta_id=f"P-{number}", lime_id=3000 + number, creditor=creditor, article_number=f"HYRA-{number}", unit_price="99.125"
    )
    order = Order.objects.create(
        lime_id=1000 + number,
        billecta_id=f"A-{number}",
        creditor=creditor,
        debtor=debtor,
        status="sent",
        net_ore=10000,
        vat_ore=2500,
        total_ore=12500,
    )
    OrderRow.objects.create(order=order, lime_id=1, sequence=1, article=article, quantity="1", unit_price_ore=10000)
    now = timezone.now()
    invoice = Invoice.objects.create(
        billecta_id=f"A-{number}",
        lime_id=4000 + number,
        creditor=creditor,
        debtor=debtor,
        order=order,
        invoice_number=f"{7000 + number}",
        ocr=f"{880000 + number}",
        due_date=date(2026, 4, 30),
        invoice_date=date(2026, 3, 31),
        attested_at=now,
        sent_at=now,
        invoiced_ore=12500,
        current_ore=2450,
        paid_ore=10050,
        vat_ore=2500,
    )
    InvoiceRow.objects.create(
        invoice=invoice, sequence=1, product_id=article.billecta_id, quantity="1", unit_price_ore=10000, net_ore=10000, gross_ore=12500
    )
    Payment.objects.create(billecta_id=f"PAY-{number}", invoice=invoice, amount_ore=10050, payment_date=date(2026, 4, 2), ocr=invoice.ocr)
    UnhandledPayment.objects.create(
        billecta_id=f"U-{number}",
        creditor=creditor,
        amount_ore=50050 + number,
        payment_date=date(2026, 4, 3),
        reference=f"hyra {number}",
        sender="Anna Andersson",
        payment_type="UnmatchedPayment",
        state="Unhandled",
    )
    return invoice
