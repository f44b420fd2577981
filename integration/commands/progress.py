"""How far a batch has come, in Lime's task vocabulary, counted from its pieces of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from integration.ledger.explanation import explain
from integration.models import Batch, SyncRecord

Status = SyncRecord.Status


@dataclass(frozen=True)
class Progress:
    """The counts and the status of one batch; times are UTC.

    `total` is None while its objects are not found yet; then `finding` is the work that finds them.
    """

    status: Batch.Status
    total: int | None
    succeeded: int
    failed: int
    skipped: int
    cancelled: int
    started_at: datetime | None
    finished_at: datetime | None
    finding: SyncRecord | None = None

    @property
    def done(self) -> int:
        return self.succeeded + self.failed + self.skipped + self.cancelled

    @property
    def summary(self) -> str:
        """One line for people, in the active language."""
        counts = {"done": self.done, "total": self.total, "succeeded": self.succeeded, "failed": self.failed}
        if self.total is None:
            return _of_finding(self.finding)
        if self.total == 0:
            return _("There was nothing to do.")
        text = _("%(done)s of %(total)s done: %(succeeded)s succeeded, %(failed)s failed, %(skipped)s skipped, %(cancelled)s cancelled.")
        return text % {**counts, "skipped": self.skipped, "cancelled": self.cancelled}


def progress(batch: Batch) -> Progress:
    """Count the batch's pieces of work, in one query; one more while its objects are not found yet."""
    if batch.total is None:
        batch.refresh_from_db(fields=["total", "cancelled_at", "resolution"])
    finding = batch.resolution if batch.total is None else None
    if finding is not None:
        return _before_found(batch, finding)
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
    status = status_of(batch, records=records, untouched=untouched, done=done, failed=counted["failed"])
    last = counted.pop("finished_at") or batch.cancelled_at or (_found_at(batch) if records == 0 else None) or batch.created_at
    finished = status in {Batch.Status.SUCCESS, Batch.Status.FAILURE}
    return Progress(status=status, total=batch.total, finished_at=last if finished else None, **counted)


def status_of(batch: Batch, *, records: int, untouched: int, done: int, failed: int) -> Batch.Status:
    """Lime's word for a batch with these counts of its pieces of work; by the work that finds them while there are none."""
    if batch.total is None and batch.resolution is not None:
        return _status_before_found(batch, batch.resolution)
    if done < records:
        return Batch.Status.PENDING if untouched == records and batch.cancelled_at is None else Batch.Status.STARTED
    if failed or batch.cancelled_at is not None:
        return Batch.Status.FAILURE
    return Batch.Status.PENDING if batch.total is None else Batch.Status.SUCCESS


def _before_found(batch: Batch, finding: SyncRecord) -> Progress:
    status = _status_before_found(batch, finding)
    finished_at = (finding.finished_at or batch.cancelled_at) if status == Batch.Status.FAILURE else None
    return Progress(status, None, 0, 0, 0, 0, finding.claimed_at, finished_at, finding)


def _status_before_found(batch: Batch, finding: SyncRecord) -> Batch.Status:
    if finding.is_finished and finding.status != Status.SUCCEEDED:
        return Batch.Status.FAILURE
    untouched = finding.status == Status.PENDING and not finding.attempts and batch.cancelled_at is None
    return Batch.Status.PENDING if untouched else Batch.Status.STARTED


def _found_at(batch: Batch) -> datetime | None:
    """When it was known that a filter finds nothing."""
    return batch.resolution.finished_at if batch.resolution else None


def _of_finding(finding: SyncRecord | None) -> str:
    if finding is None or not finding.error_code:
        stopped = finding is not None and finding.status == Status.CANCELLED
        return _("Cancelled before the objects were found: nothing was sent.") if stopped else _("The objects are being found.")
    why = explain(finding)
    texts = {"message": why.message, "next_step": why.next_step}
    if finding.is_finished:
        return _("The objects could not be found, so nothing was sent: %(message)s %(next_step)s") % texts
    return _("The objects are being found. So far that did not succeed: %(message)s %(next_step)s") % texts
