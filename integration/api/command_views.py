"""What Lime asks: the list of commands, running one, and its task."""

from __future__ import annotations

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integration.api.authentication import actor_of, asker_of, user_id_of
from integration.api.command_requests import CommandRequestSerializer
from integration.api.ledger_serializers import ResultSerializer, TaskSerializer
from integration.api.parameters import KnownParameters, switch
from integration.api.parsers import BoundedJSONParser
from integration.api.visibility import limited_batches
from integration.commands import batches
from integration.commands.body_types import check_types
from integration.commands.dry_run import dry_run
from integration.commands.options import options_schema
from integration.commands.progress import Progress, progress
from integration.commands.refusals import invalid
from integration.commands.selection import read_request
from integration.commands.table import Command, table
from integration.errors import Text
from integration.models import ApiKey, Batch, SyncRecord
from integration.sync.naming import number_of

RESULTS_OF_A_PAGE = 1000
LANGUAGES = ("sv", "en")


class TextSerializer(serializers.Serializer[Any]):
    """A text in each of the portal's languages."""

    sv = serializers.CharField()
    en = serializers.CharField()


class CommandSerializer(serializers.Serializer[Any]):
    """One command that Lime may ask for."""

    id = serializers.CharField()
    limetype = serializers.CharField()
    title = TextSerializer()
    confirmation = TextSerializer()
    options = serializers.DictField(help_text="JSON Schema (2020-12) of the options")
    destructive = serializers.BooleanField()
    needs_selection = serializers.BooleanField()


STARTED = inline_serializer(
    "CommandStarted",
    {
        "task_id": serializers.UUIDField(),
        "command": serializers.CharField(),
        "status": serializers.ChoiceField(choices=Batch.Status.choices),
        "total": serializers.IntegerField(allow_null=True),
        "status_url": serializers.URLField(),
    },
)
DRY_RUN = inline_serializer("CommandDryRun", {"objects": serializers.ListField(child=serializers.DictField())})


class CommandListView(KnownParameters):
    """The commands there are."""

    read_scopes = (ApiKey.Scope.COMMANDS, ApiKey.Scope.READ)
    read_permission = "integration.view_batch"

    @extend_schema(operation_id="commands_list", responses=CommandSerializer(many=True), tags=["commands"])
    def get(self, request: Request) -> Response:  # noqa: ARG002  DRF's signature
        """List all commands with their texts and the JSON Schema of their options."""
        return Response([_shown(command) for command in table.values()])


class CommandView(KnownParameters):
    """One command."""

    read_scopes = (ApiKey.Scope.COMMANDS, ApiKey.Scope.READ)
    read_permission = "integration.view_batch"
    write_permission = "integration.add_batch"
    parser_classes = (BoundedJSONParser,)

    def known_parameters(self) -> tuple[str, ...]:
        return ("dry_run",) if self.request.method == "POST" else ()

    @extend_schema(operation_id="commands_retrieve", responses=CommandSerializer, tags=["commands"])
    def get(self, request: Request, command_id: str) -> Response:  # noqa: ARG002  DRF's signature
        """Show one command."""
        return Response(_shown(batches.find_command(command_id)))

    @extend_schema(
        operation_id="commands_run",
        request=CommandRequestSerializer,
        responses={200: DRY_RUN, 202: STARTED},
        parameters=[
            OpenApiParameter("dry_run", bool, description="Only show what would be sent, for up to 100 objects"),
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Kept 7 days per key and command"),
        ],
        tags=["commands"],
    )
    def post(self, request: Request, command_id: str) -> Response:
        """Run a command in the background, or show what it would send."""
        command = batches.find_command(command_id)
        only_shown = switch(request, "dry_run")
        wanted, asker = read_request(command, request.data), asker_of(request)
        check_types(request.data)
        if only_shown:
            return Response({"objects": dry_run(command.id, wanted, asker=asker)})
        batch = batches.start(command.id, wanted, asker=asker, idempotency_key=request.headers.get("Idempotency-Key", "").strip())
        return Response(_started(request, batch), status=202)


