"""Amounts, moments, ages and statuses in templates, written as the lists write them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from integration.models import Batch, SyncRecord, WebhookEvent
from integration.presentation import badges, formats
from integration.presentation.marks import moment_html
from integration.presentation.names import thing

register = template.Library()


@register.filter
def amount(ore: int | None, currency: str = "SEK") -> str:
    """Öre as `1 234,50 kr`."""
    return formats.amount(ore, currency)


@register.filter
def figure(count: int | None) -> str:
    """A whole number as `1 234`."""
    return formats.ABSENT if count is None else formats.number(count)


@register.filter
def moment(at: datetime | None) -> SafeString:
    """A UTC moment in Stockholm's time, its age when pointed at."""
    return moment_html(at)


@register.filter
def clock(at: datetime) -> str:
    """The time of day in Stockholm: `14:05`."""
    return formats.moment(at)[-5:]


@register.filter
def age(since: datetime | None) -> str:
    """How long ago a UTC moment was: `2 h 5 min`."""
    return formats.age(since)


@register.filter
def work_status(status: str) -> SafeString:
    """The badge of a piece of work's status."""
    return badges.status_badge(SyncRecord.Status, status)


@register.filter
def event_status(status: str) -> SafeString:
    """The badge of an event's status."""
    return badges.status_badge(WebhookEvent.Status, status)


@register.filter
def task_status(status: str) -> SafeString:
    """The badge of a task's status."""
    return badges.status_badge(Batch.Status, status)


@register.filter
def limetype(name: str) -> str:
    """What people call a limetype."""
    return thing(name)


@register.filter
def css_number(value: float) -> str:
    """A number as CSS writes it, whatever the reader's language."""
    return f"{value:g}"
