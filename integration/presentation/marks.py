"""Small pieces of HTML: figures that line up, ids in a fixed-width face, moments with their age, links to a row's page."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integration.presentation import formats


def ids(*values: object) -> SafeString:
    """Ids in a fixed-width face, one below the other; what is absent is left out."""
    present = [value for value in values if value not in {None, ""}]
    if not present:
        return SafeString(formats.ABSENT)
    return format_html('<span class="kv-ids">{}</span>', format_html_join("", "<span>{}</span>", ((value,) for value in present)))


def with_id(title: object, identity: str) -> SafeString:
    """What people call something, and the id by which the API knows it."""
    return format_html('{} <code class="kv-muted">{}</code>', title, identity)


def figure(text: object) -> SafeString:
    """A figure aligned right with digits of one width."""
    return format_html('<span class="kv-figure">{}</span>', text)


def moment_html(at: datetime | None) -> SafeString:
    """A moment whose age shows when pointed at."""
    if at is None:
        return SafeString(formats.ABSENT)
    return format_html('<time class="kv-time" datetime="{}" title="{}">{}</time>', at.isoformat(), formats.age(at), formats.moment(at))


def age_html(since: datetime) -> SafeString:
    """How long ago a moment was, on one line; the moment itself when pointed at."""
    return format_html('<span class="kv-nowrap" title="{}">{}</span>', formats.moment(since), formats.age(since))


def link_to(row: Model, text: object = None) -> SafeString:
    """A link to the admin page of `row`, named `text` or as the row names itself."""
    meta = row._meta  # noqa: SLF001
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('<a class="kv-link" href="{}">{}</a>', address, row if text is None else text)
