"""Questions to a remote system that a caller waits for: within one time in all, and patient with the portal's own limit of calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from integration.errors import RemoteTimeout, Throttled
from integration.http.deadline import time_is_up, within

T = TypeVar("T")
ASKED_EVERY_SECONDS = 0.25


def in_time(seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` returns. It only reads: when the token bucket is empty it is asked again, until the time is up.

    Raises RemoteTimeout when all took longer than `seconds`, and whatever else `ask` raises.
    """
    with within(seconds):
        while True:
            try:
                return ask()
            except Throttled as held:
                if time_is_up():
                    raise RemoteTimeout(system=held.params.get("system", ""), detail=held.message) from held
                time.sleep(ASKED_EVERY_SECONDS)
