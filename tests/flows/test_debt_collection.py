"""Debt collection against the sandbox: cases are opened, paused, resumed and withdrawn once, mirrored, and heard of."""

from __future__ import annotations

from typing import Any

import pytest

from integration.commands.batches import Asker
from integration.commands.debt_collection import CASE_STEPS, SEND
from integration.commands.dry_run import dry_run
from integration.commands.selection import CommandRequest
from integration.ledger import Delivery, decide, receive
from integration.models import DebtCollectionCase, Invoice, SyncRecord
from tests.flows.invoice_commands import DEBT_COLLECTION_CASES, calls, case_of, fault, mirrored, nothing_changes, open_case, prepare, put

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
CASES = {case.id: case for case in DEBT_COLLECTION_CASES}
each = pytest.mark.parametrize("case", DEBT_COLLECTION_CASES, ids=list(CASES))
repeatable = pytest.mark.parametrize("case", [case for case in DEBT_COLLECTION_CASES if case.repeatable], ids=lambda case: case.id)


def test_every_command_is_tried_here():
    assert {SEND, *(step.id for step in CASE_STEPS)} == set(CASES)


@each
def test_effect(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect))) == ("succeeded", 1)
    assert record.result["case"] == case_of(webhooks, overdue)
    assert case.holds()
    assert webhooks.order_status() == case.status


