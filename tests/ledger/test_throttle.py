"""The token buckets: never more calls than the limit, however many processes share it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection

from integration.errors import Throttled
from integration.ledger import Done, Kind, Work, drain, registry
from integration.ledger.throttle import LIMITS, SharedThrottle
from integration.models import SyncRecord, TokenBucket
from integration.models.ledger import Queue

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def taken_in(seconds: float, throttles: list[SharedThrottle], *, step: float) -> list[float]:
    """When (seconds from now) a call was let through, if every `step` each of `throttles` is asked until it refuses."""
    made: list[float] = []
    passed = 0.0
    with time_machine.travel(NOON, tick=False) as clock:
        while passed <= seconds:
            clock.move_to(NOON + timedelta(seconds=passed))
            for throttle in throttles:
                made += [passed] * _taken_now(throttle)
            passed += step
    return made


def _taken_now(throttle: SharedThrottle) -> int:
    for made in range(1000):
        try:
            throttle.take()
        except Throttled:
            return made
    raise AssertionError("the throttle lets everything through")


def most_in(window: float, made: list[float]) -> int:
    """The largest number of calls in any window of so many seconds."""
    return max((bisect_left(made, start + window) - first for first, start in enumerate(made)), default=0)


def test_billecta_gets_at_most_100_calls_in_10_seconds_and_600_in_a_minute_from_all_together():
    made = taken_in(75, [SharedThrottle("billecta") for _process in range(3)], step=0.5)
    assert 0 < most_in(10, made) <= 100
    assert most_in(60, made) <= 600
    assert len(made) >= 0.9 * 8 * 75


def test_lime_gets_at_most_3000_calls_in_5_minutes_from_all_together():
    made = taken_in(310, [SharedThrottle("lime") for _process in range(2)], step=1)
    assert 0.9 * 9.4 * 300 <= most_in(300, made) <= 3000


def test_the_limits_leave_room_for_what_was_taken_and_is_spent_a_moment_later():
    rate, burst = LIMITS["billecta"]
    assert burst + rate * 11 <= 100
    assert burst + rate * 61 <= 600
    rate, burst = LIMITS["lime"]
    assert burst + rate * 301 <= 3000


def test_an_empty_bucket_says_when_there_is_a_token_again():
    throttle = SharedThrottle("billecta")
    with time_machine.travel(NOON, tick=False):
        for _call in range(10):
            throttle.take()
        with pytest.raises(Throttled) as caught:
            throttle.take()
    assert caught.value.not_before is not None
    assert timedelta(0) < caught.value.not_before - NOON <= timedelta(seconds=1)


def test_a_limit_that_is_switched_off_lets_everything_through():
    TokenBucket.objects.update_or_create(system="billecta", defaults={"rate_per_second": 0.001, "burst": 1, "enabled": False})
    throttle = SharedThrottle("billecta")
    for _call in range(50):
        throttle.take()
    assert not throttle.is_empty()
    assert throttle.reserve(50) == 0


def test_a_clock_that_goes_back_adds_nothing():
    first, second = SharedThrottle("billecta"), SharedThrottle("billecta")
    with time_machine.travel(NOON, tick=False):
        for _call in range(10):
            first.take()
    with time_machine.travel(NOON - timedelta(hours=1), tick=False), pytest.raises(Throttled):
        second.take()


@pytest.mark.flow
@pytest.mark.django_db(transaction=True)
def test_two_processes_together_keep_to_the_limit_by_the_wall_clock():
    rate, burst, wanted = 20.0, 10.0, 60
    TokenBucket.objects.update_or_create(
        system="billecta", defaults={"rate_per_second": rate, "burst": burst, "tokens": burst, "refilled_at": time.time(), "enabled": True}
    )
    database = {name: connection.settings_dict[name] for name in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    command = [sys.executable, "-m", "tests.ledger.taker", json.dumps(database), "billecta"]
    takers = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _process in range(2)]
    try:
        for taker in takers:
            assert taker.stdout is not None
            assert taker.stdout.readline().strip() == "ready"
        started = time.time()
        for taker in takers:
            assert taker.stdin is not None
            print("go", file=taker.stdin, flush=True)
        made: list[list[float]] = [[], []]
        readers = [threading.Thread(target=_read_into, args=pair) for pair in zip(made, takers, strict=True)]
        for reader in readers:
            reader.start()
        while sum(map(len, made)) < wanted or not all(made):
            assert time.time() - started < 120, f"only {[len(times) for times in made]} calls were let through"
            time.sleep(0.01)
        for taker in takers:
            taker.kill()
        for reader in readers:
            reader.join()
    finally:
        for taker in takers:
            taker.kill()
            taker.communicate()
    passed = max(made[0] + made[1]) - started
    assert len(made[0]) + len(made[1]) <= burst + rate * passed + 1


def _read_into(times: list[float], taker: subprocess.Popen[str]) -> None:
    assert taker.stdout is not None
    for line in taker.stdout:
        times.append(float(line))  # noqa: PERF401  seen by the other thread as it grows


# --- Work starts only with its calls in hand ------------------------------------------------------------------------


@pytest.fixture
def calling(script):
    """Work that needs four calls to Billecta."""
    registry.add_kind(Kind("test-calling", Queue.OUTBOUND, script, calls={"billecta": 4}))
    full = {"rate_per_second": 0.001, "burst": 10, "tokens": 10, "refilled_at": time.time()}
    TokenBucket.objects.update_or_create(system="billecta", defaults=full)
    return script


def test_work_that_has_too_few_calls_left_is_not_begun(ask, calling):
    records = [ask(lane=f"thing:{number}", kind="test-calling") for number in range(3)]
    calling.behaviour = _spend_four
    drain(threads=0)
    assert calling.ran == [records[0].pk, records[1].pk]
    held = SyncRecord.objects.get(pk=records[2].pk)
    assert (held.status, held.attempts, held.tries.count()) == ("pending", 0, 0)


def test_calls_that_were_not_made_are_given_back(ask, calling):
    for number in range(6):
        ask(lane=f"thing:{number}", kind="test-calling")
    drain(threads=0)
    assert len(calling.ran) == 6
    assert TokenBucket.objects.get(system="billecta").tokens == pytest.approx(10, abs=0.1)


def test_work_that_needs_no_calls_goes_on_while_a_system_has_none_left(ask, calling):
    calling.behaviour = _spend_four
    for number in range(4):
        ask(lane=f"thing:{number}", kind="test-calling")
    free = [ask(lane=f"free:{number}", kind="test-free") for number in range(3)]
    drain(threads=0)
    assert {record.pk for record in free} <= set(calling.ran)


def _spend_four(work: Work) -> Done:
    if work.record.kind == "test-calling":
        work.allowance["billecta"] -= 4
    return Done()
