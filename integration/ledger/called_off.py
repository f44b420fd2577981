"""Work of a cancelled batch that ran when the batch was cancelled: it may end, but it does not go back to the queue."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from integration.models import Batch, SyncRecord


def unless_called_off(record: SyncRecord, changes: dict[str, Any], *, had_open_writes: bool = False) -> dict[str, Any]:
    """`changes` that put `record` back in the queue, or cancel it instead when its batch was cancelled in the meantime.

    Work with an open write goes on, since its outcome must be found out; so does work that a person has put back since the
    batch was cancelled. Call in the transaction that stores the changes: the batch stays locked, so that whoever cancels it
    at this moment finds the row where it was put.

    Args:
        had_open_writes: the try that has ended began with open writes, so its time in the queue is no person's choice.
    """
    if changes["status"] not in SyncRecord.DUE:
        return changes
    batch = _locked_batch(record)
    if batch is None or record.open_writes or not is_called_off(record, batch, had_open_writes=had_open_writes):
        return changes
    return {**changes, "status": SyncRecord.Status.CANCELLED, "finished_at": timezone.now()}


def is_called_off(record: SyncRecord, batch: Batch, *, had_open_writes: bool = False) -> bool:
    """Whether the batch was cancelled since `record` came into the queue, so that no person has put it back after that."""
    return batch.cancelled_at is not None and (had_open_writes or record.not_before <= batch.cancelled_at)


def _locked_batch(record: SyncRecord) -> Batch | None:
    """The batch that the work belongs to, or whose objects it finds."""
    batches = Batch.objects.select_for_update(no_key=True, of=("self",))
    if record.batch_id is not None:
        return batches.get(pk=record.batch_id)
    return batches.filter(resolution=record).first() if record.kind == Batch.RESOLVING else None
