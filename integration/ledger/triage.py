"""Turns events into work: many events about one entity become one look at the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.errors import KvittensError
from integration.ledger.registry import EventRule, Lead, Resolver, registry
from integration.ledger.submit import Subject, submit_all_collapsed
from integration.models import PortalConfiguration, WebhookEvent

Status = WebhookEvent.Status
logger = structlog.get_logger("kvittens")
Lanes = Mapping[str, str]


def triage(limit: int = 500) -> int:
    """Take up to `limit` received events, oldest first, and decide what each leads to; returns how many were taken."""
    with transaction.atomic():
        events = list(WebhookEvent.objects.select_for_update(skip_locked=True).filter(status=Status.RECEIVED).order_by("pk")[:limit])
        if not events:
            return 0
        leads = _leads(events)
        settle = timedelta(seconds=PortalConfiguration.current().settle_seconds)
        waiting = submit_all_collapsed([work for lead in leads.values() for work in lead.work], settle=settle)
        for event in events:
            lead = leads[event.pk]
            if lead.work:
                kind, subject = lead.work[0]
                event.status, event.sync_record = Status.PROCESSING, waiting[kind, subject.entity_key]
            else:
                _settle(event, lead)
        WebhookEvent.objects.bulk_update(events, ["status", "reason", "sync_record", "processed_at"])
    return len(events)


def _leads(events: Sequence[WebhookEvent]) -> dict[int, Lead]:
    """What each event leads to, as its source's resolver says; Billecta's go by the table of event names."""
    by_source: dict[str, list[WebhookEvent]] = defaultdict(list)
    for event in events:
        by_source[event.source].append(event)
    return {
        event.pk: lead
        for source, told in by_source.items()
        for event, lead in zip(told, _resolved(registry.resolvers.get(source, by_table), told), strict=True)
    }


def _resolved(resolver: Resolver, events: Sequence[WebhookEvent]) -> Sequence[Lead]:
    """What a resolver says; one that cannot work, for the set-up is wrong, must not keep another source's events waiting."""
    try:
        return resolver(events)
    except KvittensError as error:
        logger.exception("events_not_resolved", events=len(events))
        return [Lead(reason=error.message, ends_as=Status.FAILED)] * len(events)


def _settle(event: WebhookEvent, lead: Lead) -> None:
    """An event that leads to no work: ignored for a stated reason, kept as unknown and shown, or failed."""
    event.processed_at = timezone.now()
    event.status, event.reason = lead.ends_as, str(lead.reason)


def unknown_event() -> Lead:
    """What an event leads to whose name says nothing to the portal."""
    return Lead(reason=_("The portal does not know this event."), ends_as=Status.UNRECOGNISED)


def unnamed_entity() -> Lead:
    """What an event leads to that does not say what it is about."""
    return Lead(reason=_("The payload does not name the entity it is about."), ends_as=Status.UNRECOGNISED)


def by_table(events: Sequence[WebhookEvent]) -> list[Lead]:
    """What each event leads to by the rule of its name."""
    pairs = [(event, registry.rule(event.event_name)) for event in events]
    by_kind: dict[str, tuple[EventRule, set[str]]] = {}
    for event, rule in pairs:
        if rule is not None and rule.kind and rule.entity_of(event):
            by_kind.setdefault(rule.kind, (rule, set()))[1].add(rule.entity_of(event))
    lanes = {kind: _lanes(rule, ids) for kind, (rule, ids) in by_kind.items()}
    return [_lead(event, rule, lanes) for event, rule in pairs]


def _lanes(rule: EventRule, ids: set[str]) -> Lanes:
    return rule.lanes(ids) if rule.lanes else {public_id: f"{rule.limetype}:{public_id}" for public_id in ids}


def _lead(event: WebhookEvent, rule: EventRule | None, lanes: Mapping[str, Lanes]) -> Lead:
    if rule is None:
        return unknown_event()
    if rule.ignored_because:
        return Lead(reason=rule.ignored_because)
    entity_id = rule.entity_of(event)
    if not rule.kind or not entity_id:
        return unnamed_entity()
    lane = lanes[rule.kind][entity_id]
    subject = Subject(entity_key=lane, limetype=rule.limetype, billecta_id=entity_id, creditor_id=event.creditor_id)
    return Lead(work=[(rule.kind, subject)])
