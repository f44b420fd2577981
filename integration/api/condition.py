"""How the portal is: heartbeats, work that waits, what failed; measured from the database and turned into a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.ledger.sending import why_not_sending
from integration.models import Heartbeat, RefusedDelivery, SyncAttempt, SyncRecord, WebhookEvent

ALIVE = timedelta(seconds=30)
LATE = timedelta(minutes=10)
RECENT = timedelta(hours=24)
WORKER = "worker"
Status = SyncRecord.Status


@dataclass(frozen=True)
class Workers:
    """Whether somebody works: seconds since the newest worker's heartbeat (None: never one), and what waits how long."""

    heartbeat_age: float | None
    oldest_due_age: float
    oldest_event_age: float
    progressing: bool
    paused: str

    @property
    def alive(self) -> bool:
        return self.heartbeat_age is not None and self.heartbeat_age < ALIVE.total_seconds()

    @property
    def stuck(self) -> bool:
        """Work has been due for long, may be sent, and nothing at all has been tried meanwhile."""
        late = max(0.0 if self.paused else self.oldest_due_age, self.oldest_event_age) > LATE.total_seconds()
        return late and not self.progressing


@dataclass(frozen=True)
class Deduction:
    """Points that the score lost, and why."""

    code: str
    points: int
    message: str


def workers() -> Workers:
    """Measure the workers, in a constant number of queries."""
    now = timezone.now()
    beats = Heartbeat.objects.filter(Q(name=WORKER) | Q(name__startswith=f"{WORKER}:"))
    newest = beats.order_by("-at").values_list("at", flat=True).first()
    due = SyncRecord.objects.filter(status__in=SyncRecord.DUE, not_before__lte=now).aggregate(oldest=Min("not_before"))["oldest"]
    received = WebhookEvent.objects.filter(status=WebhookEvent.Status.RECEIVED).aggregate(oldest=Min("received_at"))["oldest"]
    return Workers(
        heartbeat_age=_age(newest, now) if newest else None,
        oldest_due_age=_age(due, now),
        oldest_event_age=_age(received, now),
        progressing=SyncAttempt.objects.filter(pk__gt=0, finished_at__gt=now - LATE).order_by("-pk").exists(),
        paused=why_not_sending(),
    )


def health() -> dict[str, Any]:
    """A score from 0 to 100 with every lost point explained; `unknown` when no worker reports, since the rest is then stale."""
    state = workers()
    counts = _counts()
    deductions = [*_of_workers(state), *_of_work(counts)]
    score = max(0, 100 - sum(deduction.points for deduction in deductions))
    return {
        "status": _status(state, score),
        "score": score if state.alive else None,
        "deductions": [vars(deduction) for deduction in deductions],
        "workers": {
            "heartbeat_age_seconds": None if state.heartbeat_age is None else round(state.heartbeat_age, 1),
            "oldest_due_seconds": round(state.oldest_due_age, 1),
            "oldest_event_seconds": round(state.oldest_event_age, 1),
            "paused": state.paused,
        },
        "counts": counts,
        "measured_at": timezone.localtime().isoformat(),
    }


def _status(state: Workers, score: int) -> str:
    if not state.alive:
        return "unknown"
    return "good" if score >= 90 else "degraded" if score >= 60 else "bad"


def _counts() -> dict[str, int]:
    since = timezone.now() - RECENT
    work: dict[str, int] = SyncRecord.objects.aggregate(
        failed=Count("pk", filter=Q(status=Status.FAILED, finished_at__gt=since)),
        needs_decision=Count("pk", filter=Q(status=Status.NEEDS_DECISION)),
        waiting_retry=Count("pk", filter=Q(status=Status.WAITING_RETRY)),
        pending=Count("pk", filter=Q(status=Status.PENDING)),
        in_flight=Count("pk", filter=Q(status=Status.IN_FLIGHT)),
        outcome_unknown=Count("pk", filter=Q(status=Status.WAITING_RETRY, failure_kind=SyncRecord.FailureKind.OUTCOME_UNKNOWN)),
    )
    unrecognised = WebhookEvent.objects.filter(status=WebhookEvent.Status.UNRECOGNISED, received_at__gt=since).count()
    today = RefusedDelivery.objects.filter(day=timezone.localdate()).values_list("count", flat=True)
    return {**work, "unrecognised_events": unrecognised, "refused_deliveries_today": sum(today)}


def _of_workers(state: Workers) -> list[Deduction]:
    found = []
    if not state.alive:
        found.append(Deduction("no_worker", 50, _("No worker has reported for 30 seconds: start the workers.")))
    if state.paused:
        found.append(Deduction("sending_stopped", 20, state.paused))
    oldest = max(state.oldest_event_age, 0.0 if state.paused else state.oldest_due_age)
    if oldest > LATE.total_seconds():
        minutes = int(oldest // 60)
        found.append(Deduction("late_work", 20, _("The oldest work has been due for %(minutes)s minutes.") % {"minutes": minutes}))
    return found


def _of_work(counts: dict[str, int]) -> list[Deduction]:
    texts = {
        "failed": (2, 30, _("%(count)s pieces of work failed during the last 24 hours: mend their causes and retry them.")),
        "needs_decision": (5, 20, _("%(count)s pieces of work need a person's decision.")),
        "outcome_unknown": (2, 10, _("%(count)s writes have an unknown outcome: the portal is looking.")),
        "unrecognised_events": (1, 10, _("%(count)s events of the last 24 hours were not recognised.")),
        "refused_deliveries_today": (
            1,
            10,
            _("%(count)s deliveries were refused today: check the keys and secrets in the webhook settings of Billecta and Lime."),
        ),
    }
    return [
        Deduction(name, min(counts[name] * each, most), text % {"count": counts[name]})
        for name, (each, most, text) in texts.items()
        if counts[name]
    ]


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
