"""What was sent and not answered comes first: nothing older, newer or asked for by another name is sent beside it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from integration.commands import batches
from integration.commands.batches import Asker
from integration.commands.selection import CommandRequest, Selection
from integration.ledger import bulk, drain, retry, sweep
from integration.models import Creditor, Invoice, Order, PortalConfiguration, RecordLink, RetryPolicy, SyncRecord
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.test_never_twice import OTHER, other_creditor  # noqa: F401  a fixture
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]

CREDIT, CREDIT_INVOICE, REGISTER = "credit-orders-in-billecta", "credit-invoices-in-billecta", "register-payments-in-billecta"
Status = SyncRecord.Status


def rows(kind: str) -> list[SyncRecord]:
    return list(SyncRecord.objects.filter(kind=kind).order_by("pk"))


def credited(world: World) -> list[int]:
    return [effect["amount_ore"] for effect in world.effects("invoice.credited")]


def lime_invoice(world: World) -> int:
    return int(world.lime_objects("invoice")[0]["_id"])


def strike(world: World, operation: str, **fault: Any) -> None:
    world.billecta.control("POST", "faults", {"kind": "status", "operation": operation, "times": 1, **fault})


def all_finished(*kinds: str) -> bool:
    return all(row.is_finished or row.status == Status.NEEDS_DECISION for kind in kinds for row in rows(kind))


@pytest.fixture
def patient(world) -> None:
    """A lost answer is looked for only after a while, so that something else may come between."""
    PortalConfiguration.objects.update(second_look_seconds=3)
    RetryPolicy.objects.filter(error_code="").update(first_delay_seconds=3)


def until_it_waits(kind: str) -> None:
    for _round in range(300):
        if SyncRecord.objects.filter(kind=kind, status=Status.WAITING_RETRY).exists():
            return
        drain(threads=0)
    raise AssertionError(rows(kind))


def test_older_work_that_is_retried_does_not_overtake_a_lost_send(webhooks, ask, settle, patient):
    strike(webhooks, "create_invoice", status=400)
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: all_finished(UPSERT))
    strike(webhooks, "create_invoice", status=502, perform=True)
    ask(UPSERT, webhooks.ids["order"])
    until_it_waits(UPSERT)
    retry(rows(UPSERT)[0], actor="somebody")
    settle(40, until=lambda: all_finished(UPSERT))
    assert len(webhooks.effects("invoice.created")) == 1


def test_older_work_that_is_retried_takes_over_what_newer_work_left_open(webhooks, ask, settle):
    order, due = webhooks.ids["order"], time.strftime("%Y-%m-%d", time.localtime(time.time() + 30 * 86400))
    strike(webhooks, "create_invoice", status=400)
    ask(UPSERT, order)
    settle()
    RetryPolicy.objects.filter(error_code="").update(first_delay_seconds=1)
    strike(webhooks, "create_invoice", status=502, perform=True)
    ask(UPSERT, order)
    until_it_waits(UPSERT)
    webhooks.lime.control("PUT", f"objects/order/{order}", {"duedate": "2001-01-01"})
    settle(until=lambda: [row.status for row in rows(UPSERT)] == ["failed", "failed"])
    webhooks.lime.control("PUT", f"objects/order/{order}", {"duedate": due})
    retry(rows(UPSERT)[0], actor="somebody")
    settle()
    assert len(webhooks.effects("invoice.created")) == 1


@pytest.mark.parametrize("kind", [CREDIT, REGISTER])
def test_an_older_request_that_is_retried_waits_for_a_lost_one_of_the_same_sum(webhooks, attested, ask, settle, patient, kind):
    operation, effect = ("credit", "invoice.credited") if kind == CREDIT else ("register_payment", "payment.registered")
    subject = webhooks.ids["order"] if kind == CREDIT else lime_invoice(webhooks)
    strike(webhooks, operation, status=400)
    ask(kind, subject, amount="100.00")
    settle()
    strike(webhooks, operation, status=502)
    ask(kind, subject, amount="100.00")
    until_it_waits(kind)
    retry(rows(kind)[0], actor="somebody")
    settle(40, until=lambda: all_finished(kind))
    assert len(webhooks.effects(effect)) == sum(row.status == "succeeded" for row in rows(kind)) == 2


@pytest.mark.parametrize("kind", [CREDIT, REGISTER])
def test_what_was_done_and_failed_afterwards_is_finished_before_the_same_is_asked_for_anew(webhooks, attested, ask, settle, kind):
    effect = "invoice.credited" if kind == CREDIT else "payment.registered"
    subject = webhooks.ids["order"] if kind == CREDIT else lime_invoice(webhooks)
    strike(webhooks, "get_invoice", status=401, after=1)
    for _time in range(2):
        ask(kind, subject, amount="100.00")
        settle()
    assert [row.status for row in rows(kind)] == ["failed", "failed"]
    assert rows(kind)[1].error_code == "guard_refused"
    for row in rows(kind):
        retry(row, actor="somebody")
        settle()
    assert len(webhooks.effects(effect)) == 2


def test_a_request_that_did_not_happen_and_cannot_any_more_blocks_nothing(webhooks, attested, ask, settle):
    strike(webhooks, "credit", status=502)
    ask(CREDIT, webhooks.ids["order"], amount="8000.00")
    until_it_waits(CREDIT)
    webhooks.pay(attested, 8_000_00)
    settle(until=lambda: all_finished(CREDIT))
    assert (rows(CREDIT)[0].error_code, rows(CREDIT)[0].open_writes) == ("guard_refused", {})
    ask(CREDIT, webhooks.ids["order"], amount="10.00")
    settle()
    assert credited(webhooks) == [10_00]


@pytest.mark.parametrize("state", ["needs_decision", "failed", "waiting_retry"])
def test_an_order_that_is_taken_over_brings_along_what_was_begun_with_its_invoice(webhooks, attested, ask, settle, patient, state):
    """Only Lime knows that the order is this invoice, of which a credit is open in the invoice's own lane."""
    invoice = lime_invoice(webhooks)
    RecordLink.objects.filter(limetype="order").delete()
    Invoice.objects.update(order=None)
    Order.objects.all().delete()
    strike(webhooks, "credit", status=502)
    ask(CREDIT_INVOICE, invoice, amount="100.00")
    until_it_waits(CREDIT_INVOICE)
    SyncRecord.objects.filter(kind=CREDIT_INVOICE).update(status=state)
    ask(CREDIT, webhooks.ids["order"], amount="100.00")
    for _round in range(5):
        drain(threads=0)
        sweep()
    assert credited(webhooks) == []
    assert rows(CREDIT_INVOICE)[0].entity_key == f"order:{webhooks.ids['order']}"


