"""Tasks: one command over many objects, with its counts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from integration.admin.base import ReadOnlyAdmin
from integration.admin.columns import shown
from integration.admin.readable import json_block
from integration.models import Batch, SyncRecord
from integration.presentation import badges, formats
from integration.presentation.marks import figure

Status = SyncRecord.Status


def batch_status(batch: Any) -> str:
    """Lime's word for a task from its annotated counts: as `commands.progress` has it, for a whole list in one query."""
    if batch.records_done < batch.records_all:
        untouched = batch.records_untouched == batch.records_all and batch.cancelled_at is None
        return Batch.Status.PENDING if untouched else Batch.Status.STARTED
    if batch.records_failed or batch.cancelled_at:
        return Batch.Status.FAILURE
    return Batch.Status.PENDING if batch.total is None else Batch.Status.SUCCESS


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Each command that was given, how far it has come and how it went."""

    list_display = ("command", "state", "progress", "failed", "asked_by", *shown(Batch, "created_at"))
    list_filter = ("command",)
    list_select_related = ("api_key",)
    date_hierarchy = "created_at"
    search_ids = ("command", "idempotency_key")
    search_help_text = _("Command or idempotency key")
    fieldsets = (
        (None, {"fields": ("command", "state", "progress", "failed", "records_link")}),
        (_("Request"), {"fields": ("asked_by", "api_key", "idempotency_key", "readable_body")}),
        (_("Course"), {"fields": shown(Batch, "created_at", "cancelled_at")}),
    )
    readonly_fields = ("state", "progress", "failed", "asked_by", "records_link", "readable_body")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        batches: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = batches.annotate(
            records_done=Count("records", filter=Q(records__status__in=SyncRecord.FINISHED)),
            records_failed=Count("records", filter=Q(records__status=Status.FAILED)),
            records_all=Count("records"),
            records_untouched=Count("records", filter=Q(records__status=Status.PENDING, records__attempts=0)),
        )
        return counted

    @admin.display(description=_("status"))
    def state(self, batch: Any) -> str:
        return badges.status_badge(Batch.Status, batch_status(batch))

    @admin.display(description=_("done"))
    def progress(self, batch: Any) -> str:
        total = formats.ABSENT if batch.total is None else formats.number(batch.total)
        return figure(f"{formats.number(batch.records_done)} / {total}")

    @admin.display(description=_("failures"))
    def failed(self, batch: Any) -> str:
        return figure(formats.number(batch.records_failed))

    @admin.display(description=_("requested by"))
    def asked_by(self, batch: Batch) -> str:
        return str(batch.requested_by.get("name") or batch.requested_by.get("id") or batch.api_key or formats.ABSENT)

    @admin.display(description=_("work"))
    def records_link(self, batch: Batch) -> str:
        address = f"{reverse('admin:integration_syncrecord_changelist')}?batch__id__exact={batch.pk}"
        return format_html('<a class="kv-link" href="{}">{}</a>', address, _("Show its pieces of work"))

    @admin.display(description=_("request"))
    def readable_body(self, batch: Batch) -> str:
        return json_block(batch.body)
