"""Turns events into work: many events about one entity become one look at the truth."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.ledger.registry import EventRule, registry
from integration.ledger.submit import Subject, submit_collapsed
from integration.models import PortalConfiguration, WebhookEvent

Status = WebhookEvent.Status


def triage(limit: int = 500) -> int:
    """Take up to `limit` received events, oldest first, and decide what each leads to; returns how many were taken."""
    with transaction.atomic():
        events = list(WebhookEvent.objects.select_for_update(skip_locked=True).filter(status=Status.RECEIVED).order_by("pk")[:limit])
        if not events:
            return 0
        by_kind: dict[str, list[tuple[WebhookEvent, EventRule]]] = defaultdict(list)
        for event in events:
            rule = registry.rule(event.event_name)
            if rule is not None and rule.kind and event.entity_id:
                by_kind[rule.kind].append((event, rule))
            else:
                _settle(event, rule)
        settle = timedelta(seconds=PortalConfiguration.current().settle_seconds)
        for kind, pairs in by_kind.items():
            _attach(kind, pairs, settle)
        WebhookEvent.objects.bulk_update(events, ["status", "reason", "sync_record", "processed_at"])
    return len(events)


def _settle(event: WebhookEvent, rule: EventRule | None) -> None:
    """An event that leads to no work: ignored for the table's reason, or kept as unknown and shown."""
    event.processed_at = timezone.now()
    if rule is None:
        event.status, event.reason = Status.UNRECOGNISED, _("The portal does not know this event.")
    elif rule.ignored_because:
        event.status, event.reason = Status.IGNORED, str(rule.ignored_because)
    else:
        event.status, event.reason = Status.UNRECOGNISED, _("The payload does not name the entity it is about.")


def _attach(kind: str, pairs: list[tuple[WebhookEvent, EventRule]], settle: timedelta) -> None:
    rule = pairs[0][1]
    ids = {event.entity_id for event, _rule in pairs}
    lanes = rule.lanes(ids) if rule.lanes else {public_id: f"{rule.limetype}:{public_id}" for public_id in ids}
    subjects = {
        lanes[event.entity_id]: Subject(
            entity_key=lanes[event.entity_id], limetype=rule.limetype, billecta_id=event.entity_id, creditor_id=event.creditor_id
        )
        for event, _rule in pairs
    }
    waiting = submit_collapsed(kind, subjects.values(), settle=settle)
    for event, _rule in pairs:
        event.status = Status.PROCESSING
        event.sync_record = waiting[lanes[event.entity_id]]
