"""The portal's figures for Prometheus, read from the database when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, Model, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from integration.api.condition import workers
from integration.api.errors import error_answer, method_not_allowed
from integration.api.keys import identify
from integration.models import ApiKey, Heartbeat, RefusedDelivery, SyncRecord, TokenBucket, WebhookEvent

LOOPBACK = {"127.0.0.1", "::1"}
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics, for a key with the scope `read` or a caller on this very machine."""
    if request.method not in {"GET", "HEAD"}:
        return method_not_allowed(request, "GET, HEAD")
    holder = identify(request.headers.get("x-api-key", "").strip())
    if holder is not None and not (holder.may(ApiKey.Scope.READ) and not holder.creditors):
        return error_answer(request, 403, "forbidden", _("The key must have the scope “read” and no creditor limit."))
    if holder is None and not _is_local(request):
        return error_answer(request, 401, "unauthorized", _("Use a key with the scope “read”."))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_local(request: HttpRequest) -> bool:
    """Whether the caller itself is on this machine, and not a proxy here that speaks for somebody else."""
    forwarded = settings.TRUSTED_PROXY_COUNT or any(name in request.headers for name in FORWARDED)
    return not forwarded and request.META.get("REMOTE_ADDR") in LOOPBACK


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        yield _by("kvittens_events", "Events received, by status.", WebhookEvent, "status")
        yield _by("kvittens_work", "Pieces of work, by queue and status.", SyncRecord, "queue", "status")
        yield from _ages()
        yield _refusals()
        yield _tokens()


def _by(name: str, text: str, model: type[Model], *fields: str) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=fields)
    rows: Any = model._default_manager.order_by().values_list(*fields).annotate(rows=Count("pk"))  # noqa: SLF001  Django's public name for it
    for *labels, count in rows:
        gauge.add_metric(labels, count)
    return gauge


def _ages() -> Iterator[Metric]:
    state = workers()
    yield GaugeMetricFamily("kvittens_oldest_due_seconds", "How long the oldest due work has waited.", value=state.oldest_due_age)
    yield GaugeMetricFamily("kvittens_oldest_event_seconds", "How long the oldest unread event has waited.", value=state.oldest_event_age)
    yield GaugeMetricFamily("kvittens_sending", "Whether the portal sends (1) or is stopped (0).", value=0 if state.paused else 1)
    beats = GaugeMetricFamily("kvittens_heartbeat_age_seconds", "Seconds since each part last reported.", labels=["part"])
    now = timezone.now()
    for beat in Heartbeat.objects.all():
        beats.add_metric([beat.name], (now - beat.at).total_seconds())
    yield beats


def _refusals() -> Metric:
    counter = CounterMetricFamily("kvittens_refused_deliveries", "Deliveries refused, by sender and reason.", labels=["source", "reason"])
    for source, reason, count in RefusedDelivery.objects.order_by().values_list("source", "reason").annotate(total=Sum("count")):
        counter.add_metric([source, reason], count)
    return counter


def _tokens() -> Metric:
    gauge = GaugeMetricFamily("kvittens_calls_left", "Calls left in each system's limit, when last counted.", labels=["system"])
    for bucket in TokenBucket.objects.all():
        gauge.add_metric([bucket.system], bucket.tokens)
    return gauge
