"""Has events worked on once more, as if they had just arrived."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from integration.billecta.envelope import read_envelope
from integration.ledger.log import log
from integration.ledger.wake import wake
from integration.lime.events import read_event
from integration.models import WebhookEvent
from integration.models.ledger import Queue

Status = WebhookEvent.Status
FINISHED = (Status.PROCESSED, Status.IGNORED, Status.UNRECOGNISED, Status.FAILED)


def replay(events: Iterable[WebhookEvent], *, actor: str, user_id: int | None = None) -> int:
    """Put finished events back to `received` and wake a worker; returns how many were put back.

    Safe for any event, however old: handling one fetches the truth from Billecta and books only what is not booked, so the
    same event twice changes nothing. An event whose envelope could not be read when it came is read once more, since the
    names to look for may have been mended. Events that wait or are being worked on are left alone: they will be, or are.
    """
    chosen = [event.pk for event in events]
    with transaction.atomic():
        finished = WebhookEvent.objects.filter(pk__in=chosen, status__in=FINISHED)
        for event in finished.filter(event_name=""):
            _read_again(event)
        replayed = finished.exclude(event_name="").update(status=Status.RECEIVED, reason="", sync_record=None, processed_at=None)
        if replayed:
            log("events.replayed", actor=actor, user_id=user_id, count=replayed, first_event=min(chosen), last_event=max(chosen))
            wake(Queue.INGEST)
    return replayed


def _read_again(event: WebhookEvent) -> None:
    try:
        body = json.loads(bytes(event.body))
    except ValueError:
        return
    if event.source == "lime":
        told = read_event(body)
        event.event_name, event.entity_id = told.name, str(told.lime_id or "")
    else:
        envelope = read_envelope(body, settings.BILLECTA_ENVELOPE)
        event.event_name, event.entity_id, event.creditor_id = envelope.event[:100], envelope.entity_id[:64], envelope.creditor_id[:64]
    event.save(update_fields=["event_name", "entity_id", "creditor_id"])
