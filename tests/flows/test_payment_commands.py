"""What people register, match and ask for in money: each at most once by Billecta's own journal, and told apart or left to a person."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from integration.api.keys import make
from integration.commands import batches
from integration.commands.options import check_options
from integration.commands.refusals import IdempotencyConflict, InvalidRequest
from integration.commands.selection import read_request
from integration.commands.table import table
from integration.handlers.payments import ask_about_open_payments
from integration.ledger import decide, retry
from integration.ledger.explanation import explain
from integration.models import (
    Batch,
    Creditor,
    Debtor,
    EventLog,
    Invoice,
    LedgerEntry,
    PortalConfiguration,
    SwishRequest,
    SyncAttempt,
    SyncRecord,
    UnhandledPayment,
    WebhookEvent,
)
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)

REGISTER, MATCH, SWISH = "register-payments-in-billecta", "match-payments-in-billecta", "request-swish-payments"
TOTAL = World.TOTAL_ORE
PHONE, MESSAGE = "46701234567", "Hyra mars"
LOST = pytest.mark.parametrize("kind", ["timeout_after_write", "reset_after_write", "timeout_before_write"])
OTHER_CREDITOR = "0d0d0d0d-1111-4222-8333-444444444444"


def last(kind: str) -> SyncRecord:
    return SyncRecord.objects.filter(kind=kind).latest("pk")


def paid(world: World) -> list[int]:
    """Every payment that Billecta booked (öre), by its own journal."""
    return [effect["amount_ore"] for effect in world.effects("payment.registered")]


def written_off(world: World) -> list[int]:
    return [effect["amount_ore"] for effect in world.effects("invoice.written_off")]


def lime_invoice(world: World) -> int:
    return int(world.lime_objects("invoice")[0]["_id"])


def struck(world: World) -> bool:
    return any(rule["hits"] for rule in world.billecta.control("GET", "faults"))


def lose(world: World, kind: str, operation: str) -> None:
    world.billecta.control("POST", "faults", {"kind": kind, "operation": operation, "times": 1, "seconds": 30})


def dry_run(capsys, command: str, *lime_ids: int, **options: Any) -> list[dict[str, Any]]:
    call_command("run_command", command, *map(str, lime_ids), "--dry-run", "--options", json.dumps(options))
    shown: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return shown


@pytest.fixture
def impatient(settings):
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()


# --- register ------------------------------------------------------------------------------------------------------------


def test_without_an_amount_all_that_is_left_is_registered_today(webhooks, attested, ask, settle):
    webhooks.pay(attested, 625_00)
    settle()
    ask(REGISTER, lime_invoice(webhooks))
    settle(until=lambda: webhooks.order_status() == "paid")
    assert paid(webhooks) == [625_00, 8_000_00]
    entry = LedgerEntry.objects.filter(kind="payment").latest("pk")
    assert (entry.amount_ore, entry.business_date) == (-8_000_00, timezone.localdate())
    assert last(REGISTER).result == {"paid_ore": 8_000_00, "write_off_ore": 0, "date": timezone.localdate().isoformat()}


@pytest.mark.parametrize("amount", ["1250.50", "1 250,50", 1250.5])
def test_a_part_is_registered_to_the_ore_with_its_day_and_mean(webhooks, attested, ask, settle, amount):
    day = timezone.localdate() - timedelta(days=3)
    ask(REGISTER, lime_invoice(webhooks), amount=amount, date=day.isoformat(), payment_mean="KONTANT", comment="I kassan")
    settle()
    payment = Invoice.objects.get().payments.get()
    assert (payment.amount_ore, payment.payment_date, payment.payment_mean) == (1_250_50, day, "KONTANT")
    assert webhooks.invoice(attested)["CurrentAmount"]["Value"] == TOTAL - 1_250_50


def test_a_write_off_alone_pays_nothing(webhooks, attested, ask, settle):
    ask(REGISTER, lime_invoice(webhooks), write_off="25.00")
    settle()
    assert (paid(webhooks), written_off(webhooks)) == ([], [25_00])
    assert Invoice.objects.get().write_off_ore == 25_00


def test_a_payment_and_a_write_off_close_the_invoice(webhooks, attested, ask, settle):
    ask(REGISTER, lime_invoice(webhooks), amount="8600.00", write_off="25.00")
    settle(until=lambda: webhooks.order_status() == "paid")
    assert (paid(webhooks), written_off(webhooks)) == ([8_600_00], [25_00])


@pytest.mark.parametrize("overshoot", ["AsOverPayments", "asoverpayments"])
def test_too_much_becomes_an_overpayment_that_is_listed_as_unhandled(webhooks, attested, ask, settle, overshoot):
    ask(REGISTER, lime_invoice(webhooks), amount="8725.00", overshoot=overshoot)
    settle(until=lambda: UnhandledPayment.objects.exists())
    assert paid(webhooks) == [TOTAL]
    kept = UnhandledPayment.objects.get()
    assert (kept.amount_ore, kept.payment_type, kept.overpaid_action, kept.handled_at) == (100_00, "OverPayment", attested, None)


def test_too_much_as_currency_difference_leaves_nothing_behind(webhooks, attested, ask, settle):
    ask(REGISTER, lime_invoice(webhooks), amount="8625.37", overshoot="AsCurrencyDifference")
    settle(until=lambda: webhooks.order_status() == "paid")
    assert (paid(webhooks), UnhandledPayment.objects.count()) == ([TOTAL], 0)


def refused(world: World, ask, settle, **options: Any) -> SyncRecord:
    ask(REGISTER, lime_invoice(world), **options)
    settle()
    record = last(REGISTER)
    assert (record.status, record.error_code, paid(world), written_off(world)) == ("failed", "guard_refused", [], [])
    return record


def test_more_than_is_left_is_refused_with_both_sums(webhooks, attested, ask, settle):
    message = refused(webhooks, ask, settle, amount="8625.01").message
    assert "8625.01 SEK" in message
    assert "8625.00 SEK" in message
    assert not [call for call in webhooks.billecta.journal("call") if call["operation"] == "register_payment"]


@pytest.mark.parametrize(
    "options",
    [
        {"amount": "8625.01", "overshoot": "None"},
        {"amount": "8625.00", "write_off": "0.01"},
        {"write_off": "8625.01"},
        {"amount": "9000", "write_off": "1", "overshoot": "AsOverPayments"},
        {"date": "2001-01-01"},
        {"date": (timezone.localdate() + timedelta(days=90)).isoformat()},
    ],
)
def test_what_billecta_would_refuse_or_nobody_can_mean_is_stopped_before_it_is_sent(webhooks, attested, ask, settle, options):
    refused(webhooks, ask, settle, **options)
    assert not [call for call in webhooks.billecta.journal("call") if call["operation"] == "register_payment"]


def test_a_paid_invoice_takes_no_payment_and_says_why(webhooks, attested, ask, settle):
    webhooks.pay(attested)
    settle(until=lambda: webhooks.order_status() == "paid")
    ask(REGISTER, lime_invoice(webhooks), amount="1")
    settle()
    assert (last(REGISTER).error_code, paid(webhooks)) == ("guard_refused", [TOTAL])
    assert "ingenting återstår att betala" in last(REGISTER).message


def test_a_dry_run_shows_the_payment_and_its_problems_and_books_nothing(webhooks, attested, capsys):
    [shown] = dry_run(capsys, REGISTER, lime_invoice(webhooks), amount="99.90", date="2026-01-02")
    assert (shown["method"], shown["payload"]["Amount"]["Value"], shown["problems"]) == ("POST", 99_90, [])
    assert shown["payload"]["Date"].startswith("2026-01-02 00:00:00")
    [shown] = dry_run(capsys, REGISTER, lime_invoice(webhooks), amount="99999")
    assert [problem["code"] for problem in shown["problems"]] == ["guard_refused"]
    assert paid(webhooks) == []


@LOST
def test_a_lost_answer_never_registers_twice(webhooks, attested, ask, settle, impatient, kind):
    lose(webhooks, kind, "register_payment")
    ask(REGISTER, lime_invoice(webhooks), amount="100.00", write_off="10.00")
    settle(until=lambda: last(REGISTER).is_finished)
    assert (last(REGISTER).status, paid(webhooks), written_off(webhooks)) == ("succeeded", [100_00], [10_00])


def test_a_lost_answer_to_too_much_is_known_by_what_fits_the_invoice(webhooks, attested, ask, settle, impatient):
    lose(webhooks, "timeout_after_write", "register_payment")
    ask(REGISTER, lime_invoice(webhooks), amount="9000.00", overshoot="AsOverPayments")
    settle(until=lambda: last(REGISTER).is_finished)
    assert (last(REGISTER).status, paid(webhooks)) == ("succeeded", [TOTAL])


def test_another_payment_of_the_same_moment_is_not_taken_for_ours(webhooks, attested, ask, settle, impatient):
    """The bank's payment of another sum comes while the answer is lost: whether ours came cannot be told."""
    lose(webhooks, "timeout_before_write", "register_payment")
    ask(REGISTER, lime_invoice(webhooks), amount="100.00")
    settle(until=lambda: struck(webhooks), quiet=False)
    webhooks.pay(attested, 30_00)
    settle(until=lambda: last(REGISTER).status == "needs_decision")
    assert paid(webhooks) == [30_00]
    decide(last(REGISTER), happened=False, actor="test")
    settle(until=lambda: last(REGISTER).status == "succeeded")
    assert paid(webhooks) == [30_00, 100_00]


