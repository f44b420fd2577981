"""A time that several calls share: none of them waits beyond it, whatever its own deadline."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_until: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give all calls that this thread makes inside `seconds` in all; a deadline that is in force already holds on."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def in_force() -> float:
    """When the shared time is up, on the monotonic clock; infinity outside of `within`."""
    return _until.get()


def seconds_left(at_most: float) -> float:
    """How much of the shared time is left, and never more than `at_most`."""
    return max(0.0, min(at_most, _until.get() - time.monotonic()))


def time_is_up() -> bool:
    """Whether the shared time is up: a call made now would raise `RemoteTimeout` and send nothing."""
    return time.monotonic() >= _until.get()
