"""Payments that come otherwise than on the day and stay: what the portal, its entries and Lime hold in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integration.models import Invoice, LedgerEntry
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import World, ore

pytestmark = pytest.mark.django_db(transaction=True)


def left(action: str) -> int:
    """What the entries of an invoice sum to."""
    return sum(LedgerEntry.objects.filter(invoice__billecta_id=action).values_list("amount_ore", flat=True))


def assert_tied(world: World, action: str) -> None:
    """Entries, mirror and Billecta agree on what is left."""
    assert left(action) == Invoice.objects.get(billecta_id=action).current_ore == world.invoice(action)["CurrentAmount"]["Value"]


@pytest.fixture
def attested(webhooks, ask, settle) -> str:
    """An attested invoice that both systems know; nothing left to do."""
    ask(UPSERT, webhooks.ids["order"])
    ask(ATTEST, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "sent")
    [invoice] = webhooks.invoices()
    return str(invoice["ActionPublicId"])


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
