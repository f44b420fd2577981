"""The one recorder: turns how a try ended into the state of the work, on condition that the lease still holds."""

from __future__ import annotations

import random
import traceback as traceback_module
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.errors import DatabaseBusy, FailureKind, KvittensError, NeedsDecision, RetryLater, Throttled
from integration.ledger.called_off import unless_called_off
from integration.ledger.collapse import absorb_waiting
from integration.ledger.log import log
from integration.ledger.masking import masked, to_be_kept
from integration.ledger.registry import registry
from integration.ledger.retry import next_try, policy_for
from integration.ledger.work import LaneMoved, LeaseLost, Nothing, Outcome, Skipped, WaitFor, Work
from integration.models import EventLog, SyncAttempt, SyncRecord, WebhookEvent

logger = structlog.get_logger("kvittens")
Status = SyncRecord.Status
Try = SyncAttempt.Outcome
NO_ERROR: dict[str, Any] = {"failure_kind": "", "error_code": "", "error_params": {}, "message": "", "failing_since": None}


def record_outcome(work: Work, outcome: Outcome) -> None:
    """Store that the work ended as it should."""
    if isinstance(outcome, Skipped):
        params = {"message": outcome.message, "next_step": outcome.next_step}
        changes = {**NO_ERROR, "status": Status.SKIPPED, "error_code": outcome.code, "error_params": params, "message": outcome.message}
    else:
        result = {**outcome.result, "nothing_to_do": True} if isinstance(outcome, Nothing) else outcome.result
        changes = {**NO_ERROR, "status": Status.SUCCEEDED, "result": result, "billecta_id": outcome.billecta_id or work.record.billecta_id}
    _store(work, {**changes, "finished_at": timezone.now(), "open_writes": {}}, Try.SUCCEEDED)


def record_error(work: Work, error: Exception) -> None:
    """Store that the try raised `error`. Whatever is not one of the three families is a bug and kept with its traceback."""
    if isinstance(error, LeaseLost):
        logger.warning("lease_lost", work=work.record.pk, kind=work.record.kind)
    elif isinstance(error, WaitFor):
        _wait_for(work, error)
    elif isinstance(error, LaneMoved):
        _store(work, {"status": Status.PENDING, "entity_key": error.entity_key, "attempts": work.record.attempts - 1}, None)
    elif isinstance(error, OperationalError | InterfaceError):
        _retry_or_give_up(work, DatabaseBusy(detail=str(error).strip().split("\n")[0]))
    elif isinstance(error, Throttled):
        _store(work, {"status": Status.PENDING, "not_before": _soon(error), "attempts": work.record.attempts - 1}, None)
    elif isinstance(error, RetryLater):
        _retry_or_give_up(work, error)
    elif isinstance(error, NeedsDecision):
        _store(work, {**_described(error), "status": Status.NEEDS_DECISION}, Try.NEEDS_DECISION)
    elif isinstance(error, KvittensError):
        _store(work, {**_described(error), "status": Status.FAILED, "finished_at": timezone.now()}, Try.FAILED)
    else:
        _bug(work, error)


def _soon(error: RetryLater) -> datetime:
    """When to ask for calls again, spread so that all who wait do not ask in the same moment."""
    return (error.not_before or timezone.now()) + timedelta(seconds=random.uniform(0, 2))  # noqa: S311  spread, not secrecy


def _described(error: KvittensError) -> dict[str, Any]:
    kept = to_be_kept(error)
    return {"failure_kind": kept.failure_kind, "error_code": kept.code, "error_params": kept.params, "message": kept.message}


def _retry_or_give_up(work: Work, error: RetryLater) -> None:
    now = timezone.now()
    since = work.record.failing_since or now
    described = _described(error)
    again = next_try(
        policy_for(error.code), failures=max(work.record.attempts, 1), failing_since=since, now=now, not_before=error.not_before
    )
    if again is None:
        _store(work, {**described, "status": Status.FAILED, "finished_at": now, "failing_since": since}, Try.FAILED)
        return
    kind = FailureKind.OUTCOME_UNKNOWN if error.failure_kind == FailureKind.OUTCOME_UNKNOWN else ""
    _store(
        work, {**described, "failure_kind": kind, "status": Status.WAITING_RETRY, "not_before": again, "failing_since": since}, Try.RETRY
    )


