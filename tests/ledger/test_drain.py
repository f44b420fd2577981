"""Draining with real threads: one wake-up runs many rows, side by side, for a bounded time, and loses none."""

from __future__ import annotations

import threading
import time

import pytest

from integration.ledger import Delivery, Done, Work, drain, receive, sweep
from integration.ledger.drain import TAKEN_PER_THREAD
from integration.models import SyncAttempt, SyncRecord, WakeUp, WebhookEvent
from integration.models.ledger import Queue

pytestmark = pytest.mark.django_db(transaction=True)
Status = SyncRecord.Status


def test_one_wake_up_runs_all_that_is_due(ask, script):
    wanted = [ask(lane=f"thing:{number}").pk for number in range(40)]
    assert drain(threads=4) == len(wanted)
    assert sorted(script.ran) == wanted
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert SyncAttempt.objects.count() == len(wanted)


def test_what_comes_later_does_not_wait_for_all_of_a_large_command(ask, script):
    for number in range(40):
        ask(lane=f"many:{number}")
    later = ask(lane="single:1")
    drain(threads=0)
    assert len(script.ran) == 41
    assert script.ran.index(later.pk) < 2 * TAKEN_PER_THREAD


def test_work_that_has_been_due_for_longest_is_not_left_to_the_last(ask, script):
    first = ask(lane="single:1")
    for number in range(40):
        ask(lane=f"many:{number}")
    drain(threads=0)
    assert script.ran.index(first.pk) < 2 * TAKEN_PER_THREAD


def test_work_of_different_lanes_runs_side_by_side(ask, script):
    ask(), ask(lane="thing:2")
    meeting = threading.Barrier(2, timeout=60)

    def meet(work: Work) -> Done:
        meeting.wait()
        return Done()

    script.behaviour = meet
    drain(threads=2)
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}


def test_work_of_one_lane_never_runs_side_by_side_and_keeps_its_order(ask, script):
    wanted = [ask().pk for _number in range(10)]
    running, most = [0], [0]

    def count(work: Work) -> Done:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.005)
        running[0] -= 1
        return Done()

    script.behaviour = count
    drain(threads=4)
    assert (script.ran, most) == (wanted, [1])


def test_a_drain_ends_when_its_time_is_up_and_finishes_what_it_began(ask, script):
    for number in range(40):
        ask(lane=f"thing:{number}")

    def slowly(work: Work) -> Done:
        time.sleep(0.25)
        return Done()

    script.behaviour = slowly
    done = drain(threads=2, seconds=1)
    assert 0 < done < 40
    assert SyncRecord.objects.filter(status=Status.SUCCEEDED).count() == done
    assert SyncRecord.objects.filter(status=Status.PENDING).count() == 40 - done


def test_a_lost_queue_message_costs_time_and_no_work(script, monkeypatch):
    """Every wake-up is lost on its way to the queue: the sweep finds events and work all the same."""
    monkeypatch.setattr("django_q.tasks.async_task", lambda *args, **kwargs: None)
    events = [receive(Delivery(body=b"{}", event_name="TestHappened", entity_id=str(number))) for number in range(3)]
    assert WakeUp.objects.get(queue=Queue.INGEST).pending
    sent: list[str] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda task, queue, **kwargs: sent.append(queue))
    WakeUp.objects.update(requested_at="2026-01-01T00:00:00Z")
    sweep()
    assert sent == [Queue.INGEST]
    drain(sent, threads=2)
    assert list(WebhookEvent.objects.filter(pk__in=events).values_list("status", flat=True)) == ["processed"] * 3


def test_a_broker_that_fails_does_not_lose_what_was_received(script, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("django_q.tasks.async_task", refuse)
    event = receive(Delivery(body=b"{}", event_name="TestHappened", entity_id="77"))
    assert WebhookEvent.objects.get(pk=event).status == "received"
    drain(threads=2)
    assert WebhookEvent.objects.get(pk=event).status == "processed"
