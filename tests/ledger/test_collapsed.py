"""Collapsible work that must go back to the queue while newer work for the same waits there: one row goes on, for both."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from integration import errors
from integration.ledger import Delivery, Done, LaneMoved, claim, drain, receive, sweep, triage
from integration.ledger.run import run
from integration.ledger.work import Work
from integration.models import SyncRecord, WebhookEvent
from integration.models.ledger import Queue

pytestmark = pytest.mark.django_db


def told(entity: str = "77") -> int:
    """An event that has become work."""
    event = receive(Delivery(body=b"{}", event_name="TestHappened", entity_id=entity))
    triage()
    return event


@pytest.fixture
def overtaken(script) -> tuple[SyncRecord, list[int]]:
    """A look in flight, and the events of it and of the look that waits behind it."""
    first = told()
    [in_flight] = claim([Queue.INGEST], 1)
    return in_flight, [first, told()]


def all_processed(events: list[int]) -> bool:
    return set(WebhookEvent.objects.filter(pk__in=events).values_list("status", flat=True)) == {"processed"}


def test_a_worker_that_dies_on_it_does_not_stop_the_sweep(overtaken):
    _in_flight, events = overtaken
    with time_machine.travel(timezone.now() + timedelta(seconds=121), tick=False):
        assert sweep() == 1
        drain(threads=0)
    assert all_processed(events)


def test_a_temporary_error_of_it_is_stored_and_tried_again(overtaken, script):
    in_flight, events = overtaken

    def fail(work: Work) -> Done:
        raise errors.RemoteUnavailable(system="Billecta", detail="503")

    script.behaviour = fail
    run(in_flight)
    assert SyncRecord.objects.get(pk=in_flight.pk).status == "waiting_retry"
    script.behaviour = lambda work: Done()
    with time_machine.travel(timezone.now() + timedelta(seconds=30), tick=False):
        drain(threads=0)
    assert all_processed(events)


def test_what_it_sent_without_an_answer_is_known_to_the_next_look(overtaken):
    in_flight, _events = overtaken
    Work(in_flight).begin_write("create")
    with time_machine.travel(timezone.now() + timedelta(seconds=121), tick=False):
        sweep()
        [again] = claim([Queue.INGEST], 5)
    assert "create" in again.open_writes


def test_it_moves_into_a_lane_where_the_same_waits_already(script):
    events = [told("77"), told("78")]

    def move(work: Work) -> Done:
        if work.record.entity_key == "thing:77":
            raise LaneMoved("thing:78")
        return Done()

    script.behaviour = move
    drain(threads=0)
    assert all_processed(events)
