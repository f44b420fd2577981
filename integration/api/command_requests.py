"""The shapes in which a command is asked for, as the API's schema shows them; `commands.selection` reads and checks them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

FILTER = {"op": "AND", "exp": [{"key": "active", "op": "=", "exp": True}, {"key": "articlenumber", "op": "IN", "exp": ["HYRA", "P"]}]}


class ParentSerializer(serializers.Serializer[Any]):
    """The Lime object whose related objects are meant."""

    limetype = serializers.CharField()
    id = serializers.IntegerField(min_value=1)


class ContextSerializer(serializers.Serializer[Any]):
    """One Lime object by its `id`; without `id`, those of the limetype that `filter` finds, of the `parent` when it is given."""

    limetype = serializers.CharField()
    id = serializers.IntegerField(min_value=1, required=False)
    parent = ParentSerializer(required=False)


@extend_schema_field(OpenApiTypes.OBJECT)
class FilterField(serializers.JSONField):
    """One of Lime's filter expressions."""


@extend_schema_serializer(
    examples=[
        OpenApiExample("Named by their ids", {"ids": [1001, 1002]}, request_only=True),
        OpenApiExample("The object that is open", {"context": {"limetype": "order", "id": 1001}}, request_only=True),
        OpenApiExample("What a filter finds", {"context": {"limetype": "article"}, "filter": FILTER}, request_only=True),
        OpenApiExample(
            "Everything of a parent",
            {"context": {"limetype": "order", "parent": {"limetype": "debtor", "id": 7}}, "filter": None, "confirm_all": True},
            request_only=True,
        ),
        OpenApiExample("A command without selection", {}, request_only=True),
    ]
)
class CommandRequestSerializer(serializers.Serializer[Any]):
    """What a command is asked for with: `ids`, or a `context` of one object or of many; neither where it needs no selection.

    What a filter finds is found by a worker, and the task has no total until then.
    """

    ids = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, help_text="Lime ids")
    context = ContextSerializer(required=False)  # type: ignore[assignment]
    filter = FilterField(
        required=False, allow_null=True, help_text="One of Lime's filter expressions, nested at most 50 deep; null for every object"
    )
    confirm_all = serializers.BooleanField(required=False, help_text="Must be true where `filter` is null")
    options = serializers.DictField(required=False)
    requested_by = serializers.DictField(required=False, allow_null=True, help_text='The Lime user: {"id", "name"}')
