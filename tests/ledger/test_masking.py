"""What is kept of a failure: no personal number, and still which record it is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NoReturn

import pytest
from django.core import serializers

from integration import errors
from integration.ledger import Skipped, Work, drain, log, submit
from integration.ledger.explanation import explain
from integration.ledger.submit import Subject
from integration.models import EventLog, SyncAttempt, SyncRecord
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(script) -> SyncRecord:
    return submit("test-free", Subject(entity_key="thing:1", limetype="debtor", lime_id=4711, billecta_id="d-1"))


def kept() -> str:
    """Everything that the ledger stored, as text."""
    return json.dumps([serializers.serialize("json", model.objects.all()) for model in (SyncRecord, SyncAttempt, EventLog)])


def invalid(value: str) -> errors.ValidationFailed:
    text = f"debtor[4711].ssnregno is “{value}”, which is no organisation, personal or coordination number."
    return errors.ValidationFailed([errors.Problem("debtor[4711].ssnregno", "invalid_identity_number", text)])


def raises(error: Exception) -> Callable[[Work], NoReturn]:
    def behaviour(_work: Work) -> NoReturn:
        raise error

    return behaviour


@pytest.mark.parametrize("value", ["19121212-1213", "121212-1213", "191212121213", "1212121213", "121212 1213", "121212121"])
def test_a_number_that_is_refused_is_masked_and_its_record_is_named(script, record, value):
    script.behaviour = raises(invalid(value))
    drain(threads=0)
    failed = reload(record)
    assert value not in kept()
    for text in (failed.message, explain(failed).message, EventLog.objects.get(action="work.failed").message):
        assert text.startswith("debtor[4711].ssnregno is “")
        assert "-••••”" in text


NUMBER = "19121212-1213"


@pytest.mark.parametrize(
    "behaviour",
    [
        raises(errors.GuardRefused(reason=f"{NUMBER} is not action 1234567890.", remedy="", seen=[{"who": NUMBER}])),
        raises(errors.RemoteUnavailable(system="Billecta", detail=f"{NUMBER} is not action 1234567890")),
        raises(KeyError(f"{NUMBER} is not action 1234567890")),
        lambda work: Skipped("known", f"{NUMBER} is not action 1234567890."),
    ],
    ids=["refused", "to be retried", "a bug", "skipped"],
)
def test_a_number_in_any_other_outcome_is_masked_and_billectas_ids_stay(script, record, behaviour):
    script.behaviour = behaviour
    drain(threads=0)
    assert NUMBER not in kept()
    assert "19121212-•••• is not action 1234567890" in reload(record).message


def test_the_event_log_masks_what_any_other_writer_of_it_says():
    log("thing.done", message=f"{NUMBER} is done.")
    assert EventLog.objects.get().message == "19121212-•••• is done."
