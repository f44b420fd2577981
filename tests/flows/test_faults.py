"""The main job with each fault switched on: nothing lost, nothing doubled, in the end the same state."""

from __future__ import annotations

from typing import Any

import pytest

from integration.api import keys
from integration.models import ApiKey
from tests.flows.test_main_job import assert_all_is_well, play
from tests.flows.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# Each strikes the first calls that it matches; `after` lets the reads at the start pass, so that writes are struck too.
BOTH: list[dict[str, Any]] = [
    {"kind": "latency", "seconds": 0.2, "times": 20},
    {"kind": "rate_limit", "seconds": 1, "times": 3, "after": 2},
    {"kind": "rate_limit_no_retry_after", "times": 3, "after": 2},
    {"kind": "status", "status": 500, "times": 4, "after": 1},
    {"kind": "status", "status": 502, "times": 4, "after": 3},
    {"kind": "status", "status": 503, "times": 4, "after": 5},
    {"kind": "html", "times": 4, "after": 2},
    {"kind": "invalid_json", "times": 4, "after": 2},
    {"kind": "reset", "times": 4, "after": 2},
    {"kind": "reset_after_write", "method": "POST", "times": 5},
    {"kind": "reset_after_write", "method": "PUT", "times": 3},
    {"kind": "timeout_after_write", "method": "POST", "times": 2, "seconds": 30},
    {"kind": "timeout_before_write", "method": "POST", "times": 2, "seconds": 30},
]


def _name(fault: dict[str, Any]) -> str:
    return "-".join(str(fault[key]) for key in ("kind", "status", "method") if key in fault)


@pytest.fixture(autouse=True)
def _impatient(settings, world):
    """Half a minute of waiting for an answer would be half a minute of test."""
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()


@pytest.mark.parametrize("system", ["billecta", "lime"])
@pytest.mark.parametrize("fault", BOTH, ids=_name)
def test_the_main_job_survives(webhooks, ask, settle, system, fault):
    sandbox = getattr(webhooks, system)
    sandbox.control("POST", "faults", fault)
    action = play(webhooks, ask, settle)
    assert any(rule["hits"] for rule in sandbox.control("GET", "faults")), "the fault never struck"
    assert_all_is_well(webhooks, action)


@pytest.mark.parametrize("kind", ["webhook_duplicate", "webhook_reorder"])
def test_webhooks_sent_twice_or_in_the_wrong_order_leave_one_payment_each(webhooks, ask, settle, kind):
    webhooks.billecta.control("POST", "faults", {"kind": kind})
    assert_all_is_well(webhooks, play(webhooks, ask, settle))


def test_a_payment_whose_own_webhook_was_lost_comes_with_the_next(webhooks, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "webhook_lose", "event": "InvoicePaymentReceived"})
    assert_all_is_well(webhooks, play(webhooks, ask, settle))


def test_a_create_that_times_out_after_it_took_effect_leaves_one_invoice(webhooks, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "timeout_after_write", "operation": "create_invoice", "times": 1, "seconds": 30})
    assert_all_is_well(webhooks, play(webhooks, ask, settle))


def test_a_create_that_never_arrived_is_sent_again_after_two_empty_looks(webhooks, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "timeout_before_write", "operation": "create_invoice", "times": 1, "seconds": 30})
    assert_all_is_well(webhooks, play(webhooks, ask, settle))


def test_an_attest_that_times_out_after_it_took_effect_is_not_repeated(webhooks, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "timeout_after_write", "operation": "attest_invoice", "times": 1, "seconds": 30})
    assert_all_is_well(webhooks, play(webhooks, ask, settle))
    assert len([call for call in webhooks.billecta.journal("call") if call["operation"] == "attest_invoice"]) == 1


def test_a_receiver_that_is_down_gets_its_webhooks_later(webhooks: World, ask, settle):
    order = webhooks.ids["order"]
    ask("upsert-orders-in-billecta", order)
    ask("attest-orders-in-billecta", order)
    settle()
    [invoice] = webhooks.invoices()
    digest = ApiKey.objects.values_list("digest", flat=True).get()
    ApiKey.objects.update(digest="0" * 64)
    keys.forget_cached()
    webhooks.pay(invoice["ActionPublicId"], 1_000_00)
    webhooks.pay(invoice["ActionPublicId"])
    settle()
    assert webhooks.lime_objects("payment") == []
    ApiKey.objects.update(digest=digest)
    keys.forget_cached()
    settle(until=lambda: webhooks.order_status() == "paid" and len(webhooks.lime_objects("payment")) == 2)
    assert_all_is_well(webhooks, invoice["ActionPublicId"])


def test_a_payment_that_is_counted_but_not_listed_yet_is_looked_for_again(webhooks, ask, settle, monkeypatch):
    from integration.sync import invoices

    listed, hidden = invoices.listed_payments, [2]

    def late(view):
        if hidden[0]:
            hidden[0] -= 1
            return []
        return listed(view)

    monkeypatch.setattr(invoices, "listed_payments", late)
    assert_all_is_well(webhooks, play(webhooks, ask, settle))
    assert hidden == [0]


def test_an_attest_that_was_held_up_afterwards_is_still_its_own(webhooks, ask, settle):
    """The attest worked, but what follows it failed for a while: the work has succeeded, it was not skipped."""
    webhooks.billecta.control("POST", "faults", {"kind": "status", "status": 503, "operation": "get_invoice", "after": 2, "times": 4})
    action = play(webhooks, ask, settle)
    assert_all_is_well(webhooks, action)