def test_what_follows_the_payment_may_fail_without_paying_again(webhooks, attested, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "status", "status": 503, "operation": "get_invoice", "after": 1, "times": 3})
    ask(REGISTER, lime_invoice(webhooks), amount="100.00")
    settle(until=lambda: last(REGISTER).is_finished)
    assert (last(REGISTER).status, paid(webhooks)) == ("succeeded", [100_00])


def test_a_refused_payment_may_be_retried(webhooks, attested, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "status", "status": 400, "operation": "register_payment", "times": 1})
    ask(REGISTER, lime_invoice(webhooks), amount="100.00")
    settle()
    assert last(REGISTER).error_code == "remote_rejected"
    retry(last(REGISTER), actor="test")
    settle()
    assert (last(REGISTER).status, paid(webhooks)) == ("succeeded", [100_00])


# --- match ---------------------------------------------------------------------------------------------------------------


def money(world: World, ore: int = 500_00, creditor: str = CREDITOR, **more: Any) -> str:
    """Money that came without an invoice; its id."""
    given = {"creditor": creditor, "amount_ore": ore, "sender_name": "Anna Andersson", "reference": "hyra", **more}
    return str(world.billecta.control("POST", "unmatched-payment", given)["UnhandledPaymentPublicId"])


def one(payment: str, invoice: str) -> dict[str, str]:
    return {"unhandled_payment": payment, "invoice": invoice}


