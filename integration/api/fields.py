"""Serializer fields of the contract: money as text, and personal data that is masked when it must be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integration.money import ore_to_kronor, round_half_up
from integration.redaction import mask_wholly


@extend_schema_field({"type": "string", "pattern": r"^-?\d+\.\d{2}$", "example": "1234.50"})
class OreField(serializers.Field[int, int, str, int]):
    """An amount kept in öre, shown in kronor with two decimals."""

    def __init__(self, source: str, *, allow_null: bool = False) -> None:
        super().__init__(source=source, read_only=True, allow_null=allow_null)

    def to_representation(self, value: int) -> str:
        return str(ore_to_kronor(value))


@extend_schema_field({"type": "string", "pattern": r"^-?\d+\.\d{2,6}$", "example": "99.50"})
class PriceField(serializers.Field[Decimal, Decimal, str, Decimal]):
    """A price or quantity: at least two decimals, more where it has parts of an öre."""

    def __init__(self) -> None:
        super().__init__(read_only=True)

    def to_representation(self, value: Decimal) -> str:
        rounded = round_half_up(value, 2)
        return f"{rounded:f}" if rounded == value else f"{value.normalize():f}"


def without_personal_data(shown: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """`shown` with each of `fields` masked wholly."""
    return {name: mask_wholly(str(value or "")) if name in fields else value for name, value in shown.items()}
