"""Filters that name a value they cannot use, where django-filter would round it, pass it over or fail over it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters  # type: ignore[import-untyped]
from django_filters.fields import IsoDateTimeField  # type: ignore[import-untyped]
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from integration.api.parameters import FALSE, TRUE

LARGEST = 2**63 - 1


class _MomentField(IsoDateTimeField):  # type: ignore[misc]
    def to_python(self, value: Any) -> datetime | None:
        """In UTC, as it is stored: the first and the last day of the calendar have hours that lie outside of it elsewhere."""
        try:
            moment: datetime | None = super().to_python(value)
            return moment.astimezone(UTC) if moment else None
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class _SwitchField(forms.Field):
    default_error_messages = {"invalid": _("Enter true or false.")}

    def to_python(self, value: Any) -> bool | None:
        """None when it is not given."""
        given = str(value or "").lower()
        if given and given not in TRUE | FALSE:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return given in TRUE if given else None


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    """A time with its offset; without one it is Stockholm's."""

    field_class = _MomentField


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LARGEST})
class WholeNumberFilter(filters.NumberFilter):  # type: ignore[misc]
    """An id: whole, and no larger than the database holds."""

    field_class = forms.IntegerField

    def __init__(self, **more: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST, **more)

    def get_max_validator(self) -> None:
        """None: `max_value` is the bound."""


@extend_schema_field(OpenApiTypes.BOOL)
class SwitchFilter(filters.Filter):  # type: ignore[misc]
    """True or false."""

    field_class = _SwitchField
