"""Keeps collapsible work one row: what goes back to the queue takes over the row that waits there for the same."""

from __future__ import annotations

from integration.models import SyncRecord, WebhookEvent


def absorb_waiting(record: SyncRecord, entity_key: str) -> None:
    """Take over the events, prerequisites and dependants of the row that waits for the same work in lane `entity_key`.

    The row that has run is the one that stays, since it knows what was sent and not answered. Call in the transaction that
    puts `record` back in the queue.
    """
    if not record.collapsible:
        return
    same = SyncRecord.objects.filter(kind=record.kind, entity_key=entity_key, collapsible=True, status__in=SyncRecord.DUE)
    waiting = same.exclude(pk=record.pk).select_for_update(of=("self",)).first()
    if waiting is None:
        return
    WebhookEvent.objects.filter(sync_record=waiting).update(sync_record=record)
    record.prerequisites.add(*waiting.prerequisites.exclude(pk=record.pk))
    record.dependants.add(*waiting.dependants.exclude(pk=record.pk))
    waiting.delete()
