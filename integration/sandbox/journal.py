"""The journal: every call a sandbox got, every effect it had and every webhook it sent. Tests compare the portal against it."""

import json
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl

Kind = Literal["call", "effect", "webhook"]


@dataclass(slots=True)
class Call:
    """One request as it came in. `status` stays None until it is answered, and for ever when the connection was dropped instead."""

    seq: int
    at: float
    method: str
    path: str
    query: str
    operation: str
    body: bytes
    status: int | None = None
    fault: str | None = None

    def render(self) -> dict[str, Any]:
        """The call as JSON data; the raw body and query are only parsed here, so that journalling stays cheap."""
        return {
            "seq": self.seq,
            "at": _utc(self.at),
            "kind": "call",
            "method": self.method,
            "path": self.path,
            "query": _query(self.query),
            "status": self.status,
            "operation": self.operation,
            "body": _body(self.body),
            "fault": self.fault,
        }


@dataclass(slots=True)
class Note:
    """An effect or a webhook delivery, with the details its writer named."""

    seq: int
    at: float
    kind: Kind
    details: dict[str, Any]

    def render(self) -> dict[str, Any]:
        """The note as JSON data."""
        return {"seq": self.seq, "at": _utc(self.at), "kind": self.kind, **self.details}


class Journal:
    """Entries in the order they happened, numbered from 1; the oldest fall away beyond `limit`."""

    def __init__(self, limit: int = 200_000) -> None:
        self._entries: deque[Call | Note] = deque(maxlen=limit)
        self._seq = 0

    def begin_call(self, *, method: str, path: str, query: str, operation: str, body: bytes) -> Call:
        """Write down a request before it is handled; the caller sets `status` and `fault` on what is returned."""
        call = Call(self._next(), time.time(), method, path, query, operation, body)
        self._entries.append(call)
        return call

    def effect(self, effect: str, **ids: object) -> None:
        """Write down something that changed, dotted and in the past tense ("invoice.attested"), with the ids it concerns."""
        self._entries.append(Note(self._next(), time.time(), "effect", {"effect": effect, **ids}))

    def webhook(self, *, event: str, attempt: int, status: int | None, **details: object) -> None:
        """Write down one delivery attempt; `attempt` counts from 1, `status` is None when no answer came."""
        self._entries.append(Note(self._next(), time.time(), "webhook", {"event": event, "attempt": attempt, "status": status, **details}))

    def entries(self, since: int = 0, kind: str | None = None, latest: int | None = None) -> list[dict[str, Any]]:
        """Entries with a number above `since`, oldest first; of one kind, and only the `latest` so many, when asked."""
        found: list[dict[str, Any]] = []
        for entry in reversed(self._entries):
            if entry.seq <= since or (latest is not None and len(found) >= latest):
                break
            if kind is None or _kind(entry) == kind:
                found.append(entry.render())
        found.reverse()
        return found

    def clear(self) -> None:
        """Forget all entries; the numbering goes on, so that a remembered `since` stays valid."""
        self._entries.clear()

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def _kind(entry: Call | Note) -> Kind:
    return "call" if isinstance(entry, Call) else entry.kind


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _query(query: str) -> dict[str, str | list[str]]:
    """Names to values; a name that is repeated gets the list of its values."""
    named: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        named.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in named.items()}


def _body(body: bytes) -> Any:
    """The JSON of a body; its text when it is not JSON; None when it is empty."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
