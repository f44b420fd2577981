"""Stores what arrives before anything else happens to it, and counts what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils import timezone

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

    Raises django.db.DatabaseError when it cannot be stored: the caller answers 503, so that the sender tries again.
    """
    with transaction.atomic():
        event = WebhookEvent(
            source=delivery.source,
            body=delivery.body,
            headers=delivery.headers,
            event_name=delivery.event_name[:100],
            entity_id=delivery.entity_id[:64],
            creditor_id=delivery.creditor_id[:64],
            status=WebhookEvent.Status.RECEIVED if delivery.event_name else WebhookEvent.Status.UNRECOGNISED,
        )
        event.save(force_insert=True)
        if delivery.event_name:
            wake(Queue.INGEST)
    return event.pk


def count_refusal(reason: str, source: str = "billecta") -> None:
    """Count one refused delivery; nothing of it is kept."""
    key = {"day": timezone.localdate(), "source": source, "reason": reason}
    changed = RefusedDelivery.objects.filter(**key).update(count=F("count") + 1, last_at=timezone.now())
    if not changed:
        RefusedDelivery.objects.bulk_create([RefusedDelivery(**key)], ignore_conflicts=True)
        RefusedDelivery.objects.filter(**key).update(count=F("count") + 1, last_at=timezone.now())
