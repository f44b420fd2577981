"""How far a batch has come, in Lime's task vocabulary, counted from its pieces of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from integration.models import Batch, SyncRecord

Status = SyncRecord.Status


@dataclass(frozen=True)
class Progress:
    """The counts and the status of one batch. `total` is None while a filter is not resolved yet; times are UTC."""

    status: Batch.Status
    total: int | None
    succeeded: int
    failed: int
    skipped: int
    cancelled: int
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def done(self) -> int:
        return self.succeeded + self.failed + self.skipped + self.cancelled

    @property
    def summary(self) -> str:
        """One line for people, in the active language."""
        counts = {"done": self.done, "total": self.total, "succeeded": self.succeeded, "failed": self.failed}
        if self.total is None:
            return _("The objects are being found.")
        if self.total == 0:
            return _("There was nothing to do.")
        text = _("%(done)s of %(total)s done: %(succeeded)s succeeded, %(failed)s failed, %(skipped)s skipped, %(cancelled)s cancelled.")
        return text % {**counts, "skipped": self.skipped, "cancelled": self.cancelled}


def progress(batch: Batch) -> Progress:
    """Count the batch's pieces of work, in one query."""
    counted = SyncRecord.objects.filter(batch=batch).aggregate(
        records=Count("pk"),
        succeeded=Count("pk", filter=Q(status=Status.SUCCEEDED)),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
        skipped=Count("pk", filter=Q(status=Status.SKIPPED)),
        cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
        untouched=Count("pk", filter=Q(status=Status.PENDING, attempts=0)),
        started_at=Min("claimed_at"),
        finished_at=Max("finished_at"),
    )
    records, untouched = counted.pop("records"), counted.pop("untouched")
    done = counted["succeeded"] + counted["failed"] + counted["skipped"] + counted["cancelled"]
    status = _status(batch, records=records, untouched=untouched, done=done, failed=counted["failed"])
    last = counted.pop("finished_at") or batch.cancelled_at or batch.created_at
    finished = status in {Batch.Status.SUCCESS, Batch.Status.FAILURE}
    return Progress(status=status, total=batch.total, finished_at=last if finished else None, **counted)


def _status(batch: Batch, *, records: int, untouched: int, done: int, failed: int) -> Batch.Status:
    if done < records:
        return Batch.Status.PENDING if untouched == records and batch.cancelled_at is None else Batch.Status.STARTED
    if failed or batch.cancelled_at is not None:
        return Batch.Status.FAILURE
    return Batch.Status.PENDING if batch.total is None else Batch.Status.SUCCESS
