"""Puts work into the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integration.ledger.registry import registry
from integration.ledger.wake import wake
from integration.models import Batch, MappingVersion, SyncRecord, WebhookEvent


@dataclass(frozen=True)
class Subject:
    """What a piece of work is about: its lane and the names of the object in both systems."""

    entity_key: str
    limetype: str
    lime_id: int | None = None
    billecta_id: str = ""
    creditor_id: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def submit(
    kind: str,
    subject: Subject,
    *,
    batch: Batch | None = None,
    event: WebhookEvent | None = None,
    requested_by: str = "",
    mapping_version: MappingVersion | None = None,
    prerequisites: Iterable[SyncRecord] = (),
) -> SyncRecord:
    """Add one piece of work of `kind`; a worker is woken when the transaction commits."""
    spec = registry.kinds[kind]
    with transaction.atomic():
        record = SyncRecord.objects.create(
            kind=kind,
            queue=spec.queue,
            ordered=spec.ordered,
            collapsible=False,
            batch=batch,
            event=event,
            requested_by=requested_by,
            mapping_version=mapping_version,
            **vars(subject),
        )
        waits_for = list(prerequisites)
        if waits_for:
            record.prerequisites.add(*waits_for)
        wake(spec.queue)
    if spec.after:
        spec.after(record)
    return record


def submit_collapsed(
    kind: str, subjects: Iterable[Subject], *, settle: timedelta = timedelta(0), requested_by: str = ""
) -> dict[str, SyncRecord]:
    """Ask for work that is the same however often it is asked for; returns the waiting row of each lane, locked.

    A row that waits already serves; one in flight does not, since it may have looked before what we know. A row that
    waits for a late retry is brought forward, since something has changed.

    Args:
        settle: how long to gather further requests before it may start.
    """
    spec = registry.kinds[kind]
    wanted = {subject.entity_key: subject for subject in subjects}
    not_before = timezone.now() + settle
    with transaction.atomic():
        waiting = _waiting(kind, wanted)
        missing = [subject for key, subject in wanted.items() if key not in waiting]
        if missing:
            waiting |= _make([_collapsed(spec.name, spec.queue, subject, not_before, requested_by) for subject in missing])
        late = [row.pk for row in waiting.values() if row.not_before > not_before]
        if late:
            SyncRecord.objects.filter(pk__in=late).update(not_before=not_before)
        wake(spec.queue)
    return waiting


def _collapsed(kind: str, queue: str, subject: Subject, not_before: datetime, requested_by: str) -> SyncRecord:
    return SyncRecord(kind=kind, queue=queue, collapsible=True, not_before=not_before, requested_by=requested_by, **vars(subject))


def _make(rows: list[SyncRecord]) -> dict[str, SyncRecord]:
    """Store new collapsible rows of one kind; where another process asked for the same at this moment, its row serves."""
    try:
        with transaction.atomic():
            SyncRecord.objects.bulk_create(rows)
    except IntegrityError:
        SyncRecord.objects.bulk_create(rows, ignore_conflicts=True)
        return _waiting(rows[0].kind, [row.entity_key for row in rows])
    return {row.entity_key: row for row in rows}


def _waiting(kind: str, lanes: Iterable[str]) -> dict[str, SyncRecord]:
    rows = SyncRecord.objects.select_for_update(of=("self",)).filter(
        kind=kind, entity_key__in=list(lanes), collapsible=True, status__in=SyncRecord.DUE
    )
    return {row.entity_key: row for row in rows}
