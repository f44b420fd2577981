"""What a call to a remote system is, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol


class Effect(Enum):
    """What repeating a call would do, which decides what an answer that never came means."""

    READ = "read"
    """Changes nothing; gets one quick retry."""
    REPEATABLE_WRITE = "repeatable_write"
    """A full replace, a delete, a PUT used as a query: repeating it is harmless."""
    WRITE = "write"
    """Must not be repeated blindly: without a definite answer it becomes `OutcomeUnknown`."""


class Expect(Enum):
    """What a successful answer's body must be."""

    JSON = "json"
    NOTHING = "nothing"
    """Empty, or JSON that is not read. A page of HTML is not an answer."""
    BYTES = "bytes"


@dataclass(frozen=True)
class Timeouts:
    """Seconds: to connect, between two bytes, and for the whole call with its quick retry."""

    connect: float = 5.0
    read: float = 20.0
    total: float = 30.0


@dataclass(frozen=True)
class Call:
    """One call.

    `operation` is what the call is named in errors and records; `path` starts with a slash, is percent-encoded and is appended
    to the client's base URL; `what` names the object that a 404 would be about. `payload` is sent as JSON (Decimal becomes a
    number), `content` as it is, with a Content-Type among `headers`.
    """

    operation: str
    method: str
    path: str
    effect: Effect
    params: Mapping[str, str] = field(default_factory=dict)
    payload: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    expect: Expect = Expect.JSON
    what: str = ""


@dataclass(frozen=True)
class Exchange:
    """One try of one call, without secrets and personal data; `request` and `response` are JSON text, cut when long.

    `status` is None when no answer came, `error` the code of the error raised, `request_id` what was sent as X-Request-Id.
    """

    system: str
    operation: str
    method: str
    path: str
    status: int | None
    request: str
    response: str
    duration_ms: int
    error: str | None
    request_id: str


class Throttle(Protocol):
    """Keeps the calls to one system within its limit."""

    def take(self) -> None:
        """Takes leave for one request. Raises `errors.Throttled` when there is none."""
