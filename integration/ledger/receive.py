"""Stores what arrives before anything else happens to it, and counts what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from integration.ledger.group_commit import GroupCommit
from integration.ledger.wake import wake
from integration.models import RefusedDelivery, WebhookEvent
from integration.models.ledger import Queue

LONGEST_DELIVERY_ID = 200
"""A longer id is not kept: cut, it could be taken for another delivery's."""


@dataclass(frozen=True)
class Delivery:
    """One delivery as it came: raw bytes, safe headers, and what could be read of the envelope (empty when nothing could).

    `delivery_id` is the sender's own and repeated by its retries; empty where the sender gives none.
    """

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    event_name: str = ""
    entity_id: str = ""
    creditor_id: str = ""
    source: str = "billecta"
    delivery_id: str = ""


def receive(delivery: Delivery) -> int:
    """Store one delivery durably and wake a worker; returns the event's id.

    A delivery whose id is known already is not stored again: its event's id is returned. Deliveries that other threads bring at
    the same moment share one transaction. Raises django.db.DatabaseError when it cannot be stored: the caller answers 503, so
    that the sender tries again.
    """
    event = _event_of(delivery)
    if event.delivery_id:
        return _store_once(event)
    if connection.in_atomic_block:
        _store([event])
    else:
        _together.run(event)
    return event.pk


def _event_of(delivery: Delivery) -> WebhookEvent:
    return WebhookEvent(
        source=delivery.source,
        body=delivery.body,
        headers=delivery.headers,
        event_name=delivery.event_name[:100],
        entity_id=delivery.entity_id[:64],
        creditor_id=delivery.creditor_id[:64],
        status=WebhookEvent.Status.RECEIVED if delivery.event_name else WebhookEvent.Status.UNRECOGNISED,
        delivery_id=delivery.delivery_id if len(delivery.delivery_id) <= LONGEST_DELIVERY_ID else "",
    )


def _store_once(event: WebhookEvent) -> int:
    """Store an event that has a delivery id, unless that delivery is here already; returns the id of the one that is."""
    known = WebhookEvent.objects.filter(source=event.source, delivery_id=event.delivery_id).values_list("pk", flat=True)
    earlier = known.first()
    if earlier is not None:
        return earlier
    try:
        _store([event])
    except IntegrityError:  # the same delivery came twice at this moment
        return known.get()
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
