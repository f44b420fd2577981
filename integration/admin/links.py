"""Links: from a row to its page, and which Lime object is which Billecta object."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integration.admin.base import ReadOnlyAdmin
from integration.admin.columns import shown
from integration.models import RecordLink


def link_to(row: Model, text: object = None) -> SafeString:
    """A link to the admin page of `row`, named `text` or as the row names itself."""
    meta = row._meta  # noqa: SLF001
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('<a class="kv-link" href="{}">{}</a>', address, row if text is None else text)


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
