"""Small pieces of HTML: figures that line up, ids in a fixed-width face, moments with their age."""

from __future__ import annotations

from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integration.presentation import formats


def ids(*values: object) -> SafeString:
    """Ids in a fixed-width face, one below the other; what is absent is left out."""
    present = [value for value in values if value not in {None, ""}]
    if not present:
        return SafeString(formats.ABSENT)
    return format_html('<span class="kv-ids">{}</span>', format_html_join("", "<span>{}</span>", ((value,) for value in present)))


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
