"""What pieces of work that were claimed together will look up: read for all of them at once, just before they run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from integration.errors import KvittensError
from integration.http.deadline import within
from integration.ledger.registry import registry
from integration.models import SyncRecord

Lookup = tuple[str, str, str | int]
"""Limetype, field, and the value that the field must equal."""

KEPT_SECONDS = 5.0
logger = structlog.get_logger("kvittens")


@dataclass
class Ahead:
    """Answers that were read for a piece of work before it began; each is given once and only while it is fresh."""

    answers: dict[Lookup, Any] = field(default_factory=dict)
    read_at: float = field(default_factory=time.monotonic)

    def take(self, lookup: Lookup) -> Any | None:
        """The answer to a lookup, or None when the work must ask for itself: nothing was read, it is old, or it was given before."""
        answer = self.answers.pop(lookup, None)
        return answer if time.monotonic() <= self.read_at + KEPT_SECONDS else None

    def forget(self) -> None:
        """Have the work ask for itself from here on."""
        self.answers.clear()


def read_ahead(claimed: Sequence[SyncRecord]) -> dict[int, Ahead]:
    """Read what the claimed work will look up, kind by kind; by primary key of the work, nothing where there is nothing to gain.

    Work with an open write looks for itself: its look must be one that was made for it.
    """
    found: dict[int, Ahead] = {}
    for name in dict.fromkeys(record.kind for record in claimed):
        read = registry.kinds[name].read_ahead if name in registry.kinds else None
        together = [record for record in claimed if record.kind == name and not record.open_writes]
        if read is not None and len(together) > 1:
            found |= _read(read, together)
    return found


def _read(read: Callable[[Sequence[SyncRecord]], Mapping[int, Mapping[Lookup, Any]]], records: Sequence[SyncRecord]) -> dict[int, Ahead]:
    """Each piece of work asks for itself when this fails, and meets the error where it is recorded."""
    asked_at = time.monotonic()
    try:
        with within(KEPT_SECONDS):
            return {key: Ahead(dict(answers), asked_at) for key, answers in read(records).items()}
    except KvittensError as error:
        logger.info("not_read_ahead", kind=records[0].kind, pieces=len(records), code=error.code)
    except Exception:  # a bug: nothing depends on reading ahead, so it is logged and met by the first piece that asks for itself
        logger.exception("not_read_ahead", kind=records[0].kind, pieces=len(records))
    return {}