@pytest.fixture
def unmatched(webhooks, attested, settle) -> str:
    """500 kr on no invoice, which the portal knows; its id."""
    payment = money(webhooks)
    settle(until=lambda: UnhandledPayment.objects.filter(billecta_id=payment).exists())
    return payment


def test_an_event_brings_all_that_is_unhandled_and_the_senders_name_into_no_log(webhooks, attested, settle):
    first, second = money(webhooks), money(webhooks, 7_00, sender_name="Bo Berg")
    settle(until=lambda: UnhandledPayment.objects.count() == 2)
    assert set(UnhandledPayment.objects.values_list("billecta_id", "amount_ore", "sender", "state")) == {
        (first, 500_00, "Anna Andersson", "Unhandled"),
        (second, 7_00, "Bo Berg", "Unhandled"),
    }
    assert set(WebhookEvent.objects.filter(event_name="UnmatchedPayment").values_list("status", flat=True)) == {"processed"}
    kept = json.dumps([*EventLog.objects.values_list("message", "detail"), *SyncAttempt.objects.values_list("message", "exchanges")])
    assert "Bo Berg" not in kept


@pytest.mark.parametrize("with_invoice", [True, False])
def test_no_name_is_kept_of_a_debtor_with_protected_identity(webhooks, attested, settle, with_invoice):
    debtor = Debtor.objects.get()
    if with_invoice:
        webhooks.pay(attested, TOTAL + 100_00)
    else:
        money(webhooks, debtor=debtor.billecta_id)
    settle(until=lambda: UnhandledPayment.objects.exists())
    assert UnhandledPayment.objects.get().sender == "Anna Andersson"
    Debtor.objects.update(protected_identity=True)
    ask_about_open_payments()
    settle()
    assert UnhandledPayment.objects.get().sender == ""


