"""Work that was claimed together is told what was read for all of it; and only what has calls left is claimed."""

from __future__ import annotations

import time

import pytest

from integration.errors import RemoteUnavailable
from integration.ledger import Done, Kind, Work, drain, registry
from integration.ledger.ahead import KEPT_SECONDS, Ahead
from integration.ledger.claim import claim
from integration.ledger.run import run
from integration.ledger.throttle import Budget, SharedThrottle, throttle
from integration.models import SyncRecord, TokenBucket
from integration.models.ledger import Queue
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db
LOOKUP = ("thing", "_id", 1)


@pytest.fixture
def reading(script):
    """Work whose lookup is read ahead; `reading.asked` holds the pieces that were read for, reading by reading."""
    asked: list[list[int]] = []

    def read(records):
        asked.append([record.pk for record in records])
        return {record.pk: {LOOKUP: f"read for {record.pk}"} for record in records}

    registry.add_kind(Kind("test-reading", Queue.OUTBOUND, script, read_ahead=read))
    script.asked = asked
    return script


def take_it(found: dict[int, object]):
    def behaviour(work: Work) -> Done:
        found[work.record.pk] = work.ahead.take(LOOKUP)
        return Done()

    return behaviour


def test_work_claimed_together_is_read_for_at_once(ask, reading):
    found: dict[int, object] = {}
    reading.behaviour = take_it(found)
    records = [ask(lane=f"thing:{number}", kind="test-reading") for number in range(4)]
    drain(threads=0)
    assert reading.asked == [[record.pk for record in records]]
    assert found == {record.pk: f"read for {record.pk}" for record in records}


def test_one_piece_alone_asks_for_itself(ask, reading):
    found: dict[int, object] = {}
    reading.behaviour = take_it(found)
    record = ask(kind="test-reading")
    drain(threads=0)
    assert (reading.asked, found) == ([], {record.pk: None})


def test_work_with_an_open_write_looks_for_itself(ask, reading):
    found: dict[int, object] = {}
    reading.behaviour = take_it(found)
    records = [ask(lane=f"thing:{number}", kind="test-reading") for number in range(3)]
    SyncRecord.objects.filter(pk=records[0].pk).update(open_writes={"create_thing": {"sent_at": "2026-01-01T00:00:00+00:00"}})
    drain(threads=0)
    assert reading.asked == [[records[1].pk, records[2].pk]]
    assert found[records[0].pk] is None


def test_an_intent_that_earlier_work_left_is_looked_for_anew(ask, script):
    earlier, record = (ask(kind="test-free") for _number in range(2))
    left = {"create_thing": {"sent_at": "2026-01-01T00:00:00+00:00", "empty_looks": 0}}
    SyncRecord.objects.filter(pk=earlier.pk).update(status="failed", open_writes=left, billecta_id="a")
    SyncRecord.objects.filter(pk=record.pk).update(billecta_id="a")
    [claimed] = claim([Queue.OUTBOUND], 1)
    work = Work(claimed, Ahead({LOOKUP: "read before the intent was known of"}))
    assert work.take_over_write("create_thing") is not None
    assert work.ahead.take(LOOKUP) is None


def test_an_answer_serves_once_and_only_while_it_is_fresh():
    ahead = Ahead({LOOKUP: "fresh"})
    assert (ahead.take(LOOKUP), ahead.take(LOOKUP)) == ("fresh", None)
    assert Ahead({LOOKUP: "old"}, time.monotonic() - KEPT_SECONDS - 0.1).take(LOOKUP) is None


def test_reading_ahead_that_fails_fails_no_work(ask, reading):
    def refuse(records):
        raise RemoteUnavailable(system="Lime", detail="not now")

    registry.add_kind(Kind("test-reading", Queue.OUTBOUND, reading, read_ahead=refuse))
    records = [ask(lane=f"thing:{number}", kind="test-reading") for number in range(3)]
    drain(threads=0)
    assert {reload(record).status for record in records} == {"succeeded"}


# --- Only what has calls left ---------------------------------------------------------------------------------------


@pytest.fixture
def calling(script):
    registry.add_kind(Kind("test-calling", Queue.OUTBOUND, script, calls={"billecta": 4}))
    throttle.cache_clear()
    yield script
    throttle.cache_clear()


def bucket(tokens: float, *, burst: float = 100, rate: float = 0.001) -> None:
    values = {"rate_per_second": rate, "burst": burst, "tokens": tokens, "refilled_at": time.time(), "enabled": True}
    TokenBucket.objects.update_or_create(system="billecta", defaults=values)


def test_no_more_is_claimed_than_there_are_calls_for(ask, calling):
    bucket(13)
    for number in range(6):
        ask(lane=f"thing:{number}", kind="test-calling")
    assert len(claim([Queue.OUTBOUND], 6, admits=Budget().admits)) == 3


def test_nothing_is_claimed_on_a_system_before_several_pieces_can_be_paid_for(calling):
    bucket(11)
    assert "test-calling" in Budget().held_back()
    bucket(12.5)
    assert "test-calling" not in Budget().held_back()
    bucket(9.5, burst=10)
    assert "test-calling" not in Budget().held_back()


def test_a_limit_that_is_off_holds_nothing_back(ask, calling):
    bucket(0)
    TokenBucket.objects.update(enabled=False)
    for number in range(6):
        ask(lane=f"thing:{number}", kind="test-calling")
    budget = Budget()
    assert "test-calling" not in budget.held_back()
    assert len(claim([Queue.OUTBOUND], 6, admits=budget.admits)) == 6


def test_work_whose_calls_another_took_after_the_claim_is_not_begun(ask, calling):
    bucket(14)
    record = ask(kind="test-calling")
    [claimed] = claim([Queue.OUTBOUND], 1, admits=Budget().admits)
    SharedThrottle("billecta").reserve(12)
    run(claimed)
    held = reload(record)
    assert (calling.ran, held.status, held.attempts) == ([], "pending", 0)
