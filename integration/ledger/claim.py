"""Takes due work: by conditional update, under a lease, one piece per lane."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from integration.models import SyncRecord

LEASE = timedelta(seconds=120)
Status = SyncRecord.Status


def claim(
    queues: Iterable[str],
    limit: int,
    *,
    without: Sequence[str] = (),
    admits: Callable[[SyncRecord], bool] = lambda _record: True,
    newest: bool = False,
) -> list[SyncRecord]:
    """Take up to `limit` due pieces of work with their prerequisites, at most one of each lane, each leased to the caller for `LEASE`.

    Args:
        without: kinds that are not taken now.
        admits: says of each piece that could be taken whether it is.
        newest: begin with what became due last; by default with what has been due for longest.

    Two workers never get the same piece, nor two pieces of one lane: the update is conditional and the database holds a
    partial unique index over lanes in flight.
    """
    candidates = due(queues, timezone.now()).exclude(kind__in=without)
    if newest:
        candidates = candidates.reverse()
    try:
        with transaction.atomic():
            return _take(candidates, limit, admits)
    except IntegrityError:
        return _one_by_one(candidates, limit)


def claim_one(record: SyncRecord) -> SyncRecord | None:
    """Take this very piece of work when it is due and its lane is free; None when it is not, or somebody else has it."""
    try:
        with transaction.atomic():
            return next(iter(_take(due([record.queue], timezone.now()).filter(pk=record.pk), 1)), None)
    except IntegrityError:
        return None


def due(queues: Iterable[str], now: datetime) -> QuerySet[SyncRecord]:
    """Work that may start at `now` (UTC): due, its lane free, its turn come, its prerequisites finished.

    Of a lane the oldest has its turn, but what has sent something and does not know what came of it comes before all that has
    not: older work that is retried would send beside it.
    """
    lane = SyncRecord.objects.filter(entity_key=OuterRef("entity_key"))
    unfinished = lane.filter(ordered=True, status__in=SyncRecord.UNFINISHED)
    earlier, sent = unfinished.filter(pk__lt=OuterRef("pk")), unfinished.exclude(pk=OuterRef("pk")).exclude(open_writes={})
    unmet = SyncRecord.prerequisites.through.objects.filter(
        from_syncrecord_id=OuterRef("pk"), to_syncrecord__status__in=SyncRecord.UNFINISHED
    )
    return (
        SyncRecord.objects.filter(queue__in=list(queues), status__in=SyncRecord.DUE, not_before__lte=now)
        .filter(~Exists(lane.filter(status=Status.IN_FLIGHT)))
        .filter(
            Q(ordered=False)
            | (Q(open_writes={}) & ~Exists(earlier) & ~Exists(sent))
            | (~Q(open_writes={}) & ~Exists(earlier.exclude(open_writes={})))
        )
        .filter(~Exists(unmet))
        .order_by("not_before", "pk")
    )


def _take(candidates: QuerySet[SyncRecord], limit: int, admits: Callable[[SyncRecord], bool] = lambda _record: True) -> list[SyncRecord]:
    picked: dict[str, SyncRecord] = {}
    for record in candidates.select_for_update(skip_locked=True, of=("self",))[: limit * 2]:
        if len(picked) < limit and record.entity_key not in picked and admits(record):
            picked[record.entity_key] = record
    if not picked:
        return []
    now, token = timezone.now(), uuid.uuid4()
    mine = SyncRecord.objects.filter(pk__in=[record.pk for record in picked.values()], status__in=SyncRecord.DUE)
    mine.update(status=Status.IN_FLIGHT, claimed_at=now, lease_until=now + LEASE, lease_token=token, attempts=F("attempts") + 1)
    leased = SyncRecord.objects.filter(pk__in=[record.pk for record in picked.values()], lease_token=token)
    return list(leased.prefetch_related("prerequisites").order_by("not_before", "pk"))


def _one_by_one(candidates: QuerySet[SyncRecord], limit: int) -> list[SyncRecord]:
    """Another worker took a lane between our look and our update: try each candidate on its own."""
    taken: list[SyncRecord] = []
    for record in candidates[:limit]:
        try:
            with transaction.atomic():
                taken += _take(SyncRecord.objects.filter(pk=record.pk, status__in=SyncRecord.DUE), 1)
        except IntegrityError:
            continue
    return taken
