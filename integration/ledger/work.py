"""What a running piece of work may do with the ledger, and the ways it can end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integration.ledger.ahead import Ahead
from integration.ledger.claim import LEASE
from integration.models import SyncRecord

GIVEN_UP = (SyncRecord.Status.FAILED, SyncRecord.Status.CANCELLED)
_current: ContextVar[Work | None] = ContextVar("current_work", default=None)


@dataclass(frozen=True)
class Done:
    """It was done. `billecta_id` is the object's public id where there is one; `result` is kept with the work."""

    billecta_id: str = ""
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Nothing:
    """There was nothing to do: the target already is as it should be."""

    billecta_id: str = ""
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Skipped:
    """It was not done on purpose. `code` and `message` say why, `next_step` what to do instead."""

    code: str
    message: str
    next_step: str = ""


Outcome = Done | Nothing | Skipped


class WaitFor(Exception):
    """These must finish first; the work goes back to the queue and is not counted as tried."""

    def __init__(self, prerequisites: Iterable[SyncRecord]) -> None:
        self.prerequisites = list(prerequisites)
        super().__init__([record.pk for record in self.prerequisites])


class LaneMoved(Exception):
    """The entity turned out to belong to another lane; the work goes back to the queue, in that lane."""

    def __init__(self, entity_key: str) -> None:
        self.entity_key = entity_key
        super().__init__(entity_key)


class LeaseLost(Exception):
    """The lease ran out and the work may be another worker's now: stop, write nothing."""


class Work:
    """One claimed piece of work: its row, its lease, the calls it makes and the writes whose outcome is open."""

    def __init__(self, record: SyncRecord, ahead: Ahead | None = None) -> None:
        self.record = record
        self.ahead = ahead or Ahead()
        self.started_at = timezone.now()
        self.had_open_writes = bool(record.open_writes)
        self.exchanges: list[dict[str, Any]] = []
        self.allowance: dict[str, int] = {}

    @property
    def mine(self) -> Any:
        """The row, on condition that it still is this worker's."""
        return SyncRecord.objects.filter(pk=self.record.pk, lease_token=self.record.lease_token, status=SyncRecord.Status.IN_FLIGHT)

    def keep_lease(self) -> None:
        """Prolong the lease when half of it is gone; call before each remote call. Raises LeaseLost."""
        now = timezone.now()
        until = self.record.lease_until
        if until is not None and until - now > LEASE / 2:
            return
        if not self.mine.update(lease_until=now + LEASE):
            raise LeaseLost
        self.record.lease_until = now + LEASE

    def open_write(self, operation: str) -> dict[str, Any] | None:
        """The write of this name that was sent and whose outcome is not known, with `sent_at` (ISO, UTC) and `empty_looks`."""
        found: dict[str, Any] | None = self.record.open_writes.get(operation)
        return found

    def take_over_write(self, operation: str) -> dict[str, Any] | None:
        """Move here the write of this name that other work of this kind on the same object sent and was given up before knowing.

        A command that failed for another reason after a lost answer (an address mended in the meantime) is asked for anew by
        people; without this the new one would know nothing of the send. Raises LeaseLost.
        """
        for left in self._given_up().exclude(open_writes={}).order_by("-pk"):
            entry: dict[str, Any] | None = left.open_writes.pop(operation, None)
            if entry is not None:
                self.ahead.forget()
                with transaction.atomic():
                    SyncRecord.objects.filter(pk=left.pk).update(open_writes=left.open_writes)
                    self._store({**self.record.open_writes, operation: entry})
                return entry
        return None

    def _given_up(self) -> QuerySet[SyncRecord]:
        record = self.record
        named = {"lime_id": record.lime_id} if record.lime_id is not None else {"billecta_id": record.billecta_id}
        ended = {"status__in": GIVEN_UP, "kind": record.kind, "creditor_id": record.creditor_id}
        return SyncRecord.objects.filter(limetype=record.limetype, **named, **ended).exclude(pk=record.pk)

    def begin_write(self, operation: str, **detail: Any) -> None:
        """Commit that a write is about to be sent, so that a crash leaves a trace. Raises LeaseLost."""
        self._store({**self.record.open_writes, operation: {"sent_at": timezone.now().isoformat(), "empty_looks": 0, **detail}})

    def left_open(self, operation: str) -> SyncRecord | None:
        """Work in this lane that sent the write of this name and was given up before it was finished, whatever came of the write."""
        given_up = SyncRecord.objects.filter(entity_key=self.record.entity_key, status__in=GIVEN_UP).exclude(pk=self.record.pk)
        return next((row for row in given_up.exclude(open_writes={}).order_by("-pk") if operation in row.open_writes), None)

    def answered(self, operation: str) -> None:
        """Note that a write was answered and took effect, while what follows it is still to be done. Raises LeaseLost."""
        entry = self.record.open_writes[operation]
        self._store({**self.record.open_writes, operation: {**entry, "answered": True}})

    def looked_in_vain(self, operation: str) -> int:
        """Count one empty look for an open write; returns how many there were. Raises LeaseLost."""
        entry = self.record.open_writes[operation]
        looks = int(entry["empty_looks"]) + 1
        self._store({**self.record.open_writes, operation: {**entry, "empty_looks": looks}})
        return looks

    def end_write(self, operation: str) -> None:
        """The outcome of a write is known. Raises LeaseLost."""
        if operation in self.record.open_writes:
            self._store({name: entry for name, entry in self.record.open_writes.items() if name != operation})

    def _store(self, open_writes: dict[str, Any]) -> None:
        now = timezone.now()
        if not self.mine.update(open_writes=open_writes, lease_until=now + LEASE):
            raise LeaseLost
        self.record.open_writes = open_writes
        self.record.lease_until = now + LEASE


@contextmanager
def running(work: Work) -> Iterator[Work]:
    """Make `work` the one that this thread's calls are recorded under."""
    token = _current.set(work)
    try:
        yield work
    finally:
        _current.reset(token)


def current_work() -> Work | None:
    """The work that this thread runs, or None outside of any."""
    return _current.get()


def sent_at(entry: dict[str, Any]) -> datetime:
    """When an open write was sent (UTC)."""
    return datetime.fromisoformat(entry["sent_at"])
