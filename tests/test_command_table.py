"""Each command that Lime can ask for has a flow test, a guard test, a dry-run test and a fault test; one without them fails here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

import pytest

from integration.commands.table import table

ROOT = Path(__file__).resolve().parent.parent
FLOWS = "tests/flows/"


class Proofs(NamedTuple):
    """Which test shows that the command does what it says, refuses what it must, can be tried, and survives a lost answer."""

    flow: str
    guard: str
    dry_run: str
    fault: str


UPSERTS = Proofs(
    "test_upserts.py::test_a_new_one_is_made_and_sent_again_changes_nothing",
    "test_upserts.py::test_what_is_wrong_is_named_and_nothing_is_sent",
    "test_upserts.py::test_a_dry_run_shows_it_and_sends_nothing",
    "test_upserts.py::test_a_lost_answer_makes_one",
)
WITHDRAWALS = Proofs(
    "test_withdrawals.py::test_the_draft_goes_away_and_the_order_says_so",
    "test_withdrawals.py::test_an_attested_order_is_not_withdrawn",
    "test_withdrawals.py::test_a_dry_run_shows_the_call_and_deletes_nothing",
    "test_withdrawals.py::test_a_lost_answer_deletes_once",
)
CREDITS = Proofs(
    "test_crediting.py::test_a_whole_credit_settles_the_order",
    "test_crediting.py::test_more_than_is_left_is_refused_with_both_sums",
    "test_crediting.py::test_a_dry_run_shows_the_sum_and_credits_nothing",
    "test_crediting.py::test_a_lost_answer_never_credits_twice",
)
STEPS = Proofs(
    "test_invoice_actions.py::test_effect",
    "test_invoice_actions.py::test_guard",
    "test_invoice_actions.py::test_dry_run",
    "test_invoice_actions.py::test_fault_of_a_lost_answer_has_one_effect",
)
CASES = Proofs(
    "test_debt_collection.py::test_effect",
    "test_debt_collection.py::test_guard",
    "test_debt_collection.py::test_dry_run",
    "test_debt_collection.py::test_fault_of_a_lost_answer_has_one_effect",
)
PROOFS: dict[str, Proofs] = {
    "upsert-creditors-in-billecta": UPSERTS,
    "upsert-debtors-in-billecta": UPSERTS,
    "upsert-articles-in-billecta": UPSERTS,
    "import-creditors-from-billecta": Proofs(
        "test_creditor_import.py::test_each_creditor_is_kept_and_linked_by_stored_id_or_by_number",
        "test_creditor_import.py::test_two_lime_creditors_with_the_number_are_shown_and_none_is_chosen",
        "test_creditor_import.py::test_a_dry_run_shows_what_lime_would_get_and_changes_nothing",
        "test_creditor_import.py::test_limes_id_is_written_once_though_the_answer_is_lost",
    ),
    "anonymize-debtors-in-billecta": Proofs(
        "test_anonymisation.py::test_old_invoices_stay_without_the_person_and_a_refresh_does_not_bring_it_back",
        "test_anonymisation.py::test_one_that_is_refused_does_not_stop_the_others",
        "test_anonymisation.py::test_a_dry_run_shows_what_would_be_sent_and_changes_nothing",
        "test_anonymisation.py::test_lost_answers_and_errors_pass",
    ),
    "delete-articles-in-billecta": Proofs(
        "test_article_deletion.py::test_the_product_is_deleted_and_its_id_is_forgotten",
        "test_article_deletion.py::test_one_that_a_draft_uses_is_kept_and_the_order_is_named",
        "test_article_deletion.py::test_a_dry_run_shows_the_call_and_changes_nothing",
        "test_article_deletion.py::test_a_delete_whose_answer_is_lost_ends_as_if_it_had_come",
    ),
    "upsert-orders-in-billecta": Proofs(
        "test_main_job.py::test_an_order_becomes_an_attested_invoice_and_its_payments_come_back",
        "test_main_job.py::test_an_attested_order_cannot_be_changed_and_says_why",
        "test_doors.py::test_the_shell_shows_what_would_be_sent_and_changes_nothing",
        "test_faults.py::test_a_create_that_times_out_after_it_took_effect_leaves_one_invoice",
    ),
    "attest-orders-in-billecta": Proofs(
        "test_main_job.py::test_an_order_becomes_an_attested_invoice_and_its_payments_come_back",
        "test_upserts.py::test_an_order_that_was_never_sent_is_not_attested",
        "test_upserts.py::test_a_dry_run_of_an_attest_shows_the_call_and_attests_nothing",
        "test_faults.py::test_an_attest_that_times_out_after_it_took_effect_is_not_repeated",
    ),
    "cancel-orders-in-billecta": WITHDRAWALS,
    "delete-orders-in-billecta": WITHDRAWALS,
    "credit-orders-in-billecta": CREDITS,
    "credit-invoices-in-billecta": CREDITS,
    "refresh-invoices-from-billecta": Proofs(
        "test_invoice_actions.py::test_effect_that_no_webhook_told",
        "test_invoice_actions.py::test_guard_names_an_invoice_that_billecta_does_not_have",
        "test_invoice_actions.py::test_dry_run_reads",
        "test_invoice_actions.py::test_fault_of_a_read",
    ),
    "resend-invoices-in-billecta": STEPS,
    "remind-invoices-in-billecta": STEPS,
    "postpone-invoices-in-billecta": STEPS,
    "pause-invoices-in-billecta": STEPS,
    "resume-invoices-in-billecta": STEPS,
    "dispute-invoices-in-billecta": STEPS,
    "undispute-invoices-in-billecta": STEPS,
    "comment-invoices-in-billecta": STEPS,
    "register-payments-in-billecta": Proofs(
        "test_payment_commands.py::test_without_an_amount_all_that_is_left_is_registered_today",
        "test_payment_commands.py::test_more_than_is_left_is_refused_with_both_sums",
        "test_payment_commands.py::test_a_dry_run_shows_the_payment_and_its_problems_and_books_nothing",
        "test_payment_commands.py::test_a_lost_answer_never_registers_twice",
    ),
    "match-payments-in-billecta": Proofs(
        "test_payment_commands.py::test_a_payment_is_put_on_the_invoice_that_is_named",
        "test_payment_commands.py::test_all_that_the_portal_knows_to_be_wrong_is_named_at_once",
        "test_payment_commands.py::test_a_dry_run_shows_every_match_and_its_problems",
        "test_payment_commands.py::test_a_lost_answer_never_matches_twice",
    ),
    "request-swish-payments": Proofs(
        "test_payment_commands.py::test_a_phone_is_asked_and_what_it_answers_is_kept",
        "test_payment_commands.py::test_a_paid_invoice_is_not_asked_for",
        "test_payment_commands.py::test_a_dry_run_of_a_swish_request_asks_nobody",
        "test_payment_commands.py::test_a_lost_answer_is_known_by_the_request_that_the_invoice_shows",
    ),
    "send-invoices-to-debt-collection": CASES,
    "pause-debt-collection": CASES,
    "resume-debt-collection": CASES,
    "withdraw-debt-collection": CASES,
}


def functions_of(path: str) -> dict[str, ast.FunctionDef]:
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {item.name: item for item in ast.walk(module) if isinstance(item, ast.FunctionDef)}


def _is_call_of_an_assertion(part: ast.AST) -> bool:
    return isinstance(part, ast.Call) and ast.unparse(part.func).startswith("assert_")


def test_each_command_has_its_four_proofs():
    assert set(PROOFS) == set(table)


@pytest.mark.parametrize(("command", "kind"), [(command, kind) for command in PROOFS for kind in Proofs._fields])
def test_a_proof_is_a_test_that_runs(command, kind):
    path, name = getattr(PROOFS[command], kind).split("::")
    found = functions_of(f"{FLOWS}{path}").get(name)
    assert found is not None, f"{command} has no {kind} test"
    assert any(isinstance(part, ast.Assert) or _is_call_of_an_assertion(part) for part in ast.walk(found))
    assert not [mark for mark in map(ast.unparse, found.decorator_list) if "skip" in mark or "xfail" in mark]


@pytest.mark.parametrize("command", table)
def test_each_command_can_be_tried_before_it_is_asked_for(command):
    assert table[command].has_dry_run
    assert table[command].title
    assert table[command].confirmation
