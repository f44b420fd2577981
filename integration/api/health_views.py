"""What load balancer, watchdog and people ask about the portal's health."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from integration.api.authentication import creditors_of
from integration.api.condition import health, workers
from integration.api.errors import error_body, method_not_allowed
from integration.api.parameters import KnownParameters

View = Callable[[HttpRequest], HttpResponse]


def _only_get(view: View) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        return view(request) if request.method in {"GET", "HEAD"} else method_not_allowed(request, "GET, HEAD")

    return guarded


@_only_get
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django's signature
    """GET /health/live/: 200 while the process answers."""
    return JsonResponse({"status": "ok"})


@_only_get
def ready(request: HttpRequest) -> HttpResponse:
    """GET /health/ready/: 200 when the database answers and is migrated, else 503. Late work does not matter here."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = _missing_migrations()
    except DatabaseFailure:
        return _unavailable(request, _("The database does not answer."), database="does not answer")
    if missing:
        return _unavailable(request, _("The database is not migrated."), database="ok", migrations_missing=missing)
    return JsonResponse({"status": "ok", "database": "ok", "migrations_missing": 0})


@_only_get
def working(request: HttpRequest) -> HttpResponse:
    """GET /health/workers/: 503 when no worker has reported for 30 s, or due work stands still for 10 minutes; else 200."""
    try:
        state = workers()
    except DatabaseFailure:
        return _unavailable(request, _("The database does not answer."), database="does not answer")
    good = state.alive and not state.stuck
    body = {
        "heartbeat_age_seconds": None if state.heartbeat_age is None else round(state.heartbeat_age, 1),
        "oldest_due_seconds": round(state.oldest_due_age, 1),
        "oldest_event_seconds": round(state.oldest_event_age, 1),
        "stuck": state.stuck,
        "paused": bool(state.paused),
    }
    if good:
        return JsonResponse({"status": "ok", **body})
    return _unavailable(request, _("No worker has reported for a while, or work that is due stands still."), **body)


def _unavailable(request: HttpRequest, message: str, **more: Any) -> JsonResponse:
    """503 in the shape of every error, with what a monitor reads beside it."""
    return JsonResponse({"status": "unavailable", **more, **error_body(request, "unavailable", message)}, status=503)


class HealthView(KnownParameters):
    """The explained score."""

    read_permission = "integration.view_heartbeat"

    @extend_schema(
        operation_id="health_retrieve",
        tags=["health"],
        responses=inline_serializer(
            "Health",
            {
                "status": serializers.ChoiceField(choices=["good", "degraded", "bad", "unknown"]),
                "score": serializers.IntegerField(allow_null=True),
                "deductions": serializers.ListField(child=serializers.DictField()),
                "workers": serializers.DictField(),
                "counts": serializers.DictField(child=serializers.IntegerField()),
                "measured_at": serializers.DateTimeField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """Show the score with a reason for every lost point. It is about the whole portal, so a limited key may not see it."""
        if creditors_of(request):
            raise PermissionDenied
        return Response(health())


_migrated: dict[str, Any] = {}


def _missing_migrations() -> int:
    """How many migrations are not applied. Once none is missing, this process need not look again."""
    if not _migrated.get(connection.alias):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return len(plan)
        _migrated[connection.alias] = True
    return 0