@each
def test_guard(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    webhooks.pay(overdue)
    settle()
    record = run(case.id, **case.options)
    assert (record.status, record.error_code, webhooks.effects(case.effect)) == ("failed", "guard_refused", [])
    assert mirrored().invoice_number in record.message
    assert record.open_writes == {}


@pytest.mark.parametrize("step", CASE_STEPS, ids=lambda step: step.id)
def test_guard_of_an_invoice_without_a_case(overdue, run, step):
    record = run(step.id)
    assert (record.status, record.error_code) == ("failed", "guard_refused")


@each
def test_dry_run(overdue, webhooks, settle, case):
    prepare(webhooks, settle, case, overdue)
    with nothing_changes(webhooks):
        [shown] = dry_run(case.id, CommandRequest((mirrored().lime_id or 0,), dict(case.options)), asker=Asker("test"))
    assert f"{shown['method']} {shown['path']}" == case.path.format(case=case_of(webhooks, overdue))
    assert shown["problems"] == []


@each
def test_fault_of_a_lost_answer_has_one_effect(overdue, webhooks, settle, run, impatient, case):
    prepare(webhooks, settle, case, overdue)
    fault(webhooks, case, "timeout_after_write", seconds=30)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("succeeded", 1, 1)
    assert case.holds()


@each
def test_fault_of_a_call_that_never_arrived(overdue, webhooks, settle, run, impatient, case):
    prepare(webhooks, settle, case, overdue)
    fault(webhooks, case, "timeout_before_write", seconds=30)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("succeeded", 1, 2)


@repeatable
def test_fault_that_passes(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    fault(webhooks, case, "status", status=503)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("succeeded", 1, 2)


@each
def test_what_is_so_already_is_skipped_without_a_write(overdue, webhooks, settle, run, case):
    prepare(webhooks, settle, case, overdue)
    run(case.id, **case.options)
    record = run(case.id, **case.options)
    assert (record.status, len(webhooks.effects(case.effect)), calls(webhooks, case)) == ("skipped", 1, 1)


# --- what is asked for ------------------------------------------------------------------------------------------------


def asked(lime_id: int, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    [shown] = dry_run(SEND, CommandRequest((lime_id,), options), asker=Asker("test"))
    return shown["payload"], shown["problems"]


def test_given_options_are_what_is_asked_for(overdue, webhooks, run):
    run(SEND, **CASES[SEND].options, inform_social_welfare=True, interest=9.5, interest_type="fixed")
    view = DebtCollectionCase.objects.get().view
    names = ("StartDebtCollectionActionLevel", "EndDebtCollectionActionLevel", "NumberOfReminders", "PaymentTermsInDays")
    assert [view[name] for name in names] == ["Reminders", "Bailiff", 1, 12]
    assert (view["ReasonDescription"], view["InterestPercentage"], view["InterestType"]) == ("Hyra", 9.5, "Fixed")
    [sent] = [call for call in webhooks.billecta.journal("call") if call["operation"] == "debt_collection_from_invoice"]
    assert sent["status"] == 200


def test_without_options_a_claim_is_sent_and_nothing_goes_on_to_the_enforcement_authority(overdue):
    payload, problems = asked(mirrored().lime_id or 0)
    assert problems == []
    assert (payload["StartDebtCollectionActionLevel"], payload["EndDebtCollectionActionLevel"]) == ("DebtCollection", "DebtCollection")
    assert (payload["PaymentTermsInDays"], payload["NumberOfReminders"], payload["DeliveryMethod"]) == (10, 0, "Email")
    assert (payload["Eviction"], payload["InformSocialWelfare"], payload["SourcePublicId"]) == (False, False, overdue)


def test_levels_in_the_wrong_order_are_refused_unsent(overdue, webhooks, run):
    record = run(SEND, start_level="Bailiff", end_level="Reminders")
    assert (record.error_code, webhooks.effects("invoice.sent_to_debt_collection")) == ("guard_refused", [])


# --- what is kept, and what is heard ----------------------------------------------------------------------------------


def test_a_case_that_billecta_tells_of_is_kept_beside_its_invoice(overdue, webhooks, settle):
    open_case(webhooks, overdue)
    settle(until=lambda: webhooks.order_status() == "debtcollection")
    case = DebtCollectionCase.objects.get()
    assert (case.invoice, case.creditor, case.debtor) == (mirrored(), mirrored().creditor, mirrored().debtor)
    assert (case.stage, case.start_level, case.end_level, case.is_paused) == ("Created", "DebtCollection", "Bailiff", False)
    assert (case.original_ore, case.current_ore, case.currency) == (webhooks.TOTAL_ORE, webhooks.TOTAL_ORE, "SEK")
    put(f"/v1/debtcollection/pause/{case.billecta_id}")(webhooks, overdue)
    settle()
    case.refresh_from_db()
    assert case.is_paused
    assert set(SyncRecord.objects.filter(kind="pull-debt-collection").values_list("status", flat=True)) == {"succeeded"}


def test_a_case_of_an_invoice_that_the_portal_has_never_seen_brings_the_invoice(overdue, webhooks, settle):
    """The portal was set up when the invoice was in debt collection already."""
    view = webhooks.invoice(overdue)
    names = ("CreditorPublicId", "InvoiceDate", "DueDate", "Records", "DeliveryMethod")
    entry = {**{name: view[name] for name in names}, "DebtorPublicId": view["Debtor"]["DebtorPublicId"], "ActionType": "InvoiceAction"}
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    older = str(webhooks._call("POST", "/v1/invoice/action", entry).json()["PublicId"])
    webhooks._call("PUT", f"/v1/invoice/attest/{older}")
    settle(until=lambda: webhooks.invoice(older)["CanSendToDebtCollection"])
    open_case(webhooks, older)
    receive(Delivery(body=b"{}", event_name="DebtCollectionActionStateChanged", entity_id=case_of(webhooks, older)))
    settle()
    case = DebtCollectionCase.objects.get()
    assert case.invoice == Invoice.objects.get(billecta_id=older)


def test_a_case_of_its_own_is_kept_without_an_invoice(overdue, webhooks, settle):
    view = webhooks.invoice(overdue)
    entry = {
        "CreditorPublicId": view["CreditorPublicId"],
        "DebtorPublicId": view["Debtor"]["DebtorPublicId"],
        "Value": {"CurrencyCode": "SEK", "Value": 500_00},
    }
    webhooks._call("POST", "/v1/debtcollection/action", entry)
    settle()
    case = DebtCollectionCase.objects.get()
    assert (case.invoice, case.debtor, case.original_ore) == (None, mirrored().debtor, 500_00)


def test_what_was_withdrawn_can_be_sent_again_and_both_cases_are_kept(overdue, webhooks, run):
    run(SEND)
    assert run("withdraw-debt-collection").status == "succeeded"
    assert run(SEND).status == "succeeded"
    assert len(webhooks.effects("invoice.sent_to_debt_collection")) == 2
    assert [case.closed_at is None for case in mirrored().debt_collection_cases.order_by("pk")] == [False, True]


def test_the_reason_for_a_withdrawal_goes_in_a_comment_on_the_invoice_once(overdue, webhooks, settle, run, impatient):
    run(SEND)
    webhooks.billecta.control("POST", "faults", {"operation": "comment", "kind": "timeout_before_write", "times": 1, "seconds": 30})
    record = run("withdraw-debt-collection", comment="Avbetalningsplan")
    assert (record.status, len(webhooks.effects("debt_collection.withdrawn"))) == ("needs_decision", 1)
    assert mirrored().debt_collection_at is None
    decide(record, happened=False, actor="Anna")
    settle()
    record.refresh_from_db()
    assert (record.status, len(webhooks.effects("debt_collection.withdrawn")), len(webhooks.effects("invoice.commented"))) == (
        "succeeded",
        1,
        1,
    )


def test_refresh_fetches_the_case_as_well(overdue, webhooks, settle, run):
    webhooks.billecta.control("PUT", "webhooks", {"url": None})
    open_case(webhooks, overdue)
    run("refresh-invoices-from-billecta")
    assert DebtCollectionCase.objects.get().invoice == mirrored()
