"""What the event log and the process's log say that a line is about."""

from __future__ import annotations

import pytest
import structlog

from integration.ledger import log, submit
from integration.ledger.submit import Subject
from integration.models import EventLog, SyncRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(script) -> SyncRecord:
    return submit("test-free", Subject(entity_key="thing:1", limetype="debtor", lime_id=4711, billecta_id="d-1"))


def test_the_process_log_names_the_record_as_the_event_log_does(record):
    with structlog.testing.capture_logs() as lines:
        log("thing.done", record=record)
    [row] = EventLog.objects.all()
    [line] = lines
    names = ("limetype", "lime_id", "billecta_id")
    assert [line[name] for name in names] == [getattr(row, name) for name in names] == ["debtor", 4711, "d-1"]


def test_what_is_named_comes_before_the_record(record):
    log("thing.done", record=record, limetype="invoice", lime_id=5, billecta_id="i-1")
    row = EventLog.objects.get()
    assert (row.limetype, row.lime_id, row.billecta_id) == ("invoice", 5, "i-1")
