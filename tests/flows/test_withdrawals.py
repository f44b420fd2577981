"""Orders that are cancelled or deleted before they are attested: one draft goes away, and the order can be sent anew."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from integration.models import Invoice, Order, RecordLink, SyncRecord

pytestmark = pytest.mark.django_db(transaction=True)

UPSERT, ATTEST, CREDIT = "upsert-orders-in-billecta", "attest-orders-in-billecta", "credit-orders-in-billecta"
CANCEL, DELETE = "cancel-orders-in-billecta", "delete-orders-in-billecta"
BOTH = pytest.mark.parametrize("command", [CANCEL, DELETE])
SHOWN = {CANCEL: "cancelled", DELETE: "deleted"}


@pytest.fixture
def draft(webhooks, ask, settle) -> str:
    """A draft that both systems know; its action id."""
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    [invoice] = webhooks.invoices()
    return str(invoice["ActionPublicId"])


def last(kind: str) -> SyncRecord:
    return SyncRecord.objects.filter(kind=kind).latest("pk")


@BOTH
def test_the_draft_goes_away_and_the_order_says_so(webhooks, draft, ask, settle, command):
    ask(command, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == SHOWN[command])
    assert [effect["action"] for effect in webhooks.effects("invoice.deleted")] == [draft]
    assert webhooks.invoices() == []
    assert Invoice.objects.get(billecta_id=draft).deleted_at is not None
    assert webhooks.lime_object("order", webhooks.ids["order"])["billectaid"] == (draft if command == CANCEL else "")


@BOTH
def test_a_withdrawn_order_can_be_sent_anew(webhooks, draft, ask, settle, command):
    ask(command, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == SHOWN[command])
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    [invoice] = webhooks.invoices()
    assert invoice["ActionPublicId"] != draft
    assert invoice["ExternalReference"].endswith(f":{webhooks.ids['order']}:2")
    assert webhooks.lime_object("order", webhooks.ids["order"])["billectaid"] == invoice["ActionPublicId"]
    assert Order.objects.get().withdrawn == ""


def test_a_cancelled_order_may_then_be_deleted(webhooks, draft, ask, settle):
    ask(CANCEL, webhooks.ids["order"])
    ask(DELETE, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "deleted")
    assert len(webhooks.effects("invoice.deleted")) == 1
    assert webhooks.lime_object("order", webhooks.ids["order"])["billectaid"] == ""
    assert not RecordLink.objects.filter(limetype="order").exists()


@BOTH
def test_an_attested_order_is_not_withdrawn(webhooks, attested, ask, settle, command):
    ask(command, webhooks.ids["order"])
    settle()
    record = last(command)
    assert (record.status, record.error_code) == ("failed", "guard_refused")
    assert "redit" in record.error_params["remedy"]
    assert webhooks.effects("invoice.deleted") == []


@BOTH
def test_one_that_was_attested_in_billecta_meanwhile_is_not_withdrawn(world, ask, settle, command):
    """No webhook told of it: the truth is asked for before anything is deleted."""
    ask(UPSERT, world.ids["order"])
    settle()
    [invoice] = world.invoices()
    world._call("PUT", f"/v1/invoice/attest/{invoice['ActionPublicId']}")
    ask(command, world.ids["order"])
    settle()
    assert (last(command).error_code, world.effects("invoice.deleted")) == ("guard_refused", [])
    assert Invoice.objects.get().attested_at is not None


@BOTH
def test_an_order_that_was_never_sent_is_skipped(world, ask, settle, command):
    ask(command, world.ids["order"])
    settle()
    assert (last(command).status, last(command).error_code) == ("skipped", "not_in_billecta")


@BOTH
def test_withdrawing_twice_does_it_once(webhooks, draft, ask, settle, command):
    for _time in range(2):
        ask(command, webhooks.ids["order"])
        settle()
    assert last(command).status == "skipped"
    assert len(webhooks.effects("invoice.deleted")) == 1
    assert webhooks.order_status() == SHOWN[command]


@BOTH
@pytest.mark.parametrize(
    "fault",
    [{"kind": "timeout_after_write", "seconds": 30}, {"kind": "timeout_before_write", "seconds": 30}, {"kind": "status", "status": 503}],
    ids=lambda fault: fault["kind"],
)
def test_a_lost_answer_deletes_once(webhooks, draft, ask, settle, settings, command, fault):
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()
    webhooks.billecta.control("POST", "faults", {**fault, "operation": "delete_invoice", "times": 1})
    ask(command, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == SHOWN[command])
    assert (last(command).status, len(webhooks.effects("invoice.deleted"))) == ("succeeded", 1)


@BOTH
def test_a_dry_run_shows_the_call_and_deletes_nothing(webhooks, draft, command, capsys):
    call_command("run_command", command, str(webhooks.ids["order"]), "--dry-run")
    [shown] = json.loads(capsys.readouterr().out)
    assert (shown["method"], shown["path"], shown["problems"]) == ("DELETE", f"/v1/invoice/action/{draft}", [])
    assert webhooks.effects("invoice.deleted") == []


@BOTH
def test_a_dry_run_says_that_an_attested_order_is_credited_instead(webhooks, attested, command, capsys):
    call_command("run_command", command, str(webhooks.ids["order"]), "--dry-run")
    [shown] = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in shown["problems"]] == ["guard_refused"]


@BOTH
def test_an_order_of_the_replaced_package_is_withdrawn_by_the_id_that_lime_holds(webhooks, draft, ask, settle, command):
    RecordLink.objects.filter(limetype="order").delete()
    Order.objects.update(billecta_id="")
    ask(command, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == SHOWN[command])
    assert len(webhooks.effects("invoice.deleted")) == 1


@BOTH
def test_a_dry_run_shows_the_draft_that_only_lime_knows_of_and_stores_nothing(webhooks, draft, command, capsys):
    RecordLink.objects.filter(limetype="order").delete()
    Order.objects.update(billecta_id="")
    call_command("run_command", command, str(webhooks.ids["order"]), "--dry-run")
    [shown] = json.loads(capsys.readouterr().out)
    assert (shown["path"], shown["problems"]) == (f"/v1/invoice/action/{draft}", [])
    assert not RecordLink.objects.filter(limetype="order").exists()


@BOTH
def test_a_send_of_unknown_outcome_is_settled_first(webhooks, ask, settle, command):
    """The draft of a lost answer must not stay behind in Billecta when its order is withdrawn."""
    webhooks.billecta.control("POST", "faults", {"kind": "reset_after_write", "operation": "create_invoice", "times": 1})
    webhooks.billecta.control("POST", "faults", {"kind": "status", "status": 400, "operation": "open_invoices_by_debtor", "times": 1})
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: last(UPSERT).is_finished)
    assert (last(UPSERT).status, bool(last(UPSERT).open_writes)) == ("failed", True)
    ask(command, webhooks.ids["order"])
    settle()
    assert (last(command).status, last(command).error_code) == ("failed", "guard_refused")
    from integration.ledger import retry

    retry(last(UPSERT), actor="test")
    settle()
    retry(last(command), actor="test")
    settle(until=lambda: webhooks.order_status() == SHOWN[command])
    assert (len(webhooks.effects("invoice.created")), webhooks.invoices()) == (1, [])


def test_a_draft_that_a_person_deleted_is_cancelled_all_the_same(world, ask, settle):
    ask(UPSERT, world.ids["order"])
    settle()
    [invoice] = world.invoices()
    world.delete_draft(invoice["ActionPublicId"])
    ask(CANCEL, world.ids["order"])
    settle(until=lambda: world.order_status() == "cancelled")
    assert (last(CANCEL).status, Invoice.objects.get().deleted_at is not None) == ("succeeded", True)
