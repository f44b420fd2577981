"""Calls are the scarce thing: what a flow costs in remote calls, held as numbers."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.flows.test_main_job import UPSERT

pytestmark = pytest.mark.django_db(transaction=True)
READS = {"get_object", "list_objects", "query"}


def calls(sandbox) -> Counter[str]:
    return Counter(call["operation"] for call in sandbox.journal("call"))


def clear(world) -> None:
    for sandbox in (world.billecta, world.lime):
        sandbox.control("DELETE", "journal")


@pytest.fixture
def attested(attested: str, webhooks) -> str:
    """The same, with journals that begin now."""
    clear(webhooks)
    return attested


def test_three_events_about_one_payment_cost_one_read_each_and_one_write_each(webhooks, settle, attested):
    webhooks.pay(attested)
    settle()
    events = {delivery["event"] for delivery in webhooks.billecta.journal("webhook")}
    assert {"InvoicePaymentReceived", "InvoiceActionPaid", "InvoiceActionStateChanged"} <= events
    assert calls(webhooks.billecta) == {"get_invoice": 1, "incoming_payments": 1}
    written = [(call["method"], call["operation"]) for call in webhooks.lime.journal("call") if call["method"] != "GET"]
    assert Counter(written) == {("PUT", "update_object"): 2, ("POST", "create_object"): 1}  # invoice and order updated, payment made
    changed = Counter(
        (effect["limetype"], effect["id"]) for effect in webhooks.lime.journal("effect") if effect["effect"].startswith("object.")
    )
    assert set(changed.values()) == {1}


def test_an_event_that_changes_nothing_costs_one_read_and_no_write(webhooks, settle, attested):
    webhooks.billecta.control("POST", f"invoices/{attested}/raise", {"event": "InvoiceActionUpdated"})
    settle()
    assert calls(webhooks.billecta) == {"get_invoice": 1}
    assert calls(webhooks.lime) == {}


def test_a_second_order_of_known_parties_costs_two_calls_to_billecta(webhooks, ask, settle, attested):
    order = webhooks.add_order()
    clear(webhooks)
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    ask(UPSERT, order)
    settle()
    assert calls(webhooks.billecta) == {"create_invoice": 1, "get_invoice": 1}
    assert sum(count for name, count in calls(webhooks.lime).items() if name in READS) <= 5


def test_the_first_order_of_new_parties_looks_for_each_by_external_id_and_by_number(webhooks, ask, settle):
    """One look more than before for each new party: without it one that Billecta has already would get a twin."""
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    ask(UPSERT, webhooks.ids["order"])
    settle(quiet=1.0)
    looks = calls(webhooks.billecta)
    assert (looks["debtor_by_external_id"], looks["debtors_by_orgno"], looks["create_debtor"], looks["get_debtor"]) == (1, 1, 1, 1)
    assert (looks["product_by_external_id"], looks["list_products"], looks["create_product"], looks["get_product"]) == (2, 1, 2, 2)
