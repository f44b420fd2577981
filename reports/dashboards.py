"""The aggregate queries behind every tile and chart of the overview: each a function that returns plain data.

Each uses an index and none loops over rows, so the number of queries is the same for one row and for a million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncHour

from integration.ledger.explanation import Explanation, explain
from integration.models import Heartbeat, Invoice, SyncRecord, WebhookEvent
from integration.models.ledger import Queue
from integration.models.money_state import IN_THE_AIR, overdue

DAY = timedelta(hours=24)
HOURS = 24
Status = SyncRecord.Status
OPEN = (*SyncRecord.UNFINISHED, Status.FAILED)


@dataclass(frozen=True)
class Traffic:
    """What came in, what went out and what failed since `since` (UTC)."""

    since: datetime
    received: int
    sent: int
    failed: int


@dataclass(frozen=True)
class Backlog:
    """What is not finished or failed, and the oldest unfinished piece of work."""

    by_status: Mapping[str, int]
    oldest: SyncRecord | None

    @property
    def waiting(self) -> int:
        return sum(self.by_status.get(status, 0) for status in SyncRecord.DUE)


@dataclass(frozen=True)
class Hour:
    """One whole hour (UTC) and what came in and went out in it."""

    start: datetime
    received: int
    sent: int


@dataclass(frozen=True)
class Failure:
    """One piece of work that needs a person, with its cause and next step in the reader's language."""

    record: SyncRecord
    explanation: Explanation


@dataclass(frozen=True)
class MoneyInTheAir:
    """What has been sent and not paid in one currency; amounts in öre."""

    currency: str
    amount_ore: int
    invoices: int
    overdue_ore: int
    overdue_invoices: int


def traffic(now: datetime) -> Traffic:
    """The last 24 hours before `now` (UTC): events received, pieces of work sent out, pieces of work that failed."""
    since = now - DAY
    finished = SyncRecord.objects.filter(finished_at__gte=since).aggregate(
        sent=Count("pk", filter=Q(status=Status.SUCCEEDED, queue=Queue.OUTBOUND)), failed=Count("pk", filter=Q(status=Status.FAILED))
    )
    received = WebhookEvent.objects.filter(received_at__gte=since).count()
    return Traffic(since=since, received=received, sent=finished["sent"], failed=finished["failed"])


def backlog() -> Backlog:
    """Open work by status, and the oldest that is not finished."""
    counted = SyncRecord.objects.filter(status__in=OPEN).order_by().values_list("status").annotate(count=Count("pk"))
    oldest = SyncRecord.objects.filter(status__in=SyncRecord.UNFINISHED).order_by("pk").first()
    return Backlog(by_status=dict(counted), oldest=oldest)


def hourly(now: datetime) -> list[Hour]:
    """The last 24 whole and begun hours, oldest first; hours without anything are there with zeros."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    received = _per_hour(WebhookEvent.objects.filter(received_at__gte=first), "received_at", now)
    sent = _per_hour(SyncRecord.objects.filter(finished_at__gte=first, status=Status.SUCCEEDED, queue=Queue.OUTBOUND), "finished_at", now)
    starts = [first + timedelta(hours=number) for number in range(HOURS)]
    return [Hour(start=start, received=received.get(start, 0), sent=sent.get(start, 0)) for start in starts]


def latest_failures(limit: int = 6) -> list[Failure]:
    """The newest work that failed or needs a decision."""
    records = SyncRecord.objects.filter(status__in=[Status.FAILED, Status.NEEDS_DECISION]).order_by("-pk")[:limit]
    return [Failure(record=record, explanation=explain(record)) for record in records]


def latest_events(limit: int = 8) -> list[WebhookEvent]:
    """The newest events, without their bodies."""
    return list(WebhookEvent.objects.defer("body", "headers").order_by("-pk")[:limit])


def money_in_the_air(today: date) -> list[MoneyInTheAir]:
    """Sent and unpaid per currency, and how much of it was due before `today` (Stockholm)."""
    late = overdue(today)
    rows = (
        Invoice.objects.filter(IN_THE_AIR)
        .order_by("currency")
        .values("currency")
        .annotate(
            amount_ore=Sum("current_ore"),
            invoices=Count("pk"),
            overdue_ore=Sum("current_ore", filter=late, default=0),
            overdue_invoices=Count("pk", filter=late),
        )
    )
    return [MoneyInTheAir(**row) for row in rows]


def heartbeats() -> list[Heartbeat]:
    """Every part of the portal that has shown that it lives, the one heard of last first."""
    return list(Heartbeat.objects.order_by("-at"))


def _per_hour(rows: QuerySet[Any], field: str, now: datetime) -> dict[datetime, int]:
    by_hour = rows.annotate(hour=TruncHour(field, tzinfo=now.tzinfo)).order_by("hour").values_list("hour").annotate(count=Count("pk"))
    return dict(by_hour)
