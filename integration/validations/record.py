"""A Lime record seen through a mapping: values by Billecta's names, problems by Lime's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from integration.errors import Problem
from integration.mapping.lime_schema import LimeSchema, property_of
from integration.mapping.problems import UnfitValueError
from integration.mapping.spec import Direction, MappingSpec
from integration.mapping.values import is_empty, read_boolean, read_date, read_decimal, read_text
from integration.validations.texts import broken_rule


@dataclass(frozen=True)
class MappedRecord:
    """One Lime record (normalised values by Lime field). A value that is empty, unmapped or unreadable reads as None.

    `name` prefixes the names of its fields in problems, as in `orderrow[1012]`; empty for the record that a command is about.
    `schema` is the Lime solution where it is known.
    """

    spec: MappingSpec
    object_name: str
    lime: Mapping[str, object]
    name: str = ""
    schema: LimeSchema | None = None

    def named(self, lime_field: str) -> str:
        """A Lime field as problems name it."""
        return f"{self.name}.{lime_field}" if self.name else lime_field

    def field(self, billecta_field: str) -> str:
        """The Lime field behind a Billecta field as problems name it; Billecta's name when it is not mapped."""
        lime_field = self.spec.lime_field(Direction.TO_BILLECTA, self.object_name, billecta_field)
        return self.named(lime_field or billecta_field)

    def link(self, role: str) -> object:
        """The id in the link field of a role, or None."""
        lime_field = self.spec.link(self.object_name, role)
        return self.lime.get(lime_field) if lime_field else None

    def link_field(self, role: str) -> str:
        """The link field of a role as problems name it."""
        return self.named(self.spec.link(self.object_name, role) or role)

    def raw(self, billecta_field: str) -> object:
        """The value as Lime has it, or None."""
        lime_field = self.spec.lime_field(Direction.TO_BILLECTA, self.object_name, billecta_field)
        value = self.lime.get(lime_field) if lime_field else None
        return None if is_empty(value) else value

    def text(self, billecta_field: str) -> str | None:
        """The trimmed text, or None."""
        value = self.raw(billecta_field)
        try:
            return None if value is None else read_text(value)
        except UnfitValueError:
            return None

    def number(self, billecta_field: str) -> Decimal | None:
        """The number; amounts in kronor, Lime's percent (0 to 1) as it is in Lime. None when there is none that can be read."""
        value = self.raw(billecta_field)
        try:
            return None if value is None else read_decimal(value)
        except UnfitValueError:
            return None

    def percentage(self, billecta_field: str) -> Decimal | None:
        """The number as a percentage (25 for a quarter), whichever way Lime holds it; `schema` tells. None when unreadable."""
        lime_field = self.spec.lime_field(Direction.TO_BILLECTA, self.object_name, billecta_field) or ""
        info = property_of(self.schema, self.spec, self.object_name, lime_field) or {}
        number = self.number(billecta_field)
        return number * 100 if number is not None and info.get("type") == "percent" else number

    def day(self, billecta_field: str) -> date | None:
        """The business date in Stockholm, or None."""
        value = self.raw(billecta_field)
        try:
            return None if value is None else read_date(value)
        except UnfitValueError:
            return None

    def flag(self, billecta_field: str) -> bool:
        """Yes or no; no when nothing is said."""
        value = self.raw(billecta_field)
        try:
            return value is not None and read_boolean(value)
        except UnfitValueError:
            return False

    def check_text(self, billecta_field: str, is_valid: Callable[[str], bool], code: str) -> Iterator[Problem]:
        """The Problem `code` when the field has a text that `is_valid` refuses."""
        text = self.text(billecta_field)
        if text is not None and not is_valid(text):
            yield broken_rule(code, self.field(billecta_field), value=text)
