"""The same moves for thousands of pieces of work at once: a command over ten thousand orders must not hold the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from integration.errors import GuardRefused
from integration.ledger.decide import retry
from integration.ledger.outcome import NO_ERROR
from integration.ledger.registry import registry
from integration.ledger.submit import Subject
from integration.ledger.wake import wake
from integration.models import Batch, SyncRecord

T = TypeVar("T")
CHUNK = 500
Status = SyncRecord.Status


def submit_many(kind: str, subjects: Iterable[Subject], *, batch: Batch, requested_by: str = "", requester: str = "") -> int:
    """Add a piece of work for each subject, in one transaction of a few statements; returns how many.

    `requested_by` is shown to people, `requester` is who that is: `lime:7`, `user:3`, `key:Lime`.
    """
    spec = registry.kinds[kind]
    rows = [
        SyncRecord(
            kind=kind,
            queue=spec.queue,
            ordered=spec.ordered,
            batch=batch,
            requested_by=requested_by,
            requester=requester,
            **vars(subject),
        )
        for subject in subjects
    ]
    with transaction.atomic():
        for chunk in chunks(rows):
            SyncRecord.objects.bulk_create(chunk)
            _after(kind, chunk)
        wake(spec.queue)
    return len(rows)


def cancel_many(batch: Batch) -> int:
    """Cancel what a batch has not begun; what was sent without a known outcome is left to be found out. Returns how many."""
    done = 0
    for rows in _chunks_of(batch, SyncRecord.DUE):
        with transaction.atomic():
            mine = SyncRecord.objects.filter(pk__in=[row.pk for row in rows], status__in=SyncRecord.DUE, open_writes={})
            done += mine.update(status=Status.CANCELLED, finished_at=timezone.now())
            _after(batch.command, list(SyncRecord.objects.filter(pk__in=[row.pk for row in rows])))
    return done


def retry_many(batch: Batch, *, actor: str, user_id: int | None = None) -> int:
    """Put the failed objects of a batch back in the queue, with their failed prerequisites first; returns how many."""
    done = 0
    for rows in _chunks_of(batch, [Status.FAILED]):
        ids = [row.pk for row in rows]
        for prerequisite in SyncRecord.objects.filter(dependants__in=ids, status__in=[Status.FAILED, Status.CANCELLED]).distinct():
            _retried(prerequisite, actor, user_id)
        with transaction.atomic():
            failed = SyncRecord.objects.filter(pk__in=ids, status=Status.FAILED)
            done += failed.update(status=Status.PENDING, not_before=timezone.now(), finished_at=None, **NO_ERROR)
            _after(batch.command, list(SyncRecord.objects.filter(pk__in=ids)))
            wake(registry.kinds[batch.command].queue)
    return done


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`, in their order."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _chunks_of(batch: Batch, statuses: Sequence[str]) -> Iterator[list[SyncRecord]]:
    found = SyncRecord.objects.filter(batch=batch, status__in=statuses).order_by("pk").values_list("pk", flat=True)
    for ids in chunks(list(found)):
        yield list(SyncRecord.objects.filter(pk__in=ids))


def _after(kind: str, rows: Sequence[SyncRecord]) -> None:
    spec = registry.kinds[kind]
    if spec.after_many:
        spec.after_many(rows)
    elif spec.after:
        for row in rows:
            spec.after(row)


def _retried(record: SyncRecord, actor: str, user_id: int | None) -> None:
    try:
        retry(record, actor=actor, user_id=user_id)
    except GuardRefused:
        return  # its state has changed in the meantime
