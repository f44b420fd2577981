"""How a property of one of Billecta's views becomes a field of a dataclass, and what is said when it cannot."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self, TypeVar

from integration.billecta.amounts import amount_from_wire, decimal_from_wire
from integration.billecta.dates import day_from_wire, moment_from_wire
from integration.billecta.wire_enum import WireEnum
from integration.errors import RemoteUnavailable
from integration.redaction import redact_field

SYSTEM = "Billecta"
V = TypeVar("V", bound="View")


def unreadable(view: str, name: str, value: Any, problem: str) -> RemoteUnavailable:
    """The error for an answer that says what it cannot: names view, property and (masked, shortened) value. Work that met it is retried."""
    shown = json.dumps(redact_field(name, value), default=str, ensure_ascii=False)
    return RemoteUnavailable(system=SYSTEM, detail=f"unreadable answer, {view}.{name} is {shown[:80]}: {problem}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class View:
    """One of Billecta's views. `raw` is the whole object as it came, which an update sends back with its changes.

    Fields are declared with the functions of this module. Unknown properties are ignored.
    """

    view: ClassVar[str]
    """The view's name in Billecta's schemas."""

    raw: dict[str, Any] = dataclasses.field(repr=False, compare=False)

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """Reads the view. Raises RemoteUnavailable naming view, property and value when a required one is missing or any is mistyped."""
        if not isinstance(data, dict):
            raise unreadable(cls.view, "(all)", type(data).__name__, "not an object")
        return cls(raw=data, **{field.name: _read(cls.view, field, data) for field in dataclasses.fields(cls) if field.metadata})


def read_list(view: type[V], data: Any) -> list[V]:
    """Reads a bare array of views; null is an empty one. Raises RemoteUnavailable."""
    if data is None:
        return []
    if not isinstance(data, list):
        raise unreadable(view.view, "(list)", type(data).__name__, "not an array")
    return [view.from_wire(item) for item in data]


def _read(view: str, field: dataclasses.Field[Any], data: dict[str, Any]) -> Any:
    name, value = field.metadata["property"], data.get(field.metadata["property"])
    if field.metadata["required"] and value in (None, ""):
        raise unreadable(view, name, value, "it is required")
    if value is None:
        return field.metadata["absent"]()
    try:
        return field.metadata["read"](value)
    except (TypeError, ValueError) as error:
        raise unreadable(view, name, value, str(error)) from error


def _field(name: str, kind: str, read: Callable[[Any], Any], absent: Callable[[], Any], *, required: bool = False) -> Any:
    metadata = {"property": name, "kind": kind, "read": read, "absent": absent, "required": required}
    return dataclasses.field(metadata=metadata)


def text(name: str, *, required: bool = False) -> str:
    """A text, "" when null."""
    return _field(name, "string", _text, str, required=required)  # type: ignore[no-any-return]


def money(name: str, *, required: bool = False) -> Any:
    """An AmountView as `Amount`, None when null."""
    return _field(name, "AmountView", amount_from_wire, _none, required=required)


def number(name: str) -> Decimal:
    """A number as Decimal, 0 when null."""
    return _field(name, "number", decimal_from_wire, Decimal)  # type: ignore[no-any-return]


def optional_number(name: str) -> Decimal | None:
    """A number as Decimal, None when null."""
    return _field(name, "number", decimal_from_wire, _none)  # type: ignore[no-any-return]


def integer(name: str) -> int:
    """A whole number, 0 when null."""
    return _field(name, "integer", _integer, int)  # type: ignore[no-any-return]


def boolean(name: str) -> bool:
    """True or false, false when null."""
    return _field(name, "boolean", _boolean, bool)  # type: ignore[no-any-return]


def moment(name: str) -> datetime | None:
    """A moment in UTC, None when null or not set."""
    return _field(name, "date-time", lambda value: moment_from_wire(_text(value)), _none)  # type: ignore[no-any-return]


def day(name: str) -> date | None:
    """A business date in Stockholm, None when null or not set."""
    return _field(name, "date-time", lambda value: day_from_wire(_text(value)), _none)  # type: ignore[no-any-return]


def enum(name: str, kind: type[WireEnum], *, required: bool = False, absent: str = "") -> Any:
    """A member of `kind`, read by name or number; `kind(absent)` when null."""
    return _field(name, kind.view, kind, lambda: kind(absent), required=required)


def one(name: str, view: type[View], *, required: bool = False) -> Any:
    """A view within the view, None when null."""
    return _field(name, view.view, view.from_wire, _none, required=required)


def many(name: str, view: type[View]) -> Any:
    """A tuple of views within the view, empty when null."""
    return _field(name, f"[{view.view}]", lambda value: tuple(read_list(view, value)), tuple)


def fields_of(view: type[View]) -> Iterable[tuple[str, str]]:
    """Each declared property of a view with the kind it is read as, to be held against Billecta's schemas."""
    return [(field.metadata["property"], field.metadata["kind"]) for field in dataclasses.fields(view) if field.metadata]


def _none() -> None:
    return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value
