"""What a person may do with a piece of work: try again, cancel, or say what happened. Every door calls these."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.errors import GuardRefused
from integration.ledger.collapse import absorb_waiting
from integration.ledger.log import log
from integration.ledger.outcome import NO_ERROR, tell_events
from integration.ledger.registry import registry
from integration.ledger.wake import wake
from integration.models import SyncRecord, WebhookEvent

Status = SyncRecord.Status


def retry(record: SyncRecord, *, actor: str, user_id: int | None = None) -> SyncRecord:
    """Put failed, cancelled or waiting work back in the queue, due now; failed prerequisites are retried with it.

    What was sent and not answered is kept, so the next run looks before it writes. Raises GuardRefused for work that
    runs, has succeeded, was skipped or needs a decision.
    """
    with transaction.atomic():
        row = SyncRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
        if row.status not in {Status.FAILED, Status.CANCELLED, Status.WAITING_RETRY, Status.PENDING}:
            raise _refused(row, _("Work that is %(status)s cannot be retried.") % {"status": row.get_status_display()})
        waiting = _same_work_waiting(row)
        if waiting is not None:
            return _serve_by(row, waiting, actor=actor, user_id=user_id)
        for prerequisite in row.prerequisites.filter(status__in=[Status.FAILED, Status.CANCELLED]):
            retry(prerequisite, actor=actor, user_id=user_id)
        _set(row, status=Status.PENDING, not_before=timezone.now(), finished_at=None, **NO_ERROR)
        WebhookEvent.objects.filter(sync_record=row, status=WebhookEvent.Status.FAILED).update(
            status=WebhookEvent.Status.PROCESSING, reason=""
        )
        log("work.retried", record=row, actor=actor, user_id=user_id)
        wake(row.queue)
    return row


def cancel(record: SyncRecord, *, actor: str, user_id: int | None = None) -> SyncRecord:
    """Cancel work that has not begun. Raises GuardRefused when it runs, is finished, or was sent without a known outcome."""
    with transaction.atomic():
        row = SyncRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
        if row.status not in SyncRecord.DUE:
            raise _refused(row, _("Work that is %(status)s cannot be cancelled.") % {"status": row.get_status_display()})
        if row.open_writes:
            raise _refused(row, _("Something was sent and its outcome is not known yet, so it cannot be cancelled."))
        _set(row, status=Status.CANCELLED, finished_at=timezone.now())
        log("work.cancelled", record=row, actor=actor, user_id=user_id)
        _wake_dependants(row)
    return row


def decide(record: SyncRecord, *, happened: bool, actor: str, billecta_id: str = "", user_id: int | None = None) -> SyncRecord:
    """Say of a write that cannot be read back whether it happened: then it is done, or is sent again.

    What was made has an id. Without `billecta_id` the portal looks for it once more (someone may have removed the others
    that matched), and never sends again by itself.

    Raises GuardRefused for work that needs no decision, AmbiguousMatch when the id belongs to something else.
    """
    with transaction.atomic():
        row = SyncRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
        if row.status != Status.NEEDS_DECISION:
            raise _refused(row, _("This work needs no decision: it is %(status)s.") % {"status": row.get_status_display()})
        if happened:
            _happened(row, billecta_id)
        else:
            absorb_waiting(row, row.entity_key)
            answered = {name: entry for name, entry in row.open_writes.items() if entry.get("answered")}
            _set(row, status=Status.PENDING, not_before=timezone.now(), open_writes=answered, **NO_ERROR)
            wake(row.queue)
        log("work.decided", record=row, actor=actor, user_id=user_id, happened=happened)
    return row


def _happened(row: SyncRecord, billecta_id: str) -> None:
    kind = registry.kinds.get(row.kind)
    link = kind.link if kind else None
    if link and billecta_id:
        link(row, billecta_id)
    if kind and (kind.goes_on or (link and not billecta_id)):
        said = {name: {**entry, "happened": True} for name, entry in row.open_writes.items()}
        _set(row, status=Status.PENDING, not_before=timezone.now(), open_writes=said, **NO_ERROR)
        wake(row.queue)
        return
    made = billecta_id or row.billecta_id
    _set(row, status=Status.SUCCEEDED, finished_at=timezone.now(), open_writes={}, billecta_id=made, **NO_ERROR)
    _wake_dependants(row)


def _wake_dependants(row: SyncRecord) -> None:
    """Have the queues of those that waited for it looked at."""
    for queue in row.dependants.filter(status__in=SyncRecord.DUE).values_list("queue", flat=True).distinct():
        wake(queue)


def _same_work_waiting(row: SyncRecord) -> SyncRecord | None:
    if not row.collapsible:
        return None
    return (
        SyncRecord.objects.filter(kind=row.kind, entity_key=row.entity_key, collapsible=True, status__in=SyncRecord.DUE)
        .exclude(pk=row.pk)
        .first()
    )


def _serve_by(row: SyncRecord, waiting: SyncRecord, *, actor: str, user_id: int | None) -> SyncRecord:
    """The same work waits already in a newer row: bring that forward and hand it the older row's events."""
    WebhookEvent.objects.filter(sync_record=row, status=WebhookEvent.Status.FAILED).update(
        sync_record=waiting, status=WebhookEvent.Status.PROCESSING, reason=""
    )
    _set(waiting, not_before=timezone.now())
    log("work.retried", record=waiting, actor=actor, user_id=user_id, instead_of=row.pk)
    wake(waiting.queue)
    return waiting


def _set(row: SyncRecord, **changes: object) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    if row.is_finished and registry.has_events(row):
        tell_events(row)
    after = registry.kinds[row.kind].after if row.kind in registry.kinds else None
    if after:
        after(row)


def _refused(row: SyncRecord, reason: str) -> GuardRefused:
    return GuardRefused(reason=reason, remedy=_("Look at the work's current state; nothing was changed."), status=row.status)
