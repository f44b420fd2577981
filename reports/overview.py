"""The overview page: which figures are shown to whom, and where each of them leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integration.errors import Text
from integration.ledger.sending import systems_of_environment, why_not_sending
from integration.models import Heartbeat, PortalConfiguration, SyncRecord
from integration.models.ledger import Queue
from reports import dashboards
from reports.dashboards import Backlog, Hour, MoneyInTheAir, Traffic

Status = SyncRecord.Status
SILENT_AFTER = timedelta(minutes=3)
"""A part that lives shows it at least each minute; three missed in a row is silence."""
LATE_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class Tile:
    """One figure: what it is, how it stands (`tone` as in kvittens.css), what else is good to know, where it leads."""

    key: str
    title: Text
    icon: str
    link: str
    count: int | None = None
    since: datetime | None = None
    detail: Text = ""
    tone: str = "quiet"


@dataclass(frozen=True)
class Bar:
    """One hour of the chart; heights in percent of the highest bar."""

    hour: Hour
    received_height: int
    sent_height: int
    labelled: bool


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows to this user; unfold calls it with the page's context.

    The number of queries depends on what the user may see, never on how much there is.
    """
    now = timezone.now()
    user = request.user
    sees_work = user.has_perm("integration.view_syncrecord")
    sees_events = user.has_perm("integration.view_webhookevent")
    context |= {"title": _("Overview"), "now": now, "sending": sending_state(request)}
    if sees_work and sees_events:
        context |= _course(now)
        context["may_retry"] = user.has_perm("integration.retry_syncrecord")
    if user.has_perm("integration.view_invoice"):
        context["money"] = _money()
    if user.has_perm("integration.view_heartbeat"):
        context["heartbeats"] = [_beat(beat, now) for beat in dashboards.heartbeats()]
    return context


def sending_state(request: HttpRequest) -> dict[str, Any]:
    """Whether the portal sends, why not, to which systems, and what this user may do about it."""
    reason = why_not_sending()
    billecta, lime = systems_of_environment()
    may_change = request.user.has_perm("integration.change_portalconfiguration")
    foreign = bool(reason) and not _bound_to(billecta, lime)
    return {
        "reason": reason,
        "billecta": billecta,
        "lime": lime,
        "may_confirm": foreign and may_change,
        "may_switch_on": not foreign and may_change,
    }


def tiles(traffic: Traffic, backlog: Backlog, now: datetime) -> list[Tile]:
    """The tiles about work and events, each with the list that it counts."""
    since = traffic.since.isoformat()
    failed = backlog.by_status.get(Status.FAILED, 0)
    undecided = backlog.by_status.get(Status.NEEDS_DECISION, 0)
    sent = {"status__exact": Status.SUCCEEDED, "queue__exact": Queue.OUTBOUND, "finished_at__gte": since}
    in_flight = backlog.by_status.get(Status.IN_FLIGHT, 0)
    return [
        Tile("received", _("Received"), "call_received", _events(received_at__gte=since), traffic.received, detail=_("last 24 hours")),
        Tile("sent", _("Sent"), "call_made", _work(**sent), traffic.sent, detail=_("last 24 hours")),
        Tile(
            "failed",
            _("Failed"),
            "error",
            _work(status__exact=Status.FAILED),
            failed,
            detail=ngettext("%(count)s last 24 h", "%(count)s last 24 h", traffic.failed) % {"count": traffic.failed},
            tone="bad" if failed else "ok",
        ),
        Tile(
            "undecided",
            _("Needs decision"),
            "front_hand",
            _work(status__exact=Status.NEEDS_DECISION),
            undecided,
            detail=_("waits for a person") if undecided else _("nothing to decide"),
            tone="attention" if undecided else "ok",
        ),
        Tile(
            "waiting",
            _("Waiting"),
            "schedule",
            _work(status__in=",".join(SyncRecord.DUE)),
            backlog.waiting,
            detail=ngettext("%(count)s in flight", "%(count)s in flight", in_flight) % {"count": in_flight},
        ),
        _oldest(backlog.oldest, now),
    ]


def bars(hours: list[Hour]) -> list[Bar]:
    """The chart's bars: the highest is 100 %, and what is not zero is at least 2 %, so that it can be seen."""
    highest = max([1, *(hour.received for hour in hours), *(hour.sent for hour in hours)])

    def height(count: int) -> int:
        return max(2, round(100 * count / highest)) if count else 0

    return [Bar(hour, height(hour.received), height(hour.sent), labelled=number % 3 == 2) for number, hour in enumerate(hours)]


def _course(now: datetime) -> dict[str, Any]:
    hours = dashboards.hourly(now.astimezone(UTC))
    return {
        "tiles": tiles(dashboards.traffic(now), dashboards.backlog(), now),
        "bars": bars(hours),
        "highest": max([1, *(max(hour.received, hour.sent) for hour in hours)]),
        "quiet": not any(hour.received or hour.sent for hour in hours),
        "failures": dashboards.latest_failures(),
        "failures_link": _work(status__in=f"{Status.FAILED},{Status.NEEDS_DECISION}"),
        "events": dashboards.latest_events(),
        "events_link": _events(),
    }


def _money() -> dict[str, Any]:
    """Money in the air; a portal without any shows zero kronor."""
    invoices = reverse("admin:integration_invoice_changelist")
    lines = dashboards.money_in_the_air(timezone.localdate())
    return {
        "lines": lines or [MoneyInTheAir(currency="SEK", amount_ore=0, invoices=0, overdue_ore=0, overdue_invoices=0)],
        "link": f"{invoices}?money=in-the-air",
        "overdue_link": f"{invoices}?money=overdue",
    }


def _oldest(oldest: SyncRecord | None, now: datetime) -> Tile:
    title = _("Oldest work")
    if oldest is None:
        return Tile(
            "oldest", title, "hourglass_empty", _work(status__in=",".join(SyncRecord.UNFINISHED)), detail=_("everything is done"), tone="ok"
        )
    link = reverse("admin:integration_syncrecord_change", args=[oldest.pk])
    late = now - oldest.created_at > LATE_AFTER
    return Tile("oldest", title, "hourglass_top", link, since=oldest.created_at, detail=str(oldest), tone="attention" if late else "quiet")


def _beat(beat: Heartbeat, now: datetime) -> dict[str, Any]:
    return {"name": beat.name, "at": beat.at, "silent": now - beat.at > SILENT_AFTER}


def _bound_to(billecta: str, lime: str) -> bool:
    portal = PortalConfiguration.current()
    return (portal.bound_billecta, portal.bound_lime) == (billecta, lime)


def _work(**query: str) -> str:
    return f"{reverse('admin:integration_syncrecord_changelist')}?{urlencode(query)}"


def _events(**query: str) -> str:
    return f"{reverse('admin:integration_webhookevent_changelist')}?{urlencode(query)}"
