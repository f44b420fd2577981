"""When failed work is tried again: a policy per error code, which an admin may change."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from integration.models import RetryPolicy

FIRST_HOUR = timedelta(hours=1)

# What a fresh database starts with; the row without a code holds for every other error. Full jitter would make the first
# waits anything from zero up, so the spread is a share of the wait instead (docs/decisions/retry-policy.md).
DEFAULTS: dict[str, dict[str, Any]] = {
    "": {"first_delay_seconds": 5, "growth": 3, "max_delay_seconds": 300, "jitter": 0.1, "give_up_after_hours": 24},
    "database_busy": {"first_delay_seconds": 1, "growth": 2, "max_delay_seconds": 30, "jitter": 0.5, "give_up_after_hours": 24},
    "throttled": {"first_delay_seconds": 1, "growth": 1, "max_delay_seconds": 5, "jitter": 0.5, "give_up_after_hours": 72},
    "rate_limited": {"first_delay_seconds": 10, "growth": 2, "max_delay_seconds": 300, "jitter": 0.2, "give_up_after_hours": 72},
}


def policy_for(error_code: str) -> RetryPolicy:
    """The policy of an error code: its own row, else the row for all others, else the defaults above."""
    rows = {row.error_code: row for row in RetryPolicy.objects.filter(error_code__in=[error_code, ""])}
    code = error_code if error_code in rows or error_code in DEFAULTS else ""
    return rows.get(error_code) or (rows.get("") if code == "" else None) or RetryPolicy(error_code=code, **DEFAULTS[code])


def delay(policy: RetryPolicy, failures: int, age: timedelta) -> timedelta:
    """How long to wait after the `failures`-th failure (from 1) of work that has been failing for `age`."""
    longest = policy.max_delay_seconds if age < FIRST_HOUR else max(policy.max_delay_seconds, age.total_seconds() / 4)
    wait = min(policy.first_delay_seconds * policy.growth ** min(failures - 1, 60), longest)
    return timedelta(seconds=wait * (1 + random.uniform(-policy.jitter, policy.jitter)))  # noqa: S311  spread, not secrecy


def next_try(policy: RetryPolicy, *, failures: int, failing_since: datetime, now: datetime, not_before: datetime | None) -> datetime | None:
    """When to try again (UTC), or None when it is time to give up. A time that the remote side gave is kept to."""
    age = now - failing_since
    if age >= timedelta(hours=policy.give_up_after_hours):
        return None
    return not_before if not_before is not None and not_before > now else now + delay(policy, failures, age)
