"""Payments that come otherwise than on the day and stay: what the portal, its entries and Lime hold in the end."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from integration.ledger import drain
from integration.models import Invoice, LedgerEntry, Payment, SyncRecord
from integration.sync.invoices import fetch_and_store
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import World, ore

pytestmark = pytest.mark.django_db(transaction=True)


def left(action: str) -> int:
    """What the entries of an invoice sum to."""
    return sum(LedgerEntry.objects.filter(invoice__billecta_id=action).values_list("amount_ore", flat=True))


def assert_tied(world: World, action: str) -> None:
    """Entries, mirror and Billecta agree on what is left."""
    assert left(action) == Invoice.objects.get(billecta_id=action).current_ore == world.invoice(action)["CurrentAmount"]["Value"]


@pytest.mark.parametrize("days", [-400, -10, 4])
def test_a_payment_of_any_day_arrives(webhooks, settle, attested, days):
    day = timezone.localdate() + timedelta(days=days)
    webhooks.billecta.control("POST", f"invoices/{attested}/pay", {"amount_ore": 1_000_00, "date": day.isoformat()})
    settle()
    [payment] = webhooks.lime_objects("payment")
    assert ore(payment["amount"]) == 1_000_00
    assert LedgerEntry.objects.get(kind="payment").business_date == day
    assert_tied(webhooks, attested)


def test_money_that_came_before_the_invoice_arrives_once_it_is_matched(webhooks, settle, attested):
    long_ago = (timezone.localdate() - timedelta(days=90)).isoformat()
    creditor = webhooks.invoice(attested)["CreditorPublicId"]
    money = {"creditor": creditor, "amount_ore": 500_00, "date": long_ago}
    unhandled = webhooks.billecta.control("POST", "unmatched-payment", money)["UnhandledPaymentPublicId"]
    webhooks.match(attested, unhandled)
    settle()
    [payment] = webhooks.lime_objects("payment")
    assert ore(payment["amount"]) == 500_00
    assert_tied(webhooks, attested)


def kinds(action: str) -> list[tuple[str, str, int]]:
    entries = LedgerEntry.objects.filter(invoice__billecta_id=action).order_by("pk")
    return list(entries.values_list("kind", "reverses", "amount_ore"))


def test_a_payment_that_is_taken_back_is_reversed_and_stays_in_lime(webhooks, settle, attested):
    world = webhooks
    world.pay(attested)
    settle(until=lambda: world.order_status() == "paid")
    world.take_back(attested)
    settle(until=lambda: world.order_status() == "sent")
    assert kinds(attested) == [
        ("invoiced", "", world.TOTAL_ORE),
        ("payment", "", -world.TOTAL_ORE),
        ("reversal", "payment", world.TOTAL_ORE),
    ]
    assert Payment.objects.get().withdrawn_at is not None
    assert len(world.lime_objects("payment")) == 1
    [lime_invoice] = world.lime_objects("invoice")
    assert [ore(lime_invoice[name]) for name in ("paidamount", "balance")] == [0, world.TOTAL_ORE]
    assert_tied(world, attested)


def test_one_of_two_payments_that_is_taken_back_leaves_the_other(webhooks, settle, attested):
    webhooks.pay(attested, 1_000_00)
    webhooks.pay(attested, 2_000_00)
    settle()
    webhooks.take_back(attested)
    settle()
    assert list(Payment.objects.filter(withdrawn_at=None).values_list("amount_ore", flat=True)) == [1_000_00]
    assert left(attested) == webhooks.TOTAL_ORE - 1_000_00
    assert_tied(webhooks, attested)


@pytest.fixture
def two(webhooks, ask, settle, attested) -> tuple[str, str]:
    """Two attested invoices, the first with a payment of 1 000 kr; nothing left to do."""
    order = webhooks.add_order()
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle(until=lambda: webhooks.order_status("order2") == "sent")
    [other] = [invoice["ActionPublicId"] for invoice in webhooks.invoices() if invoice["ActionPublicId"] != attested]
    webhooks.pay(attested, 1_000_00)
    settle()
    return attested, str(other)


def assert_moved(world: World, first: str, second: str) -> None:
    """The payment is on the second invoice everywhere, once, and the books of both tie."""
    payment = Payment.objects.get()
    assert (payment.invoice.billecta_id, payment.withdrawn_at) == (second, None)
    [in_lime] = world.lime_objects("payment")
    assert in_lime["invoice"] == Invoice.objects.get(billecta_id=second).lime_id
    assert kinds(first)[1:] == [("payment", "", -1_000_00), ("reversal", "payment", 1_000_00)]
    assert kinds(second)[1:] == [("payment", "", -1_000_00)]
    for action in (first, second):
        assert_tied(world, action)
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {"succeeded"}


def test_a_payment_that_is_moved_to_another_invoice_moves_everywhere(webhooks, settle, two):
    webhooks.move_payment(*two)
    settle()
    assert_moved(webhooks, *two)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first-looked-at-first", "second-looked-at-first"])
def test_a_moved_payment_moves_whichever_invoice_is_looked_at_first(webhooks, settle, two, order):
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    webhooks.move_payment(*two)
    for number in order:
        fetch_and_store(two[number])
    settle()
    assert_moved(webhooks, *two)


def test_a_payment_that_is_counted_and_not_listed_is_waited_for_and_nothing_is_taken_back(webhooks, settle, attested, monkeypatch):
    from integration.sync.systems import billecta

    webhooks.pay(attested, 1_000_00)
    settle()
    client = type(billecta())
    listing = client.incoming_payments
    monkeypatch.setattr(client, "incoming_payments", lambda *_args, **_kwargs: [])
    webhooks.pay(attested, 500_00)
    deadline = time.monotonic() + 90
    while not SyncRecord.objects.filter(error_code="payments_incomplete", status="waiting_retry").exists():
        assert time.monotonic() < deadline
        drain(threads=0, seconds=1)
    record = SyncRecord.objects.get(error_code="payments_incomplete", status="waiting_retry")
    assert (record.error_params["paid"], record.error_params["listed"]) == ("1500.00", "0.00")
    assert "reversal" not in {kind for kind, _reverses, _ore in kinds(attested)}
    monkeypatch.setattr(client, "incoming_payments", listing)
    settle()
    assert_tied(webhooks, attested)
