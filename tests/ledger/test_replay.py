"""Replaying: finished events are worked on once more, others are left alone."""

from __future__ import annotations

import json

import pytest

from integration.ledger import cancel, drain, triage
from integration.ledger.replay import replay
from integration.models import EventLog, SyncRecord, WakeUp, WebhookEvent
from integration.models.ledger import Queue

pytestmark = pytest.mark.django_db
Status = WebhookEvent.Status


def stored(status: str, name: str = "TestHappened", **kwargs) -> WebhookEvent:
    return WebhookEvent.objects.create(status=status, event_name=name, **{"entity_id": "e-1", "body": b"{}"} | kwargs)


@pytest.mark.parametrize("status", [Status.PROCESSED, Status.IGNORED, Status.UNRECOGNISED, Status.FAILED])
def test_a_finished_event_is_worked_on_once_more(script, status):
    event = stored(status)
    assert replay([event], actor="ulla") == 1
    assert WakeUp.objects.get(queue=Queue.INGEST).pending
    drain(threads=0)
    event.refresh_from_db()
    assert event.status == Status.PROCESSED
    assert SyncRecord.objects.get().kind == "test-pull"


def test_an_event_whose_work_was_cancelled_is_worked_on_once_more(script):
    event = stored(Status.RECEIVED)
    triage()
    cancel(SyncRecord.objects.get(), actor="ulla")
    assert replay([event], actor="ulla") == 1
    drain(threads=0)
    event.refresh_from_db()
    assert event.status == Status.PROCESSED


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.PROCESSING])
def test_an_event_under_way_is_left_alone(script, status):
    event = stored(status)
    assert replay([event], actor="ulla") == 0
    event.refresh_from_db()
    assert event.status == status
    assert not EventLog.objects.exists()


def test_it_is_logged_with_who_did_it(script):
    replay([stored(Status.FAILED), stored(Status.FAILED)], actor="ulla")
    logged = EventLog.objects.get(action="events.replayed")
    assert (logged.actor, logged.detail["count"]) == ("ulla", 2)


def test_an_envelope_that_can_be_read_by_now_is_read(script, settings):
    body = {"Happening": "TestHappened", "Data": {"ActionPublicId": "e-9", "CreditorPublicId": "c-1"}}
    event = stored(Status.UNRECOGNISED, name="", entity_id="", body=json.dumps(body).encode())
    assert replay([event], actor="ulla") == 0
    settings.BILLECTA_ENVELOPE = {**settings.BILLECTA_ENVELOPE, "event": ("Happening",)}
    assert replay([event], actor="ulla") == 1
    triage()
    event.refresh_from_db()
    assert (event.event_name, event.entity_id, event.creditor_id) == ("TestHappened", "e-9", "c-1")
    assert event.status == Status.PROCESSING


def test_a_body_that_is_no_json_stays_unrecognised(script):
    event = stored(Status.UNRECOGNISED, name="", body=b"\xff")
    assert replay([event], actor="ulla") == 0
    event.refresh_from_db()
    assert event.status == Status.UNRECOGNISED