def test_a_task_has_one_result_for_each_match(webhooks, attested, unmatched, settle):
    _row, key = make("lime", ["commands"])
    client = APIClient(headers={"x-api-key": key})
    body = {"options": {"matches": [one(unmatched, attested), one("nothing", attested)]}}
    started = client.post(f"/api/v1/commands/{MATCH}/", body)
    assert (started.status_code, started.json()["total"]) == (202, 2)
    settle()
    task = client.get(started.json()["status_url"]).json()
    assert (task["status"], task["succeeded"], task["failed"]) == ("FAILURE", 1, 1)
    assert [(result["status"], result["code"]) for result in task["results"]] == [("succeeded", ""), ("failed", "guard_refused")]
    twice = client.post(f"/api/v1/commands/{MATCH}/", {"options": {"matches": [one(unmatched, attested)] * 2}})
    assert (twice.status_code, list(twice.json()["fields"])) == (400, ["options.matches[1].unhandled_payment"])


def test_a_key_that_is_limited_to_another_creditor_matches_nothing(webhooks, attested, unmatched):
    foreign = Creditor.objects.create(billecta_id=OTHER_CREDITOR, name="Annat AB")
    _row, key = make("other", ["commands"], creditors=[foreign])
    body = {"options": {"matches": [one(unmatched, attested)]}}
    assert APIClient(headers={"x-api-key": key}).post(f"/api/v1/commands/{MATCH}/", body).status_code == 404
    assert not SyncRecord.objects.filter(kind=MATCH).exists()


@pytest.mark.parametrize("by_lime_id", [True, False])
def test_a_payment_is_put_on_the_invoice_that_is_named(webhooks, attested, unmatched, ask, settle, by_lime_id):
    ask(MATCH, matches=[one(unmatched, f"lime:{lime_invoice(webhooks)}" if by_lime_id else attested)])
    settle()
    assert (last(MATCH).status, last(MATCH).result) == ("succeeded", {"unhandled_payment": unmatched, "matched_ore": 500_00})
    assert Invoice.objects.get().paid_ore == 500_00
    assert UnhandledPayment.objects.get().handled_at is not None
    assert [effect["amount_ore"] for effect in webhooks.effects("payment.matched")] == [500_00]


def test_what_the_invoice_does_not_need_stays_unhandled(webhooks, attested, ask, settle):
    payment = money(webhooks, TOTAL + 40_00)
    settle()
    ask(MATCH, matches=[one(payment, attested)])
    settle(until=lambda: webhooks.order_status() == "paid")
    kept = UnhandledPayment.objects.get()
    assert (kept.amount_ore, kept.handled_at) == (40_00, None)


