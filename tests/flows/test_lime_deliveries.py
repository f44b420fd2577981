"""Lime's webhooks as Lime delivers them: twice, late, signed otherwise; and nothing that the portal writes echoes."""

from __future__ import annotations

import pytest

from integration.models import RefusedDelivery, SyncRecord, WebhookEvent
from integration.sync.in_step import KEPT
from tests.flows.changes import SECRET, edit, events, subscribe, switch, writes
from tests.flows.test_main_job import UPSERT, assert_all_is_well, play
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]


def test_a_delivery_that_comes_twice_is_one_event(draft, settle, heard):
    switch(debtors=True)
    draft.lime.control("POST", "faults", {"kind": "webhook_duplicate", "event": "debtor.update", "times": 1})
    one = heard(1)
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=lambda: one() and len(delivered(draft, "debtor.update")) == 2)
    assert delivered(draft, "debtor.update") == [200, 200]
    assert len(events(event_name="debtor.update")) == 1
    assert writes(draft) == ["update_debtor"]


def delivered(world: World, name: str) -> list[int]:
    return [row["status"] for row in world.lime.journal("webhook") if row["event"] == name]


@pytest.mark.parametrize(("fault", "taken"), [("late", True), ("signature_v1", True), ("tamper", False), ("old_secret", False)])
def test_what_lime_delivers_oddly_is_taken_when_its_signature_holds(draft, settle, heard, fault, taken):
    switch(debtors=True)
    draft.lime.control("PUT", "modes", {"deliveries": {fault: 1}})
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=lambda: len(delivered(draft, "debtor.update")) == 1)
    settle()
    assert delivered(draft, "debtor.update") == [200 if taken else 401]
    assert writes(draft) == (["update_debtor"] if taken else [])
    assert RefusedDelivery.objects.filter(source="lime", reason="unauthorized").exists() is not taken


def test_a_secret_that_was_replaced_still_opens_while_it_is_listed(draft, settle, settings):
    switch(debtors=True)
    settings.LIME_WEBHOOK_SECRETS = ["newer", "former-secret"]
    draft.lime.control("PUT", "modes", {"deliveries": {"old_secret": 1}})
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=lambda: delivered(draft, "debtor.update") == [200])
    settle()
    assert writes(draft) == ["update_debtor"]


def test_an_older_lime_with_version_1_is_heard(webhooks, ask, live_server, settings, settle):
    settings.LIME_WEBHOOK_SECRETS = [SECRET]
    subscribe(webhooks, f"{live_server.url}/webhooks/lime/", version=1)
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    webhooks.billecta.control("DELETE", "journal")
    switch(debtors=True)
    edit(webhooks, "debtor", "debtor", city="Umeå")
    settle(until=lambda: "update_debtor" in writes(webhooks))
    webhooks.lime.control("POST", "reset")
    assert writes(webhooks) == ["update_debtor"]


def test_the_whole_job_with_every_switch_on_writes_nothing_more_and_comes_to_rest(told, ask, settle):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    action = play(told, ask, settle)
    settle(quiet=2)
    told_of = {name for name, _status in events()}
    assert {"order.update", "creditordebtor.new", "invoice.new", "payment.new"} <= told_of
    assert_all_is_well(told, action)
    expected = ["create_debtor", "create_product", "create_product", "create_invoice", "attest_invoice"]
    assert sorted(writes(told)) == sorted(expected)
    assert not SyncRecord.objects.filter(kind__in=[one.kind for one in KEPT.values()]).exists()
    at_rest = WebhookEvent.objects.count(), SyncRecord.objects.count()
    settle(quiet=2)
    assert (WebhookEvent.objects.count(), SyncRecord.objects.count()) == at_rest


def test_a_change_by_a_person_comes_to_rest_too(draft, settle, heard):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    two = heard(2)
    edit(draft, "order", "order", message="Ny text")
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=two, quiet=2)
    assert sorted(writes(draft)) == ["update_debtor", "update_invoice"]
