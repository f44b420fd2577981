"""Commands on sent invoices against the sandbox: what each does, what stops it, its dry run, and lost answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import gettext

from integration.commands.batches import Asker, start
from integration.commands.dry_run import dry_run
from integration.commands.invoice_actions import ACTIONS
from integration.commands.selection import CommandRequest
from integration.http.transport import Transport
from integration.ledger import decide
from integration.models import Invoice, SyncRecord
from tests.flows.invoice_commands import INVOICE_CASES, calls, fault, in_days, mirrored, nothing_changes, prepare, put

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
refresh = pytest.mark.parametrize("command", ["refresh-invoices-from-billecta"])
CASES = {case.id: case for case in INVOICE_CASES}
each = pytest.mark.parametrize("case", INVOICE_CASES, ids=list(CASES))
once = pytest.mark.parametrize("case", [case for case in INVOICE_CASES if case.shown_by_history], ids=lambda case: case.id)
repeatable = pytest.mark.parametrize("case", [case for case in INVOICE_CASES if case.repeatable], ids=lambda case: case.id)


def test_every_step_is_tried_here():
    assert {action.id for action in ACTIONS} == set(CASES)


@each
def test_effect(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect))) == ("succeeded", 1)
    assert case.holds()
    assert webhooks.order_status() == case.status


@each
def test_guard(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    case.forbidden(webhooks, overdue)
    settle()
    record = run(case.id, **{**case.options, **case.forbidding})
    assert (record.status, record.error_code, webhooks.effects(case.effect)) == ("failed", "guard_refused", [])
    assert record.open_writes == {}


@each
def test_dry_run(overdue, webhooks, settle, case):
    prepare(webhooks, settle, case, overdue)
    with nothing_changes(webhooks):
        [shown] = dry_run(case.id, CommandRequest((mirrored().lime_id or 0,), dict(case.options)), asker=Asker("test"))
    assert f"{shown['method']} {shown['path']}" == case.path.format(action=overdue)
    assert shown["problems"] == []


@each
def test_fault_of_a_lost_answer_has_one_effect(overdue, webhooks, settle, run, impatient, case):
    prepare(webhooks, settle, case, overdue)
    fault(webhooks, case, "timeout_after_write", seconds=30)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("succeeded", 1, 1)
    assert case.holds()


@repeatable
def test_fault_that_passes(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    fault(webhooks, case, "status", status=503)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("succeeded", 1, 2)


@once
def test_fault_that_cannot_be_read_back_waits_for_a_person(overdue, webhooks, settle, run, impatient, case):
    fault(webhooks, case, "timeout_before_write", seconds=30)
    record = run(case.id, **case.options)
    assert (record.status, webhooks.effects(case.effect), calls(webhooks, case)) == ("needs_decision", [], 1)
    decide(record, happened=False, actor="Anna")
    settle()
    record.refresh_from_db()
    assert (record.status, len(webhooks.effects(case.effect))) == ("succeeded", 1)


@once
def test_what_a_person_says_has_happened_is_not_sent_again(overdue, webhooks, settle, run, impatient, case):
    fault(webhooks, case, "timeout_before_write", seconds=30)
    record = run(case.id, **case.options)
    decide(record, happened=True, actor="Anna")
    settle()
    record.refresh_from_db()
    assert (record.status, webhooks.effects(case.effect), calls(webhooks, case)) == ("succeeded", [], 1)


@repeatable
def test_what_is_so_already_is_skipped_without_a_write(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    run(case.id, **case.options)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("skipped", 1, 1)
    assert record.error_params["message"].startswith(("Invoice", "Faktura"))
    [shown] = dry_run(case.id, CommandRequest((mirrored().lime_id or 0,), dict(case.options)), asker=Asker("test"))
    assert [problem["code"] for problem in shown["problems"]] == [record.error_code]


# --- refresh ---------------------------------------------------------------------------------------------------------


@refresh
def test_effect_that_no_webhook_told(overdue, webhooks, run, command):
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    webhooks.pay(overdue, 1_000_00)
    assert run(command).status == "succeeded"
    assert (mirrored().paid_ore, len(webhooks.lime_objects("payment"))) == (1_000_00, 1)


@refresh
def test_guard_names_an_invoice_that_billecta_does_not_have(overdue, webhooks, ask, settle, command):
    seeded = {"limetype": "invoice", "ref": "old", "values": {"billectaid": "4711"}}
    lime_id = int(webhooks.lime.control("POST", "seed", {"objects": [seeded]})["ids"]["old"])
    ask(command, lime_id)
    settle()
    record = SyncRecord.objects.get(kind=command)
    assert (record.status, record.error_code) == ("failed", "guard_refused")
    assert "4711" in record.message
    assert Invoice.objects.count() == 1


@refresh
def test_dry_run_reads(overdue, webhooks, command):
    with nothing_changes(webhooks):
        [shown] = dry_run(command, CommandRequest((mirrored().lime_id or 0,)), asker=Asker("test"))
    assert (shown["method"], shown["path"], shown["problems"]) == ("GET", f"/v1/invoice/action/{overdue}", [])


@refresh
def test_fault_of_a_read(overdue, webhooks, run, command):
    webhooks.billecta.control("POST", "faults", {"operation": "get_invoice", "kind": "status", "status": 503, "times": 4})
    assert run(command).status == "succeeded"


# --- what is special to some -----------------------------------------------------------------------------------------


def test_a_fee_in_kronor_is_sent_in_ore(overdue, webhooks, run):
    run("remind-invoices-in-billecta", fee="60,50")
    [reminded] = webhooks.effects("invoice.reminded")
    assert reminded["fee_ore"] == 60_50


def test_a_reminder_that_was_sent_by_someone_else_is_told_apart_from_an_older_one(overdue, webhooks, run, impatient):
    """The reminder that is there already proves nothing of the one whose answer is lost."""
    run("remind-invoices-in-billecta")
    fault(webhooks, CASES["remind-invoices-in-billecta"], "timeout_before_write", seconds=30)
    assert run("remind-invoices-in-billecta").status == "needs_decision"
    assert len(webhooks.effects("invoice.reminded")) == 1


@pytest.mark.parametrize("days", [-1, -61])
def test_a_due_date_that_has_passed_or_comes_before_the_invoice_is_refused_unsent(overdue, webhooks, run, days):
    record = run("postpone-invoices-in-billecta", due_date=in_days(days).isoformat())
    assert (record.error_code, webhooks.effects("invoice.postponed")) == ("guard_refused", [])
    assert in_days(days).isoformat() in record.message


def test_an_invoice_that_is_delivered_by_hand_is_sent_again_only_by_a_named_method(overdue, webhooks, run):
    run("resend-invoices-in-billecta", delivery_method="Mail")
    webhooks._call("PUT", f"/v1/invoice/resend/{overdue}?deliverymethod=Manually")
    assert run("resend-invoices-in-billecta").error_code == "guard_refused"
    assert run("resend-invoices-in-billecta", delivery_method="Kivra").status == "succeeded"


def test_the_reason_for_a_dispute_goes_in_a_comment_once(overdue, webhooks, run):
    assert run("dispute-invoices-in-billecta", comment="Fel mängd").status == "succeeded"
    [event] = [event for event in webhooks.invoice(overdue)["Events"] if event["EventType"] == "CommentedByCreditor"]
    assert (event["Content"], event["IsPublic"]) == ("Fel mängd", False)


@pytest.mark.parametrize("happened", [True, False])
def test_a_dispute_whose_comment_is_lost_is_not_repeated_and_the_comment_follows_only_when_it_did_not_happen(
    overdue, webhooks, settle, run, impatient, happened
):
    fault(webhooks, CASES["comment-invoices-in-billecta"], "timeout_before_write", seconds=30)
    record = run("dispute-invoices-in-billecta", comment="Fel mängd")
    assert (record.status, mirrored().disputed_at is not None) == ("needs_decision", True)
    decide(record, happened=happened, actor="Anna")
    settle()
    record.refresh_from_db()
    assert (record.status, len(webhooks.effects("invoice.disputed"))) == ("succeeded", 1)
    assert len(webhooks.effects("invoice.commented")) == (0 if happened else 1)


def test_a_refusal_has_the_portal_catch_up(overdue, webhooks, run):
    """A webhook was lost: what Billecta shows when it refuses is stored and carried to Lime."""
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    webhooks.pay(overdue)
    assert run("pause-invoices-in-billecta").error_code == "guard_refused"
    assert (mirrored().current_ore, webhooks.order_status()) == (0, "paid")


def test_a_paused_invoice_that_is_paid_says_why_it_is_not_postponed(overdue, webhooks, settle, run):
    put("/v1/invoice/pause/{action}")(webhooks, overdue)
    webhooks.pay(overdue)
    settle()
    record = run("postpone-invoices-in-billecta", due_date=in_days(5).isoformat())
    assert mirrored().invoice_number in record.message
    assert gettext("It is closed: nothing is left to pay.") in record.message


def test_names_of_delivery_methods_are_taken_in_any_case(overdue, webhooks, settle):
    request = CommandRequest((mirrored().lime_id or 0,), {"delivery_method": "EMAIL"})
    batch = start("resend-invoices-in-billecta", request, asker=Asker("test"))
    settle()
    assert (batch.body["options"], SyncRecord.objects.get(batch=batch).status) == ({"delivery_method": "EMAIL"}, "succeeded")
    [resent] = webhooks.effects("invoice.resent")
    assert resent["method"] == "Email"


def test_a_step_costs_a_look_a_write_and_a_look_and_its_webhook_one_more(overdue, webhooks, run):
    """Counted once and held here: who makes a step dearer must say so by changing these numbers."""
    run("pause-invoices-in-billecta")
    cost = Counter(call["operation"] for call in webhooks.billecta.journal("call"))
    assert cost <= Counter(get_invoice=3, pause=1)


def test_no_call_is_made_while_a_transaction_is_open(overdue, webhooks, run, monkeypatch):
    in_transaction: list[bool] = []
    send = Transport.send

    def noting(self: Transport, *args: Any, **rest: Any) -> Any:
        in_transaction.append(connection.in_atomic_block)
        return send(self, *args, **rest)

    monkeypatch.setattr(Transport, "send", noting)
    for command in ("dispute-invoices-in-billecta", "undispute-invoices-in-billecta", "remind-invoices-in-billecta"):
        run(command, **({"comment": "Fel mängd"} if command.startswith("dispute") else {}))
    for command in ("send-invoices-to-debt-collection", "withdraw-debt-collection"):
        run(command)
    assert len(in_transaction) > 20
    assert not any(in_transaction)