def test_each_match_has_a_result_of_its_own(webhooks, attested, ask, settle):
    order = webhooks.add_order()
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle(until=lambda: webhooks.order_status("order2") == "sent")
    second = next(invoice["ActionPublicId"] for invoice in webhooks.invoices() if invoice["ActionPublicId"] != attested)
    payments = [money(webhooks), money(webhooks, 600_00)]
    settle()
    ask(MATCH, matches=[one(payments[0], attested), one(payments[1], second), one("nothing", second)])
    settle()
    results = SyncRecord.objects.filter(kind=MATCH).order_by("pk").values_list("billecta_id", "status", "error_code")
    assert list(results) == [(attested, "succeeded", ""), (second, "succeeded", ""), (second, "failed", "guard_refused")]


def test_a_payment_whose_event_has_not_come_is_matched_all_the_same(webhooks, attested, ask, settle):
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    ask(MATCH, matches=[one(money(webhooks), attested)])
    settle()
    assert last(MATCH).status == "succeeded"


def test_all_that_the_portal_knows_to_be_wrong_is_named_at_once(webhooks, attested, unmatched, settle):
    other = {"CreditorPublicId": OTHER_CREDITOR, "Name": "Annat AB", "OrgNo": "556012-5790", "IsEnabled": True}
    webhooks.billecta.control("POST", "seed", {"creditors": [other]})
    foreign, euros = money(webhooks, creditor=OTHER_CREDITOR), money(webhooks, currency="EUR")
    settle(until=lambda: UnhandledPayment.objects.count() == 3)
    matches = [one(unmatched, attested), one(unmatched, attested), one(foreign, attested), one(euros, attested), one("x", "lime:abc")]
    with pytest.raises(InvalidRequest) as wrong:
        table[MATCH].subjects((), {"matches": matches})
    assert set(wrong.value.fields) == {
        *(f"options.matches[{number}].unhandled_payment" for number in (1, 2, 3)),
        "options.matches[4].invoice",
    }


@pytest.mark.parametrize("name", ["lime:424242", "9999999999"])
def test_an_invoice_that_nobody_knows_fails_its_match(webhooks, attested, unmatched, ask, settle, name):
    ask(MATCH, matches=[one(unmatched, name)])
    settle()
    assert (last(MATCH).status, last(MATCH).error_code) == ("failed", "remote_not_found")


def test_a_closed_invoice_takes_no_match(webhooks, attested, unmatched, ask, settle):
    webhooks.pay(attested)
    settle(until=lambda: webhooks.order_status() == "paid")
    ask(MATCH, matches=[one(unmatched, attested)])
    settle()
    assert (last(MATCH).error_code, webhooks.effects("payment.matched")) == ("guard_refused", [])


def test_what_billecta_does_not_match_fails_with_its_words(webhooks, attested, unmatched, ask, settle, monkeypatch):
    """Somebody pays the invoice between our look and our write."""
    from integration.commands import payment_matching

    monkeypatch.setattr(payment_matching, "_checked", lambda payment, _id, _view: webhooks.pay(attested) or payment)
    ask(MATCH, matches=[one(unmatched, attested)])
    settle()
    assert (last(MATCH).status, last(MATCH).error_code) == ("failed", "match_refused")
    assert "cannot be matched" in last(MATCH).message
    assert last(MATCH).open_writes == {}


def test_a_dry_run_shows_every_match_and_its_problems(webhooks, attested, unmatched, capsys):
    shown = dry_run(capsys, MATCH, matches=[one(unmatched, attested), one("nothing", attested), one(unmatched + "x", "lime:77")])
    assert [[problem["code"] for problem in match["problems"]] for match in shown] == [[], ["guard_refused"], ["unknown_invoice"]]
    assert shown[0]["payload"] == {"UnhandledPaymentPublicId": unmatched, "ActionPublicId": attested}
    assert shown[0]["path"].endswith(CREDITOR)
    assert webhooks.effects("payment.matched") == []


@LOST
def test_a_lost_answer_never_matches_twice(webhooks, attested, unmatched, ask, settle, impatient, kind):
    lose(webhooks, kind, "match_payments")
    ask(MATCH, matches=[one(unmatched, attested)])
    settle(until=lambda: last(MATCH).is_finished)
    assert (last(MATCH).status, paid(webhooks)) == ("succeeded", [500_00])


