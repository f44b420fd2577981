"""Tasks: one command over many objects, with its counts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from integration.admin.base import ReadOnlyAdmin
from integration.admin.columns import paired, shown
from integration.admin.filters import CommandFilter
from integration.admin.readable import json_block
from integration.admin.task_progress import operate_on_task, progress_view, task_context
from integration.commands.progress import status_of
from integration.models import Batch, SyncRecord
from integration.presentation import badges, formats
from integration.presentation.marks import figure, with_id

Status = SyncRecord.Status


def batch_status(batch: Any) -> str:
    """Lime's word for a task from its annotated counts, for a whole list in one query."""
    return status_of(
        batch, records=batch.records_all, untouched=batch.records_untouched, done=batch.records_done, failed=batch.records_failed
    )


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Each command that was given, how far it has come and how it went."""

    list_display = ("titled", "state", "progress_figure", "failed_figure", "asked_by", *shown(Batch, "created_at"))
    list_display_links = ("titled",)
    list_filter = (CommandFilter,)
    list_select_related = ("api_key", "resolution")
    date_hierarchy = "created_at"
    search_ids = ("command", "idempotency_key")
    search_help_text = _("Command or idempotency key")
    fieldsets = (
        (_("Request"), {"fields": (*paired(("titled_with_id", "asked_by", "api_key", "idempotency_key")), "readable_body")}),
        (_("Course"), {"fields": paired(shown(Batch, "created_at", "cancelled_at"))}),
    )
    readonly_fields = ("titled_with_id", "asked_by", "readable_body")
    change_form_outer_before_template = "admin/integration/task_panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        batches: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = batches.annotate(
            records_done=Count("records", filter=Q(records__status__in=SyncRecord.FINISHED)),
            records_failed=Count("records", filter=Q(records__status=Status.FAILED)),
            records_all=Count("records"),
            records_untouched=Count("records", filter=Q(records__status=Status.PENDING, records__attempts=0)),
        )
        return counted

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        return (
            ("<uuid:batch_id>/progress/", "task_progress", progress_view),
            ("<uuid:batch_id>/operate/<str:operation>/", "operate_on_task", self.operate_view),
        )

    def operate_view(self, request: HttpRequest, batch_id: Any, operation: str, model_admin: Any) -> HttpResponse:  # noqa: ARG002
        """One operation on one task; POST only, so that no link can do it."""
        return require_POST(operate_on_task)(request, batch_id, operation)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Adds the panel with how far the task has come and the result of each object."""
        batch = self.get_object(request, object_id)
        panel = task_context(batch, request) if isinstance(batch, Batch) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    @admin.display(description=_("command"), ordering="command")
    def titled(self, batch: Batch) -> str:
        return batch.title

    @admin.display(description=_("command"))
    def titled_with_id(self, batch: Batch) -> str:
        return with_id(batch.title, batch.command)

    @admin.display(description=_("status"))
    def state(self, batch: Any) -> str:
        return badges.status_badge(Batch.Status, batch_status(batch))

    @admin.display(description=_("done"))
    def progress_figure(self, batch: Any) -> str:
        total = formats.ABSENT if batch.total is None else formats.number(batch.total)
        return figure(f"{formats.number(batch.records_done)} / {total}")

    @admin.display(description=_("failures"))
    def failed_figure(self, batch: Any) -> str:
        return figure(formats.number(batch.records_failed))

    @admin.display(description=_("requested by"))
    def asked_by(self, batch: Batch) -> str:
        asked = batch.requested_by
        return str(asked.get("name") or asked.get("id") or asked.get("actor") or batch.api_key or formats.ABSENT)

    @admin.display(description=_("request"))
    def readable_body(self, batch: Batch) -> str:
        return json_block(batch.body)
