"""Stores what arrives before anything else happens to it, and counts what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from integration.ledger.group_commit import GroupCommit
from integration.ledger.wake import wake
from integration.models import RefusedDelivery, WebhookEvent
from integration.models.ledger import Queue


@dataclass(frozen=True)
class Delivery:
    """One delivery as it came: raw bytes, safe headers, and what could be read of the envelope (empty when nothing could)."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    event_name: str = ""
    entity_id: str = ""
    creditor_id: str = ""
    source: str = "billecta"


def receive(delivery: Delivery) -> int:
    """Store one delivery durably and wake a worker; returns the event's id.

    Deliveries that other threads bring at the same moment share one transaction. Raises django.db.DatabaseError when it
    cannot be stored: the caller answers 503, so that the sender tries again.
    """
    event = WebhookEvent(
        source=delivery.source,
        body=delivery.body,
        headers=delivery.headers,
        event_name=delivery.event_name[:100],
        entity_id=delivery.entity_id[:64],
        creditor_id=delivery.creditor_id[:64],
        status=WebhookEvent.Status.RECEIVED if delivery.event_name else WebhookEvent.Status.UNRECOGNISED,
    )
    if connection.in_atomic_block:
        _store([event])
    else:
        _together.run(event)
    return event.pk


def _store(events: Sequence[WebhookEvent]) -> None:
    for event in events:
        event.pk = None  # of an earlier try that was rolled back
    with transaction.atomic():
        WebhookEvent.objects.bulk_create(events)
        if any(event.event_name for event in events):
            wake(Queue.INGEST)


_together = GroupCommit(_store)


def count_refusal(reason: str, source: str = "billecta") -> None:
    """Count one refused delivery; nothing of it is kept."""
    key = {"day": timezone.localdate(), "source": source, "reason": reason}
    changed = RefusedDelivery.objects.filter(**key).update(count=F("count") + 1, last_at=timezone.now())
    if not changed:
        RefusedDelivery.objects.bulk_create([RefusedDelivery(**key)], ignore_conflicts=True)
        RefusedDelivery.objects.filter(**key).update(count=F("count") + 1, last_at=timezone.now())
