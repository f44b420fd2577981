"""Everything that happened to one invoice, from every table that knows of it, in one list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from rest_framework import serializers

from integration.models import EventLog, Invoice, InvoiceVersion, LedgerEntry, SyncAttempt, WebhookEvent
from integration.money import ore_to_kronor

MOST_OF_EACH = 200


@dataclass(frozen=True)
class Moment:
    """One thing that happened. `at` is UTC; `type` says which table it comes from; `detail` holds codes, figures and ids."""

    at: datetime
    type: str
    title: str
    message: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


class TimelineSerializer(serializers.Serializer[Any]):
    """One line of a timeline."""

    at = serializers.DateTimeField()
    type = serializers.ChoiceField(choices=["event", "attempt", "entry", "version", "log"])
    title = serializers.CharField()
    message = serializers.CharField()
    detail = serializers.DictField()


def timeline(invoice: Invoice) -> list[Moment]:
    """The invoice's events, tries, dated entries, versions and log, newest first; the latest `MOST_OF_EACH` of each."""
    moments = [*_events(invoice), *_attempts(invoice), *_entries(invoice), *_versions(invoice), *_log(invoice)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _about(invoice: Invoice, prefix: str = "") -> Q:
    """Rows that name the invoice by either of its ids, or its order."""
    about = Q(**{f"{prefix}billecta_id": invoice.billecta_id})
    if invoice.lime_id is not None:
        about |= Q(**{f"{prefix}limetype": "invoice", f"{prefix}lime_id": invoice.lime_id})
    if invoice.order is not None:
        about |= Q(**{f"{prefix}limetype": "order", f"{prefix}lime_id": invoice.order.lime_id})
    return about


def _events(invoice: Invoice) -> list[Moment]:
    named = [invoice.billecta_id, *invoice.debt_collection_cases.values_list("billecta_id", flat=True)]
    events = WebhookEvent.objects.filter(entity_id__in=named).defer("body").order_by("-pk")[:MOST_OF_EACH]
    return [
        Moment(event.received_at, "event", event.event_name, event.reason, {"event": event.pk, "status": event.status}) for event in events
    ]


def _attempts(invoice: Invoice) -> list[Moment]:
    attempts = SyncAttempt.objects.filter(_about(invoice, "record__")).select_related("record").order_by("-pk")[:MOST_OF_EACH]
    return [
        Moment(
            attempt.started_at,
            "attempt",
            attempt.record.kind,
            attempt.message,
            {
                "sync_record": attempt.record_id,
                "number": attempt.number,
                "outcome": attempt.outcome,
                "code": attempt.error_code,
                "duration_ms": attempt.duration_ms,
                "exchanges": attempt.exchanges,
            },
        )
        for attempt in attempts
    ]


def _entries(invoice: Invoice) -> list[Moment]:
    entries = LedgerEntry.objects.filter(invoice=invoice).order_by("-pk")[:MOST_OF_EACH]
    return [
        Moment(
            entry.recorded_at,
            "entry",
            entry.kind,
            detail={
                "amount": str(ore_to_kronor(entry.amount_ore)),
                "currency": entry.currency,
                "business_date": entry.business_date.isoformat(),
                "date_basis": entry.date_basis,
                "reverses": entry.reverses,
                "reference": entry.reference,
            },
        )
        for entry in entries
    ]


def _versions(invoice: Invoice) -> list[Moment]:
    versions = InvoiceVersion.objects.filter(invoice=invoice).order_by("-pk")[:MOST_OF_EACH]
    return [
        Moment(
            version.valid_from,
            "version",
            version.stage,
            detail={
                "due_date": version.due_date.isoformat() if version.due_date else None,
                "current_amount": str(ore_to_kronor(version.current_ore)),
                "paid_amount": str(ore_to_kronor(version.paid_ore)),
                "credited_amount": str(ore_to_kronor(version.credited_ore)),
                "write_off_amount": str(ore_to_kronor(version.write_off_ore)),
                "currency": invoice.currency,
                "is_disputed": version.is_disputed,
                "is_paused": version.is_paused,
                "in_debt_collection": version.in_debt_collection,
            },
        )
        for version in versions
    ]


def _log(invoice: Invoice) -> list[Moment]:
    lines = EventLog.objects.filter(_about(invoice)).order_by("-pk")[:MOST_OF_EACH]
    return [Moment(line.at, "log", line.action, line.message, {"level": line.level, "by": line.actor, **line.detail}) for line in lines]
