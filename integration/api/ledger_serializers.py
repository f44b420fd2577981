"""What the API shows of events, work and tasks."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integration.ledger.explanation import explain
from integration.models import Batch, SyncAttempt, SyncRecord, WebhookEvent
from integration.redaction import redact

COMMON = ("id", "billecta_id", "lime_id", "creditor", "status", "updated_at")


class EventSerializer(serializers.ModelSerializer[WebhookEvent]):
    billecta_id = serializers.CharField(source="entity_id", read_only=True)
    lime_id = serializers.SerializerMethodField()
    creditor = serializers.CharField(source="creditor_id", read_only=True)
    sync_record = serializers.IntegerField(source="sync_record_id", read_only=True, allow_null=True)
    updated_at = serializers.SerializerMethodField()

    class Meta:
        model = WebhookEvent
        fields: tuple[str, ...] = (*COMMON, "source", "event_name", "reason", "sync_record", "received_at", "processed_at")

    def get_lime_id(self, event: WebhookEvent) -> int | None:
        return event.sync_record.lime_id if event.sync_record else None

    @extend_schema_field(serializers.DateTimeField())
    def get_updated_at(self, event: WebhookEvent) -> str | None:
        return _moment(event.processed_at or event.received_at)


class EventDetailSerializer(EventSerializer):
    """With the body as it came, personal data and secrets masked."""

    payload = serializers.SerializerMethodField()

    class Meta(EventSerializer.Meta):
        fields = (*EventSerializer.Meta.fields, "headers", "payload")

    @extend_schema_field({})
    def get_payload(self, event: WebhookEvent) -> Any:
        return redact(json.loads(bytes(event.body)))


class SyncRecordSerializer(serializers.ModelSerializer[SyncRecord]):
    creditor = serializers.CharField(source="creditor_id", read_only=True)
    task = serializers.UUIDField(source="batch_id", read_only=True, allow_null=True)
    code = serializers.CharField(source="error_code", read_only=True)
    message = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()
    updated_at = serializers.SerializerMethodField()

    class Meta:
        model = SyncRecord
        fields: tuple[str, ...] = (
            *COMMON,
            *("kind", "queue", "limetype", "failure_kind", "code", "message", "next_step", "attempts"),
            *("task", "requested_by", "created_at", "not_before", "claimed_at", "finished_at"),
        )

    def get_message(self, record: SyncRecord) -> str:
        return explain(record).message

    def get_next_step(self, record: SyncRecord) -> str:
        return _next_step(record)

    @extend_schema_field(serializers.DateTimeField())
    def get_updated_at(self, record: SyncRecord) -> str | None:
        return _moment(record.finished_at or record.claimed_at or record.created_at)


class AttemptSerializer(serializers.ModelSerializer[SyncAttempt]):
    code = serializers.CharField(source="error_code", read_only=True)

    class Meta:
        model = SyncAttempt
        fields = ("number", "started_at", "finished_at", "duration_ms", "outcome", "code", "message", "exchanges")


class SyncRecordDetailSerializer(SyncRecordSerializer):
    tries = AttemptSerializer(many=True, read_only=True)

    class Meta(SyncRecordSerializer.Meta):
        fields = (*SyncRecordSerializer.Meta.fields, "result", "tries")


class DecisionSerializer(serializers.Serializer[Any]):
    """What a person found in the other system about a write that cannot be read back."""

    happened = serializers.BooleanField(help_text="Whether it happened. If not, it is sent again.")
    billecta_id = serializers.CharField(required=False, max_length=64, help_text="The public id of what it made, if it made something.")


class ResultSerializer(serializers.Serializer[Any]):
    """How one object of a task fared; without an object, why the task's objects are not found."""

    lime_id = serializers.IntegerField(allow_null=True)
    creditor = serializers.CharField(source="creditor_id")
    status = serializers.ChoiceField(choices=SyncRecord.Status.choices)
    billecta_id = serializers.CharField()
    code = serializers.CharField(source="error_code")
    message = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()

    def get_message(self, record: SyncRecord) -> str:
        return explain(record).message

    def get_next_step(self, record: SyncRecord) -> str:
        return _next_step(record)


class TaskSerializer(serializers.Serializer[Any]):
    """A task in Lime's vocabulary, with one page of results. `total` is null while the objects of a filter are not found."""

    task_id = serializers.UUIDField()
    command = serializers.CharField()
    status = serializers.ChoiceField(choices=Batch.Status.choices)
    total = serializers.IntegerField(allow_null=True)
    done = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    summary = serializers.CharField()
    result_url = serializers.CharField(required=False)
    results = ResultSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def _next_step(record: SyncRecord) -> str:
    """What to do next; an error that is retried by itself says something else once the portal has stopped trying."""
    if record.status == SyncRecord.Status.FAILED and record.failure_kind == SyncRecord.FailureKind.EXCEEDED:
        return _("The portal has stopped trying: mend the cause, then retry.")
    return explain(record).next_step


def _moment(value: Any) -> str | None:
    return serializers.DateTimeField().to_representation(value)
