"""Remote calls over the main job: none inside a transaction, none inside a request, and no more of them than are counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from integration.api import keys
from integration.http.transport import Transport
from integration.models import ApiKey, Payment, WebhookEvent
from tests.flows.test_main_job import ATTEST, UPSERT, assert_all_is_well, play

RECEIVER = "/limepkg-billecta-integration/billecta-webhook-receiver"
FIRST_ORDER = {
    "get_creditor": 1,
    "debtor_by_external_id": 1,
    "debtors_by_orgno": 1,  # by number too before one is made: one that Billecta has already would get a twin
    "create_debtor": 1,
    "get_debtor": 1,
    "product_by_external_id": 2,
    "list_products": 1,
    "create_product": 2,
    "get_product": 2,
    "create_invoice": 1,
    "get_invoice": 2,
}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]


@pytest.fixture
def sent(monkeypatch) -> list[tuple[str, bool]]:
    """Every request that this process sends from now on: its method and URL, and whether a transaction was open."""
    calls: list[tuple[str, bool]] = []
    send = Transport.send

    def noting(self: Transport, method: str, url: str, **rest):
        calls.append((f"{method} {url}", connection.in_atomic_block))
        return send(self, method, url, **rest)

    monkeypatch.setattr(Transport, "send", noting)
    return calls


@pytest.fixture
def cost(webhooks) -> Callable[[], tuple[Counter[str], Counter[str]]]:
    """The remote calls since last asked, by operation: to Billecta, and to Lime."""
    world = webhooks

    def cost() -> tuple[Counter[str], Counter[str]]:
        counted = [Counter(call["operation"] for call in sandbox.journal("call")) for sandbox in (world.billecta, world.lime)]
        for sandbox in (world.billecta, world.lime):
            sandbox.control("DELETE", "journal")
        return counted[0], counted[1]

    return cost


def test_no_call_is_made_while_a_transaction_is_open(webhooks, sent, ask, settle):
    action = play(webhooks, ask, settle)
    assert_all_is_well(webhooks, action)
    assert len(sent) > 20
    assert [call for call, in_transaction in sent if in_transaction] == []


def test_what_billecta_tells_is_answered_without_a_call(world, sent, client):
    _row, key = keys.make("billecta", [ApiKey.Scope.BILLECTA_WEBHOOK])
    body = {"Event": "InvoiceActionPaid", "Data": "0a0a0a0a-1111-4222-8333-444444444444"}
    answer = client.post(RECEIVER, body, content_type="application/json", headers={"x-api-key": key})
    assert answer.status_code == 200
    assert (WebhookEvent.objects.get(pk=answer.json()["event_id"]).status, sent) == ("received", [])


def test_the_main_job_costs_so_many_calls(webhooks, cost, ask, settle):
    """Counted once and held here: who makes a flow dearer must say so by changing these numbers."""
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    settle(until=lambda: world.order_status() == "created")
    first_time, to_lime = cost()
    assert first_time <= Counter(FIRST_ORDER)
    assert to_lime.total() <= 30
    ask(ATTEST, order)
    settle(until=lambda: world.order_status() == "sent")
    attest, to_lime = cost()
    assert attest <= Counter(get_invoice=4, attest_invoice=1)
    assert to_lime.total() <= 12
    [invoice] = world.invoices()
    cost()
    world.pay(invoice["ActionPublicId"], 1_000_00)
    settle(until=lambda: Payment.objects.exclude(lime_id=None).count() == 1)
    payment, to_lime = cost()
    assert payment <= Counter(get_invoice=2, incoming_payments=1)
    assert to_lime <= Counter(update_object=2, query=1, create_object=1)


def test_a_second_order_of_a_known_debtor_costs_two_calls_and_its_webhook_one_more(webhooks, cost, ask, settle):
    world = webhooks
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    second = world.add_order()
    cost()
    ask(UPSERT, second)
    settle(until=lambda: world.order_status("order2") == "created")
    assert cost()[0] <= Counter(create_invoice=1, get_invoice=2)
