"""Credits: each request at most once, never more than is left, and never tried again on a guess."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from integration.commands.options import check_options
from integration.commands.refusals import InvalidRequest
from integration.commands.table import table
from integration.ledger import decide, retry
from integration.models import LedgerEntry, SyncRecord

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS, INVOICES = "credit-orders-in-billecta", "credit-invoices-in-billecta"
BOTH = pytest.mark.parametrize("command", [ORDERS, INVOICES])
TOTAL = 8_625_00


def subject(world, command: str) -> int:
    """The Lime id that the command names: the order's, or its invoice's."""
    return world.ids["order"] if command == ORDERS else int(world.lime_objects("invoice")[0]["_id"])


def last(kind: str) -> SyncRecord:
    return SyncRecord.objects.filter(kind=kind).latest("pk")


def credited(world) -> list[int]:
    """Every credit that Billecta booked (öre), by its own journal."""
    return [effect["amount_ore"] for effect in world.effects("invoice.credited")]


@pytest.fixture
def impatient(settings):
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()


@BOTH
def test_a_whole_credit_settles_the_order(webhooks, attested, ask, settle, command):
    ask(command, subject(webhooks, command))
    settle(until=lambda: webhooks.order_status() == "credited")
    assert credited(webhooks) == [TOTAL]
    assert list(LedgerEntry.objects.filter(kind="credit").values_list("amount_ore", flat=True)) == [-TOTAL]
    assert last(command).result == {"credited_ore": TOTAL}


@BOTH
@pytest.mark.parametrize("amount", ["1250.50", "1 250,50", 1250.5])
def test_a_part_is_credited_to_the_ore(webhooks, attested, ask, settle, command, amount):
    ask(command, subject(webhooks, command), amount=amount, comment="Avtalat")
    settle()
    assert credited(webhooks) == [1_250_50]
    assert webhooks.invoice(attested)["CurrentAmount"]["Value"] == TOTAL - 1_250_50


@BOTH
def test_rows_are_credited_at_most_once_each(webhooks, attested, ask, settle, command):
    """Row 1 is 8 000 kr without VAT, row 2 is 625 kr with it."""
    ask(command, subject(webhooks, command), rows=[{"row": 2}, {"row": 1, "amount": "100.00"}])
    settle()
    assert credited(webhooks) == [725_00]
    ask(command, subject(webhooks, command), rows=[{"row": 2, "amount": "0.01"}])
    settle()
    assert (last(command).error_code, credited(webhooks)) == ("guard_refused", [725_00])


def test_a_row_that_is_named_twice_is_refused(webhooks, attested, ask, settle):
    ask(ORDERS, webhooks.ids["order"], rows=[{"row": 1}, {"row": 1}])
    settle()
    assert (last(ORDERS).error_code, credited(webhooks)) == ("guard_refused", [])


@BOTH
def test_more_than_is_left_is_refused_with_both_sums(webhooks, attested, ask, settle, command):
    webhooks.pay(attested, 8_000_00)
    settle()
    ask(command, subject(webhooks, command), amount=625.01)
    settle()
    record = last(command)
    assert (record.status, record.error_code, credited(webhooks)) == ("failed", "guard_refused", [])
    assert "625.01 SEK" in record.message
    assert "625.00 SEK" in record.message


def test_a_draft_is_not_credited(world, ask, settle):
    ask("upsert-orders-in-billecta", world.ids["order"])
    ask(ORDERS, world.ids["order"])
    settle()
    assert (last(ORDERS).error_code, credited(world)) == ("guard_refused", [])


def test_an_order_that_was_never_sent_is_not_credited(world, ask, settle):
    ask(ORDERS, world.ids["order"])
    settle()
    assert last(ORDERS).error_code == "guard_refused"


@BOTH
def test_what_is_credited_wholly_is_skipped(webhooks, attested, ask, settle, command):
    for _time in range(2):
        ask(command, subject(webhooks, command))
        settle()
    assert (last(command).status, last(command).error_code, credited(webhooks)) == ("skipped", "already_credited", [TOTAL])


@BOTH
@pytest.mark.parametrize("kind", ["timeout_after_write", "reset_after_write", "timeout_before_write"])
def test_a_lost_answer_never_credits_twice(webhooks, attested, ask, settle, impatient, command, kind):
    webhooks.billecta.control("POST", "faults", {"kind": kind, "operation": "credit", "times": 1, "seconds": 30})
    ask(command, subject(webhooks, command), amount="100.00")
    settle(until=lambda: last(command).is_finished)
    assert (last(command).status, credited(webhooks)) == ("succeeded", [100_00])


@BOTH
def test_what_cannot_be_told_waits_for_a_person_and_is_done_when_he_says_so(webhooks, attested, ask, settle, impatient, command):
    """Somebody credits the same invoice in Billecta while the answer is lost: the sums no longer tell."""
    webhooks.billecta.control("POST", "faults", {"kind": "timeout_before_write", "operation": "credit", "times": 1, "seconds": 30})
    ask(command, subject(webhooks, command), amount="100.00")
    settle(until=lambda: SyncRecord.objects.filter(kind=command, status="waiting_retry").exists() or _struck(webhooks), quiet=False)
    webhooks.credit(attested, 30_00)
    settle(until=lambda: last(command).status == "needs_decision")
    assert credited(webhooks) == [30_00]
    assert all(amount in last(command).message for amount in ("0.00 SEK", "100.00 SEK", "30.00 SEK")), last(command).message
    decide(last(command), happened=False, actor="test")
    settle(until=lambda: last(command).status == "succeeded")
    assert credited(webhooks) == [30_00, 100_00]


def _struck(world) -> bool:
    return any(rule["hits"] for rule in world.billecta.control("GET", "faults"))


def test_two_requests_are_two_credits(webhooks, attested, ask, settle):
    ask(ORDERS, webhooks.ids["order"], amount="100.00")
    ask(INVOICES, subject(webhooks, INVOICES), amount="100.00")
    settle()
    assert credited(webhooks) == [100_00, 100_00]


def test_what_follows_the_credit_may_fail_without_crediting_again(webhooks, attested, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "status", "status": 503, "operation": "get_invoice", "after": 1, "times": 3})
    ask(ORDERS, webhooks.ids["order"], amount="100.00")
    settle(until=lambda: last(ORDERS).is_finished)
    assert (last(ORDERS).status, credited(webhooks)) == ("succeeded", [100_00])


def test_a_refused_credit_may_be_retried(webhooks, attested, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "status", "status": 400, "operation": "credit", "times": 1})
    ask(ORDERS, webhooks.ids["order"], amount="100.00")
    settle()
    assert last(ORDERS).error_code == "remote_rejected"
    retry(last(ORDERS), actor="test")
    settle()
    assert (last(ORDERS).status, credited(webhooks)) == ("succeeded", [100_00])


@BOTH
def test_a_dry_run_shows_the_sum_and_credits_nothing(webhooks, attested, command, capsys):
    call_command("run_command", command, str(subject(webhooks, command)), "--dry-run", "--options", '{"amount": "99.90"}')
    [shown] = json.loads(capsys.readouterr().out)
    assert (shown["method"], shown["payload"]["Value"]["Value"], shown["problems"]) == ("POST", 99_90, [])
    assert credited(webhooks) == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"amount": "0"}, "options.amount"),
        ({"amount": "12.345"}, "options.amount"),
        ({"amount": -5}, "options.amount"),
        ({"amount": "mycket"}, "options.amount"),
        ({"amount": True}, "options.amount"),
        ({"amount": "1", "rows": [{"row": 1}]}, "options"),
        ({"rows": []}, "options.rows"),
        ({"rows": [{"row": 0}]}, "options.rows[0].row"),
        ({"rows": [{"amount": "1"}]}, "options.rows[0].row"),
        ({"comment": "x" * 501}, "options.comment"),
    ],
)
def test_wrong_options_are_named(options, field):
    with pytest.raises(InvalidRequest) as refused:
        check_options(table[ORDERS], options)
    assert list(refused.value.fields) == [field]
