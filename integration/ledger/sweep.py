"""Finds what nobody was told of: due work without a wake-up, and work whose worker died."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.ledger.called_off import unless_called_off
from integration.ledger.claim import due
from integration.ledger.collapse import absorb_waiting
from integration.ledger.log import log
from integration.ledger.outcome import follow_up
from integration.ledger.retry import next_try, policy_for
from integration.ledger.wake import all_queues, forget_lost, wake
from integration.models import EventLog, Heartbeat, SyncAttempt, SyncRecord, WebhookEvent
from integration.models.ledger import Queue

LOST = "worker_lost"
logger = structlog.get_logger("kvittens")


def sweep() -> int:
    """Free work whose lease ran out, forget lost wake-ups, wake every queue with due work; returns how many leases were freed."""
    freed = free_expired_leases()
    forget_lost()
    wake_due()
    return freed


def wake_due() -> None:
    """Wake each queue that has something to do now."""
    now = timezone.now()
    for queue in all_queues():
        if due([queue], now).exists() or (
            queue == Queue.INGEST and WebhookEvent.objects.filter(status=WebhookEvent.Status.RECEIVED).exists()
        ):
            wake(queue)


def beat(name: str, **detail: object) -> None:
    """Show that a part of the portal lives."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now(), "detail": detail})


def free_expired_leases() -> int:
    """Give work back to the queue when its worker has not been heard of for the length of its lease.

    What was sent and not answered stays in `open_writes`, so the next run looks before it writes.
    """
    expired = SyncRecord.objects.filter(status=SyncRecord.Status.IN_FLIGHT, lease_until__lt=timezone.now())
    return sum(_freed(expired, pk) for pk in expired.values_list("pk", flat=True))


def _freed(expired: QuerySet[SyncRecord], pk: int) -> bool:
    """Free one lease, so that a row that cannot be stored keeps no other from being freed."""
    try:
        with transaction.atomic():
            record = expired.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if record is None:
                return False
            _free(record)
    except IntegrityError:
        logger.warning("lease_not_freed", work=pk, exc_info=True)
        return False
    return True


def _free(record: SyncRecord) -> None:
    now = timezone.now()
    changes = unless_called_off(record, _lost(record, now))
    if changes["status"] in SyncRecord.DUE:
        absorb_waiting(record, record.entity_key)
    if not SyncRecord.objects.filter(pk=record.pk, lease_token=record.lease_token).update(lease_token=None, lease_until=None, **changes):
        return
    for name, value in changes.items():
        setattr(record, name, value)
    _keep_lost_try(record, now)
    log("work.worker_lost", level=EventLog.Level.WARNING, record=record, attempts=record.attempts)
    _follow_up(record)


def _lost(record: SyncRecord, now: datetime) -> dict[str, Any]:
    """The state of work whose worker was lost: tried again, at once the first time, until it is time to give up."""
    since = record.failing_since or record.claimed_at or now
    again = (
        now if record.attempts <= 1 else next_try(policy_for(LOST), failures=record.attempts, failing_since=since, now=now, not_before=None)
    )
    message = _("The worker that ran this was lost.")
    changes = {"failing_since": since, "error_code": LOST, "error_params": {}, "message": message}
    if again is None:
        return {**changes, "status": SyncRecord.Status.FAILED, "failure_kind": SyncRecord.FailureKind.EXCEEDED, "finished_at": now}
    unknown = SyncRecord.FailureKind.OUTCOME_UNKNOWN if record.open_writes else ""
    return {**changes, "status": SyncRecord.Status.WAITING_RETRY, "failure_kind": unknown, "not_before": again}


def _follow_up(record: SyncRecord) -> None:
    try:
        with transaction.atomic():
            follow_up(record)
    except Exception:  # what follows the work is itself broken: the lease must be freed all the same
        logger.exception("follow_up_failed", work=record.pk, kind=record.kind)
        follow_up(record, and_after=False)


def _keep_lost_try(record: SyncRecord, now: datetime) -> None:
    started = record.claimed_at or now
    SyncAttempt.objects.bulk_create(
        [
            SyncAttempt(
                record=record,
                number=record.attempts,
                started_at=started,
                finished_at=now,
                duration_ms=round((now - started).total_seconds() * 1000),
                outcome=SyncAttempt.Outcome.LOST,
                error_code=LOST,
                message=record.message,
            )
        ]
    )
