"""Links: which Lime object is which Billecta object."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integration.admin.base import ReadOnlyAdmin
from integration.admin.columns import shown
from integration.models import RecordLink


@admin.register(RecordLink)
class RecordLinkAdmin(ReadOnlyAdmin):
    """Both names of every object that the portal has carried."""

    list_display = shown(RecordLink, "limetype", "lime_id", "billecta_id", "creditor_id", "origin", "generation", "created_at")
    list_filter = ("limetype", "origin")
    date_hierarchy = "created_at"
    search_ids = ("billecta_id", "creditor_id", "limetype")
    search_numbers = ("lime_id",)
    search_help_text = _("Lime id or Billecta id")
    fields = shown(
        RecordLink, "limetype", "lime_id", "billecta_id", "creditor_id", "origin", "generation", "created_at", "sent_hash", "written_hash"
    )
