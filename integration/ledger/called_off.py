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
    if changes["status"] not in SyncRecord.DUE or record.batch_id is None:
        return changes
    batch = Batch.objects.select_for_update(no_key=True, of=("self",)).get(pk=record.batch_id)
    if batch.cancelled_at is None or record.open_writes:
        return changes
    if record.not_before > batch.cancelled_at and not had_open_writes:
        return changes
    return {**changes, "status": SyncRecord.Status.CANCELLED, "finished_at": timezone.now()}
