"""The ledger: what arrived, what is to be done about it, and each try. Only `integration.ledger` moves these rows."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integration.models.status_field import StatusField
from integration.models.titles import title_of


class Queue(models.TextChoices):
    """Which workers take the work, so that slow work never delays a payment."""

    INGEST = "ingest", _("incoming")
    OUTBOUND = "outbound", _("outgoing")
    REPORTS = "reports", _("reports")


class WebhookEvent(models.Model):
    """One delivery, as it came."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        PROCESSING = "processing", _("processing")
        PROCESSED = "processed", _("processed")
        IGNORED = "ignored", _("ignored")
        UNRECOGNISED = "unrecognised", _("unrecognised")
        FAILED = "failed", _("failed")

    source = models.CharField(_("from"), max_length=16, default="billecta")
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    event_name = models.CharField(_("event"), max_length=100, blank=True)
    entity_id = models.CharField(
        _("entity"), max_length=64, blank=True, help_text=_("The public id that the payload names; a hint, never the truth.")
    )
    creditor_id = models.CharField(_("creditor"), max_length=64, blank=True)
    body = models.BinaryField(_("body"))
    headers = models.JSONField(_("headers"), default=dict)
    status = StatusField(_("status"), max_length=16, choices=Status.choices, default=Status.RECEIVED)
    reason = models.TextField(_("reason"), blank=True)
    sync_record = models.ForeignKey(
        "integration.SyncRecord", models.SET_NULL, null=True, blank=True, related_name="events", verbose_name=_("work")
    )
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)
    delivery_id = models.CharField(
        _("delivery id"), max_length=200, blank=True, help_text=_("The sender's own id of the delivery; a retry repeats it.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "delivery_id"], condition=~Q(delivery_id=""), name="delivery_stored_once"),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="event_received"),
            models.Index(fields=["id"], condition=Q(status="received"), name="event_to_triage"),
            models.Index(fields=["entity_id", "id"], name="event_entity"),
            models.Index(fields=["status", "id"], name="event_status"),
        ]

    def __str__(self) -> str:
        return f"{self.event_name or '?'} #{self.pk}"


class RefusedDelivery(models.Model):
    """How many deliveries were refused on one day for one reason; their content is never kept."""

    class Reason(models.TextChoices):
        UNAUTHORIZED = "unauthorized", _("no or wrong key")
        FORBIDDEN = "forbidden", _("key without the scope")
        TOO_LARGE = "too_large", _("too large")
        MALFORMED = "malformed", _("not a JSON object")

    day = models.DateField(_("day"))
    source = models.CharField(_("from"), max_length=16)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    count = models.PositiveIntegerField(_("count"), default=0)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("refused delivery"), _("refused deliveries")
        ordering = ["-day", "source", "reason"]
        constraints = [models.UniqueConstraint(fields=["day", "source", "reason"], name="refusals_of_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.source} {self.reason}: {self.count}"


class Batch(models.Model):
    """One command over many objects, in Lime's task vocabulary. Its counts are those of its sync records.

    A command by filter has no `total` until its objects are found; `resolution` is the work that finds them, which is not one
    of its objects.
    """

    RESOLVING = "resolve-selection"
    """The kind of the work that finds a batch's objects."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("pending")
        STARTED = "STARTED", _("started")
        SUCCESS = "SUCCESS", _("success")
        FAILURE = "FAILURE", _("failure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    command = models.CharField(_("command"), max_length=64)
    body = models.JSONField(_("request"), default=dict)
    body_hash = models.CharField(max_length=64, editable=False)
    idempotency_key = models.CharField(_("idempotency key"), max_length=200, blank=True)
    api_key = models.ForeignKey("integration.ApiKey", models.SET_NULL, null=True, blank=True, verbose_name=_("API key"))
    requested_by = models.JSONField(_("requested by"), default=dict)
    total = models.PositiveIntegerField(_("objects"), null=True, blank=True)
    resolution = models.OneToOneField(
        "integration.SyncRecord", models.SET_NULL, null=True, blank=True, related_name="resolves", verbose_name=_("finding its objects")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("task"), _("tasks")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["command", "body_hash"], name="batch_body"),
            models.Index(fields=["command", "idempotency_key"], condition=~Q(idempotency_key=""), name="batch_idempotency"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"

    @property
    def title(self) -> str:
        return title_of(self.command)


class SyncRecord(models.Model):
    """One piece of work on one object: who asked, what state it is in, why it failed, when it is due.

    `entity_key` is the lane: one piece of work of a lane is in flight at a time. `ordered` work also waits for all earlier
    unfinished ordered work of its lane. `collapsible` work is the same however often it is asked for, so one waiting row
    serves all who ask. `open_writes` holds the writes that were sent and whose outcome is not known yet. `requested_by` is shown to
    people; `requester` tells persons apart (`lime:7`, `user:3`, `key:Lime`), empty for work that the portal gave itself.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        IN_FLIGHT = "in_flight", _("in flight")
        WAITING_RETRY = "waiting_retry", _("waiting to retry")
        NEEDS_DECISION = "needs_decision", _("needs decision")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")
        CANCELLED = "cancelled", _("cancelled")

    class FailureKind(models.TextChoices):
        CONFIG = "config", _("configuration")
        VALIDATION = "validation", _("validation")
        REJECTED = "rejected", _("rejected")
        EXCEEDED = "exceeded", _("gave up")
        INTERNAL = "internal", _("internal")
        OUTCOME_UNKNOWN = "outcome_unknown", _("outcome unknown")

    DUE = (Status.PENDING, Status.WAITING_RETRY)
    UNFINISHED = (Status.PENDING, Status.IN_FLIGHT, Status.WAITING_RETRY, Status.NEEDS_DECISION)
    FINISHED = (Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED)

    kind = models.CharField(_("work"), max_length=64)
    queue = models.CharField(_("queue"), max_length=16, choices=Queue.choices)
    entity_key = models.CharField(_("lane"), max_length=160)
    ordered = models.BooleanField(default=False)
    collapsible = models.BooleanField(default=False)
    limetype = models.CharField(_("limetype"), max_length=64, blank=True)
    lime_id = models.BigIntegerField(_("Lime id"), null=True, blank=True)
    billecta_id = models.CharField(_("Billecta id"), max_length=64, blank=True)
    creditor_id = models.CharField(_("creditor"), max_length=64, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)

    status = StatusField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING)
    failure_kind = models.CharField(_("kind of failure"), max_length=16, choices=FailureKind.choices, blank=True)
    error_code = models.CharField(_("code"), max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    message = models.TextField(_("message"), blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)

    created_at = models.DateTimeField(_("created"), default=timezone.now)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    lease_token = models.UUIDField(_("lease token"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    open_writes = models.JSONField(default=dict, blank=True)

    batch = models.ForeignKey(Batch, models.CASCADE, null=True, blank=True, related_name="records", verbose_name=_("task"))
    event = models.ForeignKey(WebhookEvent, models.SET_NULL, null=True, blank=True, related_name="caused", verbose_name=_("event"))
    mapping_version = models.ForeignKey(
        "integration.MappingVersion", models.SET_NULL, null=True, blank=True, verbose_name=_("mapping version")
    )
    requested_by = models.CharField(_("requested by"), max_length=200, blank=True)
    requester = models.CharField(_("who asked"), max_length=220, blank=True, editable=False)
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, related_name="dependants", blank=True, verbose_name=_("prerequisites")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("piece of work"), _("work")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["entity_key"], condition=Q(status="in_flight"), name="one_in_flight_per_lane"),
            models.UniqueConstraint(
                fields=["kind", "entity_key"],
                condition=Q(collapsible=True, status__in=["pending", "waiting_retry"]),
                name="one_waiting_when_collapsible",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "not_before", "id"], condition=Q(status__in=["pending", "waiting_retry"]), name="work_due"),
            models.Index(
                fields=["entity_key", "id"],
                condition=Q(status__in=["pending", "in_flight", "waiting_retry", "needs_decision"]),
                name="work_lane",
            ),
            models.Index(fields=["lease_until"], condition=Q(status="in_flight"), name="work_leased"),
            models.Index(fields=["limetype", "lime_id", "id"], name="work_lime_id"),
            models.Index(fields=["billecta_id", "id"], name="work_billecta_id"),
            models.Index(fields=["status", "id"], name="work_status"),
            models.Index(fields=["finished_at"], name="work_finished"),
            models.Index(fields=["batch", "status"], name="work_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.lime_id or self.billecta_id or self.limetype}"

    @property
    def title(self) -> str:
        return title_of(self.kind)

    @property
    def is_finished(self) -> bool:
        return self.status in self.FINISHED


class SyncAttempt(models.Model):
    """One try of one piece of work: what was sent and answered (redacted), how it ended, how long it took."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", _("succeeded")
        RETRY = "retry", _("to be retried")
        FAILED = "failed", _("failed")
        WAITING = "waiting", _("waiting for a prerequisite")
        NEEDS_DECISION = "needs_decision", _("needs decision")
        LOST = "lost", _("worker was lost")

    record = models.ForeignKey(SyncRecord, models.CASCADE, related_name="tries", verbose_name=_("work"))
    number = models.PositiveIntegerField(_("number"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    duration_ms = models.PositiveIntegerField(_("milliseconds"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    error_code = models.CharField(_("code"), max_length=64, blank=True)
    message = models.TextField(_("message"), blank=True)
    exchanges = models.JSONField(_("calls"), default=list)
    traceback = models.TextField(_("traceback"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("attempt"), _("attempts")
        ordering = ["record_id", "pk"]

    def __str__(self) -> str:
        return f"{self.record_id} #{self.number}: {self.outcome}"


class WakeUp(models.Model):
    """Whether a wake-up of a queue is on its way, so that a thousand events enqueue one task."""

    queue = models.CharField(primary_key=True, max_length=16, choices=Queue.choices)
    pending = models.BooleanField(default=False)
    requested_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.queue


class Heartbeat(models.Model):
    """When a part of the portal last showed that it lives."""

    name = models.CharField(_("part"), primary_key=True, max_length=64)
    at = models.DateTimeField(_("at"), default=timezone.now)
    detail = models.JSONField(_("detail"), default=dict)

    def __str__(self) -> str:
        return self.name

    def age_seconds(self) -> float:
        return (timezone.now() - self.at).total_seconds()


class TokenBucket(models.Model):
    """How many calls to one system are left, shared by all workers; an admin may change rate and burst."""

    system = models.CharField(_("system"), primary_key=True, max_length=16)
    rate_per_second = models.FloatField(_("calls a second"))
    burst = models.FloatField(_("burst"))
    tokens = models.FloatField(_("left"), default=0)
    refilled_at = models.FloatField(_("counted at (Unix time)"), default=0)
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("limit of calls"), _("limits of calls")

    def __str__(self) -> str:
        return self.system


def describe(record: SyncRecord) -> dict[str, Any]:
    """What identifies a piece of work to people and logs, without personal data."""
    return {
        "work": record.pk,
        "kind": record.kind,
        "limetype": record.limetype,
        "lime_id": record.lime_id,
        "billecta_id": record.billecta_id,
    }
