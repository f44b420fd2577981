"""What can be seen of a run while it lasts: how far it has come, how fast the portal says so, and the workers' memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any


class Watch:
    """Looks at one run, one after the other."""

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._answered: list[float] = []
        self._memory: list[float] = []
        self._peak = 0.0

    @property
    def done(self) -> int:
        """How many objects the latest look saw done."""
        return self._counts[-1] if self._counts else 0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count how long the answer inside takes."""
        started = time.monotonic()
        yield
        self._answered.append(time.monotonic() - started)

    def saw(self, done: int, resident_mib: list[float], peaks_mib: list[float]) -> None:
        """Keep what one look saw; the memory is of each worker process, as it is now and at its highest."""
        self._counts.append(done)
        self._memory.append(max(resident_mib, default=0.0))
        self._peak = max([self._peak, *peaks_mib])

    def figures(self) -> dict[str, Any]:
        """The looks in figures: seconds of the answers, MiB of the largest worker in the first and last quarter of the looks."""
        answered = sorted(self._answered)
        quarter = max(1, len(self._memory) // 4)
        return {
            "looks": len(self._counts),
            "done_never_fell": all(earlier <= later for earlier, later in pairwise(self._counts)),
            "answer_p95_seconds": round(answered[int(len(answered) * 0.95)], 2),
            "answer_max_seconds": round(answered[-1], 2),
            "worker_first_mib": max(self._memory[:quarter]),
            "worker_last_mib": max(self._memory[-quarter:]),
            "worker_peak_mib": self._peak,
        }
