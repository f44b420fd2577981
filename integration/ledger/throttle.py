"""Keeps all workers together within each system's limit of calls."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, FloatField, Value
from django.db.models.functions import Least

from integration.errors import Throttled
from integration.models import TokenBucket

# Billecta: 600 a minute and 100 in 10 s; Lime Cloud: 3,000 in 5 minutes. A bucket that refills at `rate` and holds `burst`
# lets through at most `burst + rate × t` calls in t seconds, and what was taken may be spent a second later: so
# 10 + 8 × 11 = 98, 10 + 8 × 61 = 498, and 150 + 9.4 × 301 = 2,979.
LIMITS: dict[str, tuple[float, float]] = {"billecta": (8.0, 10.0), "lime": (9.4, 150.0)}
KEPT_SECONDS = 1.0


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

    def _refill(self) -> int:
        now = time.time()
        for wanted in (self.block, 1):
            if self._take_from_database(now, wanted):
                return wanted
        bucket = TokenBucket.objects.filter(system=self.system).first()
        if bucket is None:
            rate, burst = LIMITS[self.system]
            TokenBucket.objects.bulk_create(
                [TokenBucket(system=self.system, rate_per_second=rate, burst=burst, tokens=burst, refilled_at=now)], ignore_conflicts=True
            )
            return self._refill()
        if not bucket.enabled:
            self._unlimited_until = time.monotonic() + 5
            return 1
        raise Throttled(system=self.system.capitalize(), not_before=datetime.now(UTC) + timedelta(seconds=1 / bucket.rate_per_second))

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
