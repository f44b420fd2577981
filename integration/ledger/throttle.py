"""Keeps all workers together within each system's limit of calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from django.db import transaction
from django.db.models import F, FloatField, Value
from django.db.models.functions import Least

from integration.errors import Throttled
from integration.ledger.registry import registry
from integration.ledger.work import Work
from integration.models import SyncRecord, TokenBucket

# Billecta: 600 a minute and 100 in 10 s; Lime Cloud: 3,000 in 5 minutes. A bucket that refills at `rate` and holds `burst`
# lets through at most `burst + rate × t` calls in t seconds, and what was taken may be spent a second later: so
# 10 + 8 × 11 = 98, 10 + 8 × 61 = 498, and 150 + 9.4 × 301 = 2,979.
LIMITS: dict[str, tuple[float, float]] = {"billecta": (8.0, 10.0), "lime": (9.4, 150.0)}
KEPT_SECONDS = 1.0
ENOUGH_CALLS, ENOUGH_OF_BURST = 12, 0.9
"""Work is claimed on a system that has so many calls left, or this share of what it can have at once."""


class SharedThrottle:
    """One system's token bucket in the database.

    Tokens are taken from the database a few at a time and spent here, so that a call costs a tenth of a write; what a
    process has taken and does not spend is lost, never spent twice.

    Args:
        system: `billecta` or `lime`.
        block: how many tokens to take at once.
    """

    def __init__(self, system: str, block: int = 5) -> None:
        self.system = system
        self.block = block
        self._left = 0
        self._taken_at = 0.0
        self._unlimited_until = 0.0
        self._empty_until = 0.0
        self._lock = threading.Lock()

    def take(self) -> None:
        """Spend one token. Raises Throttled with the time when there will be one again."""
        with self._lock:
            if time.monotonic() < self._unlimited_until:
                return
            if self._left == 0 or time.monotonic() > self._taken_at + KEPT_SECONDS:
                self._left = self._refill()
                self._taken_at = time.monotonic()
            self._left -= 1

    def reserve(self, calls: int) -> int:
        """Take `calls` tokens at once for one piece of work, so that it is not stopped half-way; 0 when there is no limit.

        Raises Throttled when there are not so many now.
        """
        with self._lock:
            return 0 if time.monotonic() < self._unlimited_until else self._refill(calls) if calls else 0

    def give_back(self, calls: int) -> None:
        """Return what was reserved and not spent."""
        if calls:
            TokenBucket.objects.filter(system=self.system).update(tokens=Least(F("burst"), F("tokens") + calls, output_field=FloatField()))

    def is_empty(self) -> bool:
        """Whether this process was refused just now and it is too early to ask again."""
        return time.monotonic() < self._empty_until

    def _refill(self, calls: int = 0) -> int:
        now = time.time()
        for wanted in (calls,) if calls else (self.block, 1):
            if self._take_from_database(now, wanted):
                return wanted
        bucket = TokenBucket.objects.filter(system=self.system).first()
        if bucket is None:
            rate, burst = LIMITS[self.system]
            TokenBucket.objects.bulk_create(
                [TokenBucket(system=self.system, rate_per_second=rate, burst=burst, tokens=burst, refilled_at=now)], ignore_conflicts=True
            )
            return self._refill(calls)
        if not bucket.enabled:
            self._unlimited_until = time.monotonic() + 5
            return 0 if calls else 1
        wait = max(calls, 1) / bucket.rate_per_second
        self._empty_until = time.monotonic() + wait
        raise Throttled(system=self.system.capitalize(), not_before=datetime.now(UTC) + timedelta(seconds=wait))

    def _take_from_database(self, now: float, wanted: int) -> bool:
        # The clocks of several hosts differ a little: time that goes backwards adds nothing.
        filled = Least(F("burst"), F("tokens") + (Value(now) - F("refilled_at")) * F("rate_per_second"), output_field=FloatField())
        with transaction.atomic():
            rows = (
                TokenBucket.objects.filter(system=self.system, enabled=True, refilled_at__lte=now)
                .alias(filled=filled)
                .filter(filled__gte=wanted)
            )
            return bool(rows.update(tokens=filled - wanted, refilled_at=now))


@cache
def throttle(system: str) -> SharedThrottle:
    """This process's share of one system's limit."""
    return SharedThrottle(system)


def reserve(work: Work, calls: Mapping[str, int]) -> None:
    """Take the calls that a piece of work usually makes. Raises Throttled, with nothing taken, when a system has too few left."""
    try:
        for system, number in calls.items():
            work.allowance[system] = throttle(system).reserve(number)
    except Throttled:
        release(work)
        raise


def release(work: Work) -> None:
    """Give back what the work did not spend."""
    for system, number in work.allowance.items():
        throttle(system).give_back(number)
    work.allowance.clear()


class Budget:
    """What may be claimed by the calls that are left now. A hint that spares work from being begun in vain; `reserve` decides.

    Nothing is claimed on a system before it has calls for several pieces of work, which are then looked up together, and
    kinds that need many calls get their turn beside those that need few.
    """

    def __init__(self) -> None:
        now = time.time()
        buckets = TokenBucket.objects.filter(enabled=True)
        self._left = {
            bucket.system: min(bucket.burst, bucket.tokens + max(0.0, now - bucket.refilled_at) * bucket.rate_per_second)
            for bucket in buckets
        }
        self._enough = {bucket.system: min(ENOUGH_CALLS, bucket.burst * ENOUGH_OF_BURST) for bucket in buckets}

    def held_back(self) -> list[str]:
        """Kinds of work that would only be refused now, since a system that they call has too few calls left."""
        return [kind.name for kind in registry.kinds.values() if any(self._is_short(system) for system in kind.calls)]

    def admits(self, record: SyncRecord) -> bool:
        """Whether there are calls for this piece of work beside what was admitted before; counts it when there are."""
        kind = registry.kinds.get(record.kind)
        calls = {system: number for system, number in kind.calls.items() if system in self._left} if kind else {}
        if any(self._left[system] < number for system, number in calls.items()):
            return False
        for system, number in calls.items():
            self._left[system] -= number
        return True

    def _is_short(self, system: str) -> bool:
        return throttle(system).is_empty() or (system in self._left and self._left[system] < self._enough[system])
