"""A stored failure is explained in the reader's language, whatever code it carries."""

from __future__ import annotations

import pytest
from django.utils import translation

from integration.errors import all_error_classes
from integration.ledger.explanation import NEXT_STEPS, explain
from integration.models import SyncRecord


def record(code: str, status: str = "failed", **params) -> SyncRecord:
    return SyncRecord(status=status, error_code=code, error_params=params, message="as stored")


def test_the_text_follows_the_reader_and_keeps_the_parameters():
    refused = record("credentials_refused", system="Lime", status_code=401)
    refused.error_params["status"] = 401
    with translation.override("en"):
        english = explain(refused)
    with translation.override("sv"):
        swedish = explain(refused)
    assert english.message == "Lime does not accept the portal's credentials (401)."
    assert swedish.message != english.message
    assert "Lime" in swedish.message
    assert swedish.next_step != english.next_step


@pytest.mark.parametrize("code", [*(error.code for error in all_error_classes() if error.code != "guard_refused"), *NEXT_STEPS])
def test_every_code_has_a_message_and_a_next_step(code):
    with translation.override("en"):
        explanation = explain(record(code, text="A field is wrong."))
    assert explanation.message
    assert explanation.next_step


def test_an_unknown_code_shows_what_was_stored():
    assert explain(record("gone_since")).message == "as stored"


def test_skipped_work_shows_its_own_reason_and_step():
    explanation = explain(record("already_attested", status="skipped", message="as stored", next_step="Credit it instead."))
    assert (explanation.message, explanation.next_step) == ("as stored", "Credit it instead.")


def test_work_without_an_error_needs_no_step():
    assert explain(SyncRecord(status="succeeded")).next_step == ""


@pytest.mark.parametrize("code", ["remote_unavailable", "outcome_unknown", "worker_lost"])
def test_what_is_tried_by_itself_says_so_until_the_portal_gives_up(code):
    with translation.override("en"):
        waiting = explain(record(code, status="waiting_retry", system="Billecta")).next_step
        given_up = explain(record(code, status="failed", system="Billecta")).next_step
    assert waiting.startswith("Nothing to do now")
    assert given_up == "The portal has stopped trying: mend the cause, then retry."