class TaskView(KnownParameters):
    """One task."""

    read_scopes = (ApiKey.Scope.COMMANDS, ApiKey.Scope.READ)
    read_permission = "integration.view_batch"
    query_parameters = ("after",)

    @extend_schema(
        operation_id="tasks_retrieve",
        responses=TaskSerializer,
        parameters=[OpenApiParameter("after", int, description="From `next`: results after this one")],
        tags=["commands"],
    )
    def get(self, request: Request, task_id: uuid.UUID) -> Response:
        """Show how far a task has come, with 1,000 results a page."""
        return Response(_task(request, _visible(request, task_id)))


class TaskActionView(KnownParameters):
    """What can be done with a task."""

    write_permission = "integration.change_batch"
    parser_classes = (BoundedJSONParser,)


class RetryFailedView(TaskActionView):
    """Repeats what failed."""

    @extend_schema(operation_id="tasks_retry_failed", request=None, responses={202: TaskSerializer}, tags=["commands"])
    def post(self, request: Request, task_id: uuid.UUID) -> Response:
        """Put the failed objects of a task back in the queue."""
        batch = _visible(request, task_id)
        batches.retry_failed(batch, actor=actor_of(request), user_id=user_id_of(request))
        return Response(_task(request, batch), status=202)


class CancelView(TaskActionView):
    """Stops what has not begun."""

    @extend_schema(operation_id="tasks_cancel", request=None, responses=TaskSerializer, tags=["commands"])
    def post(self, request: Request, task_id: uuid.UUID) -> Response:
        """Cancel the objects of a task that have not begun. 409 when it is finished."""
        batch = _visible(request, task_id)
        batches.cancel(batch, actor=actor_of(request), user_id=user_id_of(request))
        return Response(_task(request, batch))


def _shown(command: Command) -> dict[str, Any]:
    return {
        "id": command.id,
        "limetype": command.limetype,
        "title": _in_each_language(command.title),
        "confirmation": _in_each_language(command.confirmation),
        "options": options_schema(command),
        "destructive": command.destructive,
        "needs_selection": command.needs_selection,
    }


def _in_each_language(text: Text) -> dict[str, str]:
    shown = {}
    for language in LANGUAGES:
        with translation.override(language):
            shown[language] = str(text)
    return shown


def _started(request: Request, batch: Batch) -> dict[str, Any]:
    return {
        "task_id": str(batch.pk),
        "command": batch.command,
        "status": progress(batch).status,
        "total": batch.total,
        "status_url": request.build_absolute_uri(reverse("task", args=[batch.pk])),
    }


def _visible(request: Request, task_id: uuid.UUID) -> Batch:
    return get_object_or_404(limited_batches(Batch.objects.all(), request), pk=task_id)


def _task(request: Request, batch: Batch) -> dict[str, Any]:
    counted = progress(batch)
    page = _page(batch, request.query_params.get("after") or "0")
    shown = {
        "task_id": str(batch.pk),
        "command": batch.command,
        "status": counted.status,
        "total": counted.total,
        "done": counted.done,
        "succeeded": counted.succeeded,
        "failed": counted.failed,
        "skipped": counted.skipped,
        "cancelled": counted.cancelled,
        "started_at": _moment(counted.started_at),
        "finished_at": _moment(counted.finished_at),
        "summary": counted.summary,
        "results": ResultSerializer(_unfound(counted) or page[:RESULTS_OF_A_PAGE], many=True).data,
        "next": None,
    }
    if len(page) > RESULTS_OF_A_PAGE:
        address = request.build_absolute_uri(reverse("task", args=[batch.pk]))
        shown["next"] = f"{address}?after={page[RESULTS_OF_A_PAGE - 1].pk}"
    if len(page) == 1 and page[0].result.get("result_url"):
        shown["result_url"] = page[0].result["result_url"]
    return shown


def _page(batch: Batch, after: str) -> list[SyncRecord]:
    """One page of results and one more, oldest first."""
    number = number_of(after)
    if number is None:
        raise invalid("after", _("“%(value)s” is not where a page of results ends: use the address in “next”.") % {"value": after[:60]})
    return list(SyncRecord.objects.filter(batch=batch, pk__gt=number).order_by("pk")[: RESULTS_OF_A_PAGE + 1])


def _unfound(counted: Progress) -> list[SyncRecord]:
    """Why the objects of a task are not found: a result without an object, which is not counted."""
    return [counted.finding] if counted.finding is not None and counted.finding.error_code else []


def _moment(value: Any) -> str | None:
    return serializers.DateTimeField().to_representation(value) if value else None
