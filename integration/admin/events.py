"""What arrived from Billecta and Lime: deliveries as they came, and counts of those that were refused."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integration.admin.base import ReadOnlyAdmin, may, user_id
from integration.admin.columns import shown
from integration.admin.readable import body_block, json_block
from integration.ledger.replay import FINISHED, replay
from integration.models import RefusedDelivery, WebhookEvent
from integration.presentation import formats
from integration.presentation.marks import age_html, link_to


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """Each delivery with what became of it; finished ones can be replayed."""

    list_display = (*shown(WebhookEvent, "event_name", "status", "entity_id"), "age", "work", *shown(WebhookEvent, "received_at"), "why")
    list_display_links = ("event_name",)
    list_filter = ("status", "source", "event_name")
    list_select_related = ("sync_record",)
    date_hierarchy = "received_at"
    search_ids = ("entity_id", "creditor_id", "event_name")
    search_numbers = ("pk",)
    search_help_text = _("Event, Billecta id or event number")
    actions = ("replay_selected",)
    change_form_outer_before_template = "admin/integration/event_panel.html"
    fieldsets = (
        (None, {"fields": shown(WebhookEvent, "event_name", "status", "reason", "entity_id", "creditor_id", "source", "delivery_id")}),
        (_("Course"), {"fields": (*shown(WebhookEvent, "received_at", "processed_at"), "work")}),
        (_("As it came, personal data masked"), {"fields": ("readable_body", "readable_headers")}),
    )
    readonly_fields = ("work", "readable_body", "readable_headers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bodies are left out of lists: they may be large and are not shown there."""
        queryset = super().get_queryset(request)
        match = request.resolver_match
        return queryset if match and "object_id" in match.kwargs else queryset.defer("body", "headers")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return may(request, "replay_webhookevent")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Adds the button that replays this one event, for those who may."""
        panel = {"may_replay": self.has_replay_permission(request), "finished": FINISHED}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    @admin.action(description=_("Replay: work on them once more"), permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        count = replay(queryset.select_related(None).only("pk"), actor=request.user.get_username(), user_id=user_id(request.user))
        text = ngettext("%(count)s event is worked on once more.", "%(count)s events are worked on once more.", count) % {"count": count}
        messages.success(request, text)
        left = queryset.model.objects.filter(pk__in=queryset.values("pk"), status=WebhookEvent.Status.PROCESSING).count()
        if left:
            messages.info(request, _("Events that are waiting or being worked on were left alone."))

    @admin.display(description=_("age"), ordering="received_at")
    def age(self, event: WebhookEvent) -> str:
        return age_html(event.received_at)

    @admin.display(description=_("work"))
    def work(self, event: WebhookEvent) -> str:
        return formats.ABSENT if event.sync_record is None else link_to(event.sync_record, f"#{event.sync_record.pk}")

    @admin.display(description=_("reason"))
    def why(self, event: WebhookEvent) -> str:
        return format_html('<span class="kv-clip" title="{0}">{0}</span>', event.reason) if event.reason else formats.ABSENT

    @admin.display(description=_("body"))
    def readable_body(self, event: WebhookEvent) -> str:
        return body_block(event.body)

    @admin.display(description=_("headers"))
    def readable_headers(self, event: WebhookEvent) -> str:
        return json_block(event.headers)


@admin.register(RefusedDelivery)
class RefusedDeliveryAdmin(ReadOnlyAdmin):
    """How many deliveries were refused each day, and why."""

    list_display = shown(RefusedDelivery, "day", "source", "reason", "count", "last_at")
    list_filter = ("reason", "source")
    date_hierarchy = "day"
    fields = shown(RefusedDelivery, "day", "source", "reason", "count", "last_at")
