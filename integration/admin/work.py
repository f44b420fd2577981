"""Pieces of work: what they are about, why they stand as they do, and what an operator may do with them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from integration.admin.base import ReadOnlyAdmin, ReadOnlyRows, may
from integration.admin.columns import paired, shown
from integration.admin.filters import KindFilter
from integration.admin.operations import OPERATIONS, operate, operate_on_all, possible
from integration.admin.readable import calls, folded, json_block
from integration.ledger.explanation import explain
from integration.models import SyncAttempt, SyncRecord
from integration.presentation import formats
from integration.presentation.marks import age_html, ids, link_to, with_id
from integration.presentation.names import thing


class AttemptRows(ReadOnlyRows):
    """Every try of the work, with the calls it made."""

    model = SyncAttempt
    verbose_name_plural = _("attempts")
    columns = (*shown(SyncAttempt, "number", "outcome", "started_at", "duration_ms"), "text", "readable_calls")

    @admin.display(description=_("message"))
    def text(self, attempt: SyncAttempt) -> str:
        if not attempt.traceback:
            return attempt.message or formats.ABSENT
        return format_html("{}{}", attempt.message, folded(_("Traceback"), attempt.traceback))

    @admin.display(description=_("calls"))
    def readable_calls(self, attempt: SyncAttempt) -> str:
        return calls(attempt.exchanges)


@admin.register(SyncRecord)
class SyncRecordAdmin(ReadOnlyAdmin):
    """The list answers an operator's questions: what failed, on what, why, since when, and what to do."""

    list_display = (*shown(SyncRecord, "status"), "titled", "about", "both_ids", "cause", "age", *shown(SyncRecord, "attempts"))
    list_display_links = ("titled",)
    list_filter = ("status", "failure_kind", "error_code", KindFilter, "queue", "limetype")
    list_select_related = ("batch",)
    date_hierarchy = "created_at"
    search_ids = ("billecta_id", "creditor_id", "kind", "error_code")
    search_numbers = ("lime_id", "pk")
    search_help_text = _("Lime id, Billecta id, work number or code")
    actions = ("retry_selected", "cancel_selected", "happened_selected", "not_happened_selected")
    inlines = (AttemptRows,)
    change_form_outer_before_template = "admin/integration/work_panel.html"
    fieldsets = (
        (
            None,
            {
                "fields": paired(
                    (*shown(SyncRecord, "status"), "kind_and_id", "about", "both_ids", *shown(SyncRecord, "creditor_id"), "asked_by")
                )
            },
        ),
        (
            _("Course"),
            {"fields": paired(shown(SyncRecord, "created_at", "not_before", "claimed_at", "finished_at", "failing_since", "attempts"))},
        ),
        (_("Belongs to"), {"fields": paired(("task", "caused_by", "mapping_version", "waits_for", "entity_key", "queue"))}),
        (_("Content"), {"fields": ("readable_options", "readable_result", "readable_open_writes")}),
    )
    readonly_fields = (
        *("kind_and_id", "about", "both_ids", "asked_by", "task", "caused_by", "waits_for"),
        *("readable_options", "readable_result", "readable_open_writes"),
    )

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return may(request, "retry_syncrecord")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return may(request, "decide_syncrecord")

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        return (("<int:record_id>/operate/<str:operation>/", "operate_on_work", self.operate_view),)

    def operate_view(self, request: HttpRequest, record_id: int, operation: str, model_admin: Model) -> HttpResponse:  # noqa: ARG002
        """One operation on one piece of work; POST only, so that no link can do it."""
        return require_POST(operate)(request, record_id, operation)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Adds the panel that says why the work stands as it does and offers what can be done."""
        record = self.get_object(request, object_id)
        panel = {"explanation": explain(record), "operations": possible(record, request)} if isinstance(record, SyncRecord) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    @admin.action(description=OPERATIONS["retry"].title, permissions=["retry"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> None:
        operate_on_all(request, queryset, "retry")

    @admin.action(description=OPERATIONS["cancel"].title, permissions=["retry"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> None:
        operate_on_all(request, queryset, "cancel")

    @admin.action(description=OPERATIONS["happened"].title, permissions=["decide"])
    def happened_selected(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> None:
        operate_on_all(request, queryset, "happened")

    @admin.action(description=OPERATIONS["not-happened"].title, permissions=["decide"])
    def not_happened_selected(self, request: HttpRequest, queryset: QuerySet[SyncRecord]) -> None:
        operate_on_all(request, queryset, "not-happened")

    @admin.display(description=_("work"), ordering="kind")
    def titled(self, record: SyncRecord) -> str:
        return record.title

    @admin.display(description=_("work"))
    def kind_and_id(self, record: SyncRecord) -> str:
        return with_id(record.title, record.kind)

    @admin.display(description=_("object"), ordering="limetype")
    def about(self, record: SyncRecord) -> str:
        return thing(record.limetype) or formats.ABSENT

    @admin.display(description=_("Lime and Billecta"))
    def both_ids(self, record: SyncRecord) -> str:
        return ids(record.lime_id, record.billecta_id)

    @admin.display(description=_("cause and next step"))
    def cause(self, record: SyncRecord) -> str:
        explanation = explain(record)
        if not explanation.message:
            return formats.ABSENT
        return format_html(
            '<span class="kv-cause" title="{0} {1}"><span>{0}</span><span class="kv-muted">{1}</span></span>',
            explanation.message,
            explanation.next_step,
        )

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, record: SyncRecord) -> str:
        return age_html(record.created_at)

    @admin.display(description=_("requested by"))
    def asked_by(self, record: SyncRecord) -> str:
        return record.requested_by or formats.ABSENT

    @admin.display(description=_("task"))
    def task(self, record: SyncRecord) -> str:
        return formats.ABSENT if record.batch is None else link_to(record.batch)

    @admin.display(description=_("events"))
    def caused_by(self, record: SyncRecord) -> str:
        events = [record.event] if record.event else list(record.events.defer("body")[:20])
        return ids(*(link_to(event) for event in events))

    @admin.display(description=_("prerequisites"))
    def waits_for(self, record: SyncRecord) -> str:
        return ids(*(link_to(prerequisite) for prerequisite in record.prerequisites.all()))

    @admin.display(description=_("options"))
    def readable_options(self, record: SyncRecord) -> str:
        return json_block(record.options)

    @admin.display(description=_("result"))
    def readable_result(self, record: SyncRecord) -> str:
        return json_block(record.result)

    @admin.display(description=_("sent, outcome not known yet"))
    def readable_open_writes(self, record: SyncRecord) -> str:
        return json_block(record.open_writes)
