"""What the portal tells of itself: the log of what happened, and which of its parts live."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from integration.admin.base import ReadOnlyAdmin
from integration.admin.columns import shown
from integration.admin.readable import json_block
from integration.models import EventLog, Heartbeat
from integration.presentation import formats
from integration.presentation.marks import age_html, ids, link_to


@admin.register(EventLog)
class EventLogAdmin(ReadOnlyAdmin):
    """What happened, newest first."""

    list_display = (*shown(EventLog, "at", "level", "action"), "limetype", "both_ids", "text", "by", "work")
    list_display_links = ("action",)
    list_filter = ("level", "action", "limetype")
    list_select_related = ("user", "sync_record")
    date_hierarchy = "at"
    search_ids = ("billecta_id", "action", "actor")
    search_numbers = ("lime_id",)
    search_help_text = _("Lime id, Billecta id, action or who did it")
    fields = (*shown(EventLog, "at", "level", "action", "limetype", "lime_id", "billecta_id", "message"), "by", "work", "readable_detail")
    readonly_fields = ("by", "work", "readable_detail")

    @admin.display(description=_("Lime and Billecta"))
    def both_ids(self, entry: EventLog) -> str:
        return ids(entry.lime_id, entry.billecta_id)

    @admin.display(description=_("message"))
    def text(self, entry: EventLog) -> str:
        return format_html('<span class="kv-clip" title="{0}">{0}</span>', entry.message) if entry.message else formats.ABSENT

    @admin.display(description=_("by"), ordering="actor")
    def by(self, entry: EventLog) -> str:
        return entry.actor or str(entry.user or formats.ABSENT)

    @admin.display(description=_("work"))
    def work(self, entry: EventLog) -> str:
        return formats.ABSENT if entry.sync_record is None else link_to(entry.sync_record, f"#{entry.sync_record.pk}")

    @admin.display(description=_("detail"))
    def readable_detail(self, entry: EventLog) -> str:
        return json_block(entry.detail)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When each part of the portal last showed that it lives."""

    list_display = (*shown(Heartbeat, "name", "at"), "age")
    fields = (*shown(Heartbeat, "name", "at"), "readable_detail")
    readonly_fields = ("readable_detail",)

    @admin.display(description=_("age"), ordering="at")
    def age(self, heartbeat: Heartbeat) -> str:
        return age_html(heartbeat.at)

    @admin.display(description=_("detail"))
    def readable_detail(self, heartbeat: Heartbeat) -> str:
        return json_block(heartbeat.detail)