def _bug(work: Work, error: Exception) -> None:
    text = "".join(traceback_module.format_exception(error))
    logger.error("internal_error", work=work.record.pk, kind=work.record.kind, exc_info=error)
    changes: dict[str, Any] = {
        "failure_kind": FailureKind.INTERNAL,
        "error_code": "internal",
        "error_params": {"error": type(error).__name__},
    }
    changes |= {"message": f"{type(error).__name__}: {error}", "status": Status.FAILED, "finished_at": timezone.now()}
    try:
        _store(work, changes, Try.FAILED, traceback=text)
    except Exception:  # noqa: BLE001  what follows the work is itself broken: the bug must be kept all the same
        _store(work, changes, Try.FAILED, traceback=text, and_after=False)


def _wait_for(work: Work, error: WaitFor) -> None:
    with transaction.atomic():
        work.record.prerequisites.add(*error.prerequisites)
        _store(work, {"status": Status.PENDING, "attempts": work.record.attempts - 1}, Try.WAITING)


def _store(work: Work, changes: dict[str, Any], outcome: str | None, *, traceback: str = "", and_after: bool = True) -> None:
    """Store the new state; again when another process asked for the same collapsible work in the very moment between."""
    changes |= {name: masked(changes[name]) for name in ("message", "error_params") if name in changes}
    traceback = masked(traceback)
    try:
        _store_once(work, changes, outcome, traceback=traceback, and_after=and_after)
    except IntegrityError:
        if changes["status"] not in SyncRecord.DUE:
            raise
        _store_once(work, changes, outcome, traceback=traceback, and_after=and_after)


def _store_once(work: Work, changes: dict[str, Any], outcome: str | None, *, traceback: str, and_after: bool) -> None:
    record = work.record
    with transaction.atomic():
        changes = unless_called_off(record, changes, had_open_writes=work.had_open_writes)
        if changes["status"] in SyncRecord.DUE and work.mine.select_for_update(of=("self",)).first() is not None:
            absorb_waiting(record, changes.get("entity_key", record.entity_key))
        if not work.mine.update(lease_token=None, lease_until=None, **changes):
            logger.warning("late_outcome_dropped", work=record.pk, kind=record.kind)
            return
        number = record.attempts
        for name, value in changes.items():
            setattr(record, name, value)
        if outcome is not None:
            _keep_attempt(work, number, changes, outcome, traceback)
        follow_up(record, and_after=and_after)


def follow_up(record: SyncRecord, *, and_after: bool = True) -> None:
    """What follows whenever a try has ended, however it did: events and people are told, and the kind's `after` is called.

    Call in the transaction that stored the new state of `record`.
    """
    if record.is_finished and registry.has_events(record):
        tell_events(record)
    if record.status in {Status.FAILED, Status.NEEDS_DECISION}:
        log(
            f"work.{record.status}",
            level=EventLog.Level.ERROR,
            record=record,
            message=record.message,
            code=record.error_code,
            kind=record.kind,
        )
    after = registry.kinds[record.kind].after if record.kind in registry.kinds else None
    if after and and_after:
        after(record)


def _keep_attempt(work: Work, number: int, changes: dict[str, Any], outcome: str, traceback: str) -> None:
    now = timezone.now()
    SyncAttempt.objects.bulk_create(
        [
            SyncAttempt(
                record=work.record,
                number=number,
                started_at=work.started_at,
                finished_at=now,
                duration_ms=max(0, round((now - work.started_at).total_seconds() * 1000)),
                outcome=outcome,
                error_code=changes.get("error_code", ""),
                message=changes.get("message", ""),
                exchanges=work.exchanges,
                traceback=traceback,
            )
        ]
    )


def tell_events(record: SyncRecord) -> None:
    """Events that waited for this work have come to their end with it; those whose work did nothing may be replayed."""
    events = WebhookEvent.objects.filter(sync_record=record, status__in=[WebhookEvent.Status.PROCESSING, WebhookEvent.Status.FAILED])
    now = timezone.now()
    if record.status == Status.FAILED:
        events.update(status=WebhookEvent.Status.FAILED, reason=record.message, processed_at=now)
    elif record.status == Status.CANCELLED:
        events.update(status=WebhookEvent.Status.FAILED, reason=_("The work that the event led to was cancelled."), processed_at=now)
    elif record.collapsible and record.status == Status.SKIPPED:
        events.update(status=WebhookEvent.Status.IGNORED, reason=record.message, processed_at=now)
    elif record.collapsible:
        events.update(status=WebhookEvent.Status.PROCESSED, reason="", processed_at=now)