def test_one_404_of_an_id_that_lime_holds_makes_no_second_invoice(webhooks, attested, ask, settle):
    RecordLink.objects.filter(limetype="order").delete()
    Invoice.objects.update(order=None)
    Order.objects.all().delete()
    strike(webhooks, "get_invoice", status=404)
    ask(UPSERT, webhooks.ids["order"])
    settle()
    assert len(webhooks.effects("invoice.created")) == 1
    assert RecordLink.objects.get(limetype="order").billecta_id == attested


def test_a_task_that_is_cancelled_while_an_answer_is_lost_keeps_it_to_be_looked_for(webhooks, attested, settle, patient, monkeypatch):
    """The work is claimed, sends and loses its answer between the reading of the rows to cancel and their update."""
    strike(webhooks, "credit", status=502, perform=True)
    batch = batches.start(CREDIT, CommandRequest((webhooks.ids["order"],), {"amount": "100.00"}), asker=Asker("Anna"))
    read = bulk._chunks_of

    def slowly(*given):
        for found in read(*given):
            until_it_waits(CREDIT)
            yield found

    monkeypatch.setattr(bulk, "_chunks_of", slowly)
    monkeypatch.setattr(batches, "_call_off", lambda *_given: None, raising=False)
    batches.cancel(batch, actor="Anna")
    assert not any(row.status == "cancelled" and row.open_writes for row in rows(CREDIT))


@pytest.mark.parametrize("how", ["ids", "all"])
def test_the_named_creditor_narrows_orders(webhooks, ask, settle, other_creditor, how):  # noqa: F811
    ask(UPSERT, webhooks.ids["order"])
    settle()
    Creditor.objects.get_or_create(billecta_id=OTHER, defaults={"name": "Annan", "lime_id": other_creditor})
    options = {"creditor": OTHER}
    everything = CommandRequest((), options, {}, Selection(confirm_all=True))
    batches.start(ATTEST, CommandRequest((webhooks.ids["order"],), options) if how == "ids" else everything, asker=Asker("Anna"))
    settle()
    assert [(row.status, row.error_code) for row in rows(ATTEST)] == [("skipped", "other_creditor")]
    assert webhooks.effects("invoice.attested") == []


def test_a_dry_run_of_an_attest_tells_of_an_order_that_was_changed(webhooks, ask, settle):
    from integration.commands.dry_run import dry_run

    ask(UPSERT, webhooks.ids["order"])
    settle()
    webhooks.lime.control("PUT", f"objects/orderrow/{webhooks.ids['order-row2']}", {"quantity": 3})
    [shown] = dry_run(ATTEST, CommandRequest(ids=(webhooks.ids["order"],)), asker=Asker("Anna"))
    assert [problem["code"] for problem in shown["problems"]] == ["guard_refused"]
