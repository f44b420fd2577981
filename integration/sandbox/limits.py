"""Sliding-window rate limits, one set of windows per operation and caller."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence

Window = tuple[int, float]
"""So many calls in so many seconds."""


class RateLimits:
    """Counts calls per (operation, caller). An operation without windows is never limited."""

    def __init__(
        self, windows: Mapping[str, Sequence[Window]], *, enabled: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.windows: dict[str, list[Window]] = {operation: list(limits) for operation, limits in windows.items()}
        self.enabled = enabled
        self._clock = clock
        self._calls: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def wait_for(self, operation: str, caller: str) -> float:
        """Count one call. Returns 0 when it is within the limits, else the seconds until it would be; a refused call is not counted."""
        windows = self.windows.get(operation)
        if not self.enabled or not windows:
            return 0.0
        now = self._clock()
        calls = self._calls[operation, caller]
        self._drop_old(calls, now - max(seconds for _, seconds in windows))
        wait = max(self._wait(calls, window, now) for window in windows)
        if wait <= 0:
            calls.append(now)
        return wait

    def forget(self) -> None:
        """Start counting anew."""
        self._calls.clear()

    @staticmethod
    def _drop_old(calls: deque[float], oldest: float) -> None:
        while calls and calls[0] <= oldest:
            calls.popleft()

    @staticmethod
    def _wait(calls: deque[float], window: Window, now: float) -> float:
        limit, seconds = window
        if limit <= 0:
            return seconds
        if len(calls) < limit:
            return 0.0
        return max(0.0, calls[-limit] + seconds - now)