def test_a_payment_that_somebody_else_put_elsewhere_meanwhile_waits_for_a_person(webhooks, attested, unmatched, ask, settle, impatient):
    order = webhooks.add_order()
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle(until=lambda: webhooks.order_status("order2") == "sent")
    second = next(invoice["ActionPublicId"] for invoice in webhooks.invoices() if invoice["ActionPublicId"] != attested)
    lose(webhooks, "timeout_before_write", "match_payments")
    ask(MATCH, matches=[one(unmatched, attested)])
    settle(until=lambda: struck(webhooks), quiet=False)
    webhooks.match(second, unmatched)
    settle(until=lambda: last(MATCH).status == "needs_decision")
    assert paid(webhooks) == [500_00]


def test_what_a_person_handles_in_billecta_is_noticed_by_the_clock(webhooks, attested, unmatched, settle):
    webhooks.match(attested, unmatched)
    settle()
    assert UnhandledPayment.objects.get().handled_at is None
    assert ask_about_open_payments() == 1
    settle()
    assert UnhandledPayment.objects.get().handled_at is not None
    assert ask_about_open_payments() == 0


# --- swish ---------------------------------------------------------------------------------------------------------------


def requested(world: World) -> list[str]:
    """Every Swish request that Billecta made, by its own journal."""
    return [effect["request"] for effect in world.effects("swish.requested")]


def test_a_phone_is_asked_and_what_it_answers_is_kept(webhooks, attested, ask, settle):
    ask(SWISH, lime_invoice(webhooks), phone="+46 70-123 45 67", message=MESSAGE)
    settle()
    [request_id] = requested(webhooks)
    assert last(SWISH).result == {"request_id": request_id, "amount_ore": TOTAL}
    kept = SwishRequest.objects.get()
    assert (kept.request_id, kept.amount_ore, kept.status, kept.phone) == (request_id, TOTAL, "Created", "•••67")
    webhooks.billecta.control("POST", f"swish/{request_id}", {"status": "Paid"})
    settle(until=lambda: webhooks.order_status() == "paid")
    ask_about_open_payments()
    settle()
    kept.refresh_from_db()
    assert kept.status == "Paid"
    assert kept.paid_at is not None


def start(body: dict[str, Any], *, phone: str = PHONE, key: str = "") -> Batch:
    """Ask as a caller of the API does."""
    wanted = read_request(table[SWISH], {**body, "options": {"phone": phone, "message": MESSAGE}})
    return batches.start(SWISH, wanted, asker=batches.Asker("test"), idempotency_key=key)


def kept_of_the_phone() -> list[str]:
    """Where the phone can be read, of all that is kept of commands and their work."""
    rows = {
        "Batch": Batch.objects.values_list("body", "requested_by", "idempotency_key", "body_hash"),
        "SyncRecord": SyncRecord.objects.values_list("options", "result", "open_writes", "message", "error_params"),
        "SyncAttempt": SyncAttempt.objects.values_list("message", "exchanges", "traceback"),
        "EventLog": EventLog.objects.values_list("message", "detail"),
        "SwishRequest": SwishRequest.objects.values_list("phone", "fingerprint"),
    }
    return [name for name, found in rows.items() if "1234567" in re.sub(r"[ -]", "", json.dumps(list(found)))]


@pytest.mark.parametrize("phone", [PHONE, "+46 70-123 45 67"])
def test_the_phone_is_kept_nowhere_once_it_was_asked(webhooks, attested, settle, phone):
    batch = start({"ids": [lime_invoice(webhooks)]}, phone=phone)
    assert kept_of_the_phone() == ["SyncRecord"]
    settle()
    assert len(requested(webhooks)) == 1
    assert kept_of_the_phone() == []
    batch.refresh_from_db()
    assert batch.body["options"] == {"phone": "•••67", "message": MESSAGE}


