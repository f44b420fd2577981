"""What each status looks like: a word, an icon and a tone together, so that none of them carries the meaning alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from integration.models import Batch, EventLog, MappingVersion, Order, SyncAttempt, SyncRecord, WebhookEvent

OK, WAITING, ACTIVE, ATTENTION, BAD, QUIET = "ok", "waiting", "active", "attention", "bad", "quiet"
"""The tones, each with a colour of its own in kvittens.css."""


@dataclass(frozen=True)
class Look:
    """One status: an icon of Material Symbols and a tone."""

    icon: str
    tone: str


LOOKS: Mapping[type[TextChoices], Mapping[str, Look]] = {
    WebhookEvent.Status: {
        WebhookEvent.Status.RECEIVED: Look("schedule", WAITING),
        WebhookEvent.Status.PROCESSING: Look("sync", ACTIVE),
        WebhookEvent.Status.PROCESSED: Look("check_circle", OK),
        WebhookEvent.Status.IGNORED: Look("do_not_disturb_on", QUIET),
        WebhookEvent.Status.UNRECOGNISED: Look("help", ATTENTION),
        WebhookEvent.Status.FAILED: Look("error", BAD),
    },
    SyncRecord.Status: {
        SyncRecord.Status.PENDING: Look("schedule", WAITING),
        SyncRecord.Status.IN_FLIGHT: Look("sync", ACTIVE),
        SyncRecord.Status.WAITING_RETRY: Look("update", WAITING),
        SyncRecord.Status.NEEDS_DECISION: Look("front_hand", ATTENTION),
        SyncRecord.Status.SUCCEEDED: Look("check_circle", OK),
        SyncRecord.Status.FAILED: Look("error", BAD),
        SyncRecord.Status.SKIPPED: Look("skip_next", QUIET),
        SyncRecord.Status.CANCELLED: Look("cancel", QUIET),
    },
    SyncAttempt.Outcome: {
        SyncAttempt.Outcome.SUCCEEDED: Look("check_circle", OK),
        SyncAttempt.Outcome.RETRY: Look("update", WAITING),
        SyncAttempt.Outcome.FAILED: Look("error", BAD),
        SyncAttempt.Outcome.WAITING: Look("hourglass_empty", WAITING),
        SyncAttempt.Outcome.NEEDS_DECISION: Look("front_hand", ATTENTION),
        SyncAttempt.Outcome.LOST: Look("power_off", ATTENTION),
    },
    Batch.Status: {
        Batch.Status.PENDING: Look("schedule", WAITING),
        Batch.Status.STARTED: Look("sync", ACTIVE),
        Batch.Status.SUCCESS: Look("check_circle", OK),
        Batch.Status.FAILURE: Look("error", BAD),
    },
    Order.Status: {
        Order.Status.NOT_SENT: Look("draft", QUIET),
        Order.Status.PENDING: Look("schedule", WAITING),
        Order.Status.CREATED: Look("edit_document", ACTIVE),
        Order.Status.ATTESTED: Look("approval", ACTIVE),
        Order.Status.SENT: Look("outgoing_mail", ACTIVE),
        Order.Status.PAID: Look("check_circle", OK),
        Order.Status.CREDITED: Look("undo", QUIET),
        Order.Status.WRITTEN_OFF: Look("money_off", QUIET),
        Order.Status.DEBT_COLLECTION: Look("gavel", ATTENTION),
        Order.Status.CANCELLED: Look("cancel", QUIET),
        Order.Status.DELETED: Look("delete", QUIET),
        Order.Status.ERROR: Look("error", BAD),
    },
    EventLog.Level: {
        EventLog.Level.INFO: Look("info", QUIET),
        EventLog.Level.WARNING: Look("warning", ATTENTION),
        EventLog.Level.ERROR: Look("error", BAD),
    },
    MappingVersion.Status: {
        MappingVersion.Status.DRAFT: Look("draft", WAITING),
        MappingVersion.Status.PUBLISHED: Look("check_circle", OK),
        MappingVersion.Status.RETIRED: Look("inventory_2", QUIET),
    },
}
KEY_LOOKS: Mapping[str, Look] = {"valid": Look("key", OK), "expired": Look("event_busy", QUIET), "revoked": Look("block", QUIET)}


def badge(text: object, look: Look) -> SafeString:
    """The status as HTML: icon (hidden from screen readers), word and tone."""
    return format_html(
        '<span class="kv-badge kv-tone-{}"><span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        look.tone,
        look.icon,
        capfirst(str(text)),
    )


def status_badge(choices: type[TextChoices], value: str) -> SafeString:
    """The badge of one value of `choices`; an unknown value shows as it is."""
    look = LOOKS[choices].get(value)
    return badge(value, Look("help", QUIET)) if look is None else badge(choices(value).label, look)
