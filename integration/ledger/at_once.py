"""Runs one piece of work while its caller waits; whatever happens to the caller, the row stays and the workers go on with it."""

from __future__ import annotations

import time

from integration.ledger.claim import claim_one
from integration.ledger.run import run
from integration.ledger.sending import why_not_sending
from integration.models import SyncRecord

LOOKED_EVERY_SECONDS = 0.1
Status = SyncRecord.Status


def run_at_once(record: SyncRecord, *, seconds: float) -> SyncRecord:
    """Run a piece of work here as soon as its turn has come, or wait for the worker that was quicker; returns the row as it is then.

    Its status tells how it went: finished, waiting for a decision, waiting to be tried again after a failure, or not begun
    (or under way elsewhere) when the time was up or nothing may be sent. Call outside of any transaction.

    Args:
        seconds: how long to wait for its turn. How long its calls may take is `http.deadline.within`'s to say.
    """
    until = time.monotonic() + seconds
    while True:
        taken = None if why_not_sending() else claim_one(record)
        if taken is not None:
            run(taken)
        row = SyncRecord.objects.get(pk=record.pk)
        has_ended = row.is_finished or row.status == Status.NEEDS_DECISION
        must_wait = row.status == Status.WAITING_RETRY
        if has_ended or must_wait or time.monotonic() >= until:
            return row
        time.sleep(LOOKED_EVERY_SECONDS)