def test_the_phone_for_chosen_invoices_is_kept_nowhere_once_they_were_asked(webhooks, attested, settle):
    batch = start({"context": {"limetype": "invoice"}, "filter": None, "confirm_all": True})
    assert kept_of_the_phone() == ["SyncRecord"]
    settle()
    batch.refresh_from_db()
    assert (batch.total, len(requested(webhooks)), kept_of_the_phone()) == (1, 1, [])


def test_choosing_that_failed_forgets_the_phone_and_its_retry_says_so(webhooks, attested, settle):
    PortalConfiguration.objects.update(filter_cap=0)
    batch = start({"context": {"limetype": "invoice"}, "filter": None, "confirm_all": True})
    settle()
    assert (last(Batch.RESOLVING).error_code, kept_of_the_phone()) == ("too_many_objects", [])
    PortalConfiguration.objects.update(filter_cap=10)
    batches.retry_failed(batch, actor="anna")
    settle()
    assert explain(last(Batch.RESOLVING)).message == "Personuppgifterna till den här uppgiften finns inte kvar."
    assert requested(webhooks) == []


def test_work_that_failed_for_good_forgets_the_phone_and_its_retry_says_so(webhooks, attested, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "status", "operation": "swish_create", "status": 400, "times": 1})
    batch = start({"ids": [lime_invoice(webhooks)]})
    settle()
    assert (last(SWISH).status, last(SWISH).error_code, kept_of_the_phone()) == ("failed", "remote_rejected", [])
    for _again in range(2):
        assert batches.retry_failed(batch, actor="anna") == 1
        settle()
        told = explain(last(SWISH))
        assert told.message == "Telefonnumret till denna begäran finns inte kvar."
        assert told.next_step == "Begär betalningen på nytt, med numret."
    assert (last(SWISH).options["phone"], requested(webhooks)) == ("•••67", [])


def test_work_that_may_have_sent_it_keeps_the_phone_until_that_is_known(webhooks, attested, settle, impatient):
    lose(webhooks, "timeout_before_write", "swish_create")
    start({"ids": [lime_invoice(webhooks)]})
    settle(until=lambda: struck(webhooks), quiet=False)
    assert kept_of_the_phone() == ["SyncRecord"]
    settle(until=lambda: last(SWISH).status == "needs_decision")
    assert kept_of_the_phone() == ["SyncRecord"]
    decide(last(SWISH), happened=False, actor="test")
    settle(until=lambda: last(SWISH).status == "succeeded")
    assert (len(requested(webhooks)), kept_of_the_phone()) == (1, [])


def test_a_key_tells_phones_apart_that_are_kept_alike(webhooks, attested):
    asked = {"ids": [lime_invoice(webhooks)], "requested_by": {"id": 7, "name": "Anna"}}
    first = start(asked, key="k1")
    assert start(asked, key="k1") == first
    with pytest.raises(IdempotencyConflict):
        start(asked, phone="46709994567", key="k1")
    with pytest.raises(IdempotencyConflict):
        start({**asked, "requested_by": {"id": 8, "name": "Bo"}}, key="k1")
    assert start({**asked, "requested_by": {"id": 8, "name": "Bo"}}) == first
    assert start(asked, phone="46709994567") != first


def test_the_phone_cannot_be_found_by_trying_all_phones(webhooks, attested, settings):
    body = {"ids": [lime_invoice(webhooks)]}
    known = start(body, key="k1").body_hash
    settings.FIELD_ENCRYPTION_KEYS = ["another key"]
    assert start(body, key="k2").body_hash != known


def test_a_paid_invoice_is_not_asked_for(webhooks, attested, ask, settle):
    webhooks.pay(attested)
    settle(until=lambda: webhooks.order_status() == "paid")
    ask(SWISH, lime_invoice(webhooks), phone=PHONE, message=MESSAGE)
    settle()
    assert (last(SWISH).status, last(SWISH).error_code, requested(webhooks)) == ("failed", "guard_refused", [])


