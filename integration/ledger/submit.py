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
    requester: str = "",
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
            requester=requester,
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
    """Ask for work of one kind that is the same however often it is asked for; returns the waiting row of each lane, locked.

    A row that waits already serves; one in flight does not, since it may have looked before what we know. A row that
    waits for a late retry is brought forward, since something has changed.

    Args:
        settle: how long to gather further requests before it may start.
    """
    found = submit_all_collapsed([(kind, subject) for subject in subjects], settle=settle, requested_by=requested_by)
    return {lane: row for (_kind, lane), row in found.items()}


def submit_all_collapsed(
    wanted: Iterable[tuple[str, Subject]], *, settle: timedelta = timedelta(0), requested_by: str = ""
) -> dict[tuple[str, str], SyncRecord]:
    """The same for work of several kinds, in a few statements; returns the rows by kind and lane."""
    asked = {(kind, subject.entity_key): subject for kind, subject in wanted}
    not_before = timezone.now() + settle
    with transaction.atomic():
        waiting = _waiting(asked)
        missing = {name: subject for name, subject in asked.items() if name not in waiting}
        if missing:
            rows = [_collapsed(kind, subject, not_before, requested_by) for (kind, _lane), subject in missing.items()]
            waiting |= _make(rows)
        late = [row.pk for row in waiting.values() if row.not_before > not_before]
        if late:
            SyncRecord.objects.filter(pk__in=late).update(not_before=not_before)
        for queue in {registry.kinds[kind].queue for kind, _lane in asked}:
            wake(queue)
    return waiting


def _collapsed(kind: str, subject: Subject, not_before: datetime, requested_by: str) -> SyncRecord:
    queue = registry.kinds[kind].queue
    return SyncRecord(kind=kind, queue=queue, collapsible=True, not_before=not_before, requested_by=requested_by, **vars(subject))


def _make(rows: list[SyncRecord]) -> dict[tuple[str, str], SyncRecord]:
    """Store new collapsible rows; where another process asked for the same at this moment, its row serves."""
    try:
        with transaction.atomic():
            SyncRecord.objects.bulk_create(rows)
    except IntegrityError:
        SyncRecord.objects.bulk_create(rows, ignore_conflicts=True)
        return _waiting([(row.kind, row.entity_key) for row in rows])
    return {(row.kind, row.entity_key): row for row in rows}


def _waiting(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], SyncRecord]:
    wanted = set(names)
    rows = SyncRecord.objects.select_for_update(of=("self",)).filter(
        kind__in={kind for kind, _lane in wanted},
        entity_key__in={lane for _kind, lane in wanted},
        collapsible=True,
        status__in=SyncRecord.DUE,
    )
    return {(row.kind, row.entity_key): row for row in rows.order_by("pk") if (row.kind, row.entity_key) in wanted}