def test_a_dry_run_of_a_swish_request_asks_nobody(webhooks, attested, capsys):
    [shown] = dry_run(capsys, SWISH, lime_invoice(webhooks), phone=PHONE, message=MESSAGE)
    assert (shown["method"], shown["payload"], shown["problems"]) == ("POST", {"phone": PHONE, "message": MESSAGE}, [])
    assert attested in shown["path"]
    assert requested(webhooks) == []


@pytest.mark.parametrize("kind", ["timeout_after_write", "reset_after_write"])
def test_a_lost_answer_is_known_by_the_request_that_the_invoice_shows(webhooks, attested, ask, settle, impatient, kind):
    lose(webhooks, kind, "swish_create")
    ask(SWISH, lime_invoice(webhooks), phone=PHONE, message=MESSAGE)
    settle(until=lambda: last(SWISH).is_finished)
    [request_id] = requested(webhooks)
    assert (last(SWISH).status, last(SWISH).result["request_id"]) == ("succeeded", request_id)
    assert SwishRequest.objects.get().request_id == request_id


def test_one_that_does_not_show_waits_for_a_person_and_is_sent_once_he_says_so(webhooks, attested, ask, settle, impatient):
    ask(SWISH, lime_invoice(webhooks), phone=PHONE, message="Den första")
    settle()
    lose(webhooks, "timeout_before_write", "swish_create")
    ask(SWISH, lime_invoice(webhooks), phone=PHONE, message=MESSAGE)
    settle(until=lambda: last(SWISH).status == "needs_decision")
    assert len(requested(webhooks)) == 1
    decide(last(SWISH), happened=False, actor="test")
    settle(until=lambda: last(SWISH).status == "succeeded")
    assert last(SWISH).result["request_id"] == requested(webhooks)[1]


def test_a_request_that_a_person_found_in_billecta_is_kept(webhooks, attested, ask, settle, impatient):
    lose(webhooks, "timeout_before_write", "swish_create")
    ask(SWISH, lime_invoice(webhooks), phone=PHONE, message=MESSAGE)
    settle(until=lambda: last(SWISH).status == "needs_decision")
    decide(last(SWISH), happened=True, billecta_id="FOUND0001", actor="test")
    settle()
    assert (last(SWISH).status, SwishRequest.objects.get().request_id, requested(webhooks)) == ("succeeded", "FOUND0001", [])


@pytest.mark.parametrize(
    ("command", "options", "field"),
    [
        (REGISTER, {"amount": "0"}, "options.amount"),
        (REGISTER, {"amount": "12.345"}, "options.amount"),
        (REGISTER, {"amount": True}, "options.amount"),
        (REGISTER, {"write_off": -1}, "options.write_off"),
        (REGISTER, {"date": "31/3 2026"}, "options.date"),
        (REGISTER, {"overshoot": "Unknown"}, "options.overshoot"),
        (REGISTER, {"overshoot": 1}, "options.overshoot"),
        (MATCH, {}, "options.matches"),
        (MATCH, {"matches": []}, "options.matches"),
        (MATCH, {"matches": [{"invoice": "1"}]}, "options.matches[0].unhandled_payment"),
        (MATCH, {"matches": [{"invoice": 1, "unhandled_payment": "x"}]}, "options.matches[0].invoice"),
        (SWISH, {"phone": PHONE}, "options.message"),
        (SWISH, {"message": MESSAGE}, "options.phone"),
        (SWISH, {"phone": "0701234567", "message": MESSAGE}, "options.phone"),
        (SWISH, {"phone": "4681234567", "message": MESSAGE}, "options.phone"),
        (SWISH, {"phone": "4670123456", "message": MESSAGE}, "options.phone"),
        (SWISH, {"phone": PHONE, "message": " "}, "options.message"),
        (SWISH, {"phone": PHONE, "message": "x" * 51}, "options.message"),
    ],
)
def test_wrong_options_are_named(command, options, field):
    with pytest.raises(InvalidRequest) as wrong:
        check_options(table[command], options)
    assert field in wrong.value.fields
