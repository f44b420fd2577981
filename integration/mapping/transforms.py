"""Turning one value of a known kind into what Billecta's wire holds, and back into what Lime holds.

Amounts are rounded half up to öre. Where that changes the value, the rounded amount comes with a problem, because the invoice
would not say what the order says. An empty value clears a field that Billecta lets be empty (null) and is otherwise left out;
an enum is always left out, since its null would be read as its first member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from integration.mapping.catalogue import BillectaField, Kind, enum_members, enum_name
from integration.mapping.dates import wire_date, wire_time
from integration.mapping.lime_schema import TEXT_TYPES, LimeProperty, option_key
from integration.mapping.problems import UnfitValueError
from integration.mapping.values import (
    is_empty,
    plain_number,
    read_boolean,
    read_date,
    read_decimal,
    read_identity_number,
    read_integer,
    read_text,
    read_time,
)
from integration.money import SEK, amount_from_view, amount_view, has_parts_of_ore, kronor_to_ore, ore_to_kronor, wire_number

_RELATIONS = frozenset({"belongsto", "user"})
_INT32 = 2**31 - 1
_INT64 = 2**63 - 1


class _Absent:
    """Stands for a value that is left out, where None means cleared."""


ABSENT = _Absent()


@dataclass(frozen=True)
class Sent:
    """A value for Billecta's wire, or ABSENT; `doubt` tells that it is not quite what was asked for."""

    value: object
    doubt: UnfitValueError | None = None


def outbound(field: BillectaField, value: object, *, currency: str = SEK, lime: LimeProperty | None = None) -> Sent:
    """What a Lime value becomes in `field`. Raises UnfitValueError.

    With the Lime field known, its `percent` (0 to 1) becomes a percentage, and the bare id of a related record is refused: give the
    related record's name instead.
    """
    if is_empty(value):
        return Sent(None if field.nullable and field.kind is not Kind.ENUM else ABSENT)
    if lime is not None and lime.get("type") in _RELATIONS and isinstance(value, int):
        raise UnfitValueError("relation_without_name", value)
    if field.kind is Kind.AMOUNT:
        return _outbound_amount(value, currency)
    if field.kind is Kind.PERCENT and lime is not None and lime.get("type") == "percent":
        value = read_decimal(value) * 100
    return Sent(_OUTBOUND[field.kind](field, value))


def _outbound_text(field: BillectaField, value: object) -> str:
    text = read_text(value)
    if field.max_length is not None and len(text) > field.max_length:
        raise UnfitValueError("too_long", text, length=len(text), limit=field.max_length)
    return text


def _outbound_person(_field: BillectaField, value: object) -> dict[str, str]:
    """The first word is the first name, as `Max von Sydow` wants it; inbound they are joined again."""
    first, _, last = " ".join(read_text(value).split()).partition(" ")
    return {"FirstName": first, "LastName": last}


def _outbound_integer(field: BillectaField, value: object) -> int:
    number = read_integer(value)
    if abs(number) > _INT32:
        raise UnfitValueError("out_of_range", value, target=field.name)
    return number


def _outbound_date(_field: BillectaField, value: object) -> object:
    day = read_date(value)
    return ABSENT if day is None else wire_date(day)


def _outbound_time(_field: BillectaField, value: object) -> object:
    moment = read_time(value)
    return ABSENT if moment is None else wire_time(moment)


def _outbound_enum(field: BillectaField, value: object) -> str:
    members = enum_members(field.enum or "")
    wanted = read_text(value).casefold()
    for member in members:
        if member.casefold() == wanted:
            return member
    raise UnfitValueError("unknown_choice", value, allowed=", ".join(members))


def _outbound_amount(value: object, currency: str) -> Sent:
    kronor = read_decimal(value)
    ore = kronor_to_ore(kronor)
    if abs(ore) > _INT64:
        raise UnfitValueError("out_of_range", value)
    doubt = None
    if has_parts_of_ore(kronor):
        doubt = UnfitValueError("parts_of_ore", plain_number(kronor), rounded=plain_number(ore_to_kronor(ore)))
    return Sent(amount_view(ore, currency), doubt)


_OUTBOUND: Mapping[Kind, Callable[[BillectaField, object], object]] = {
    Kind.TEXT: _outbound_text,
    Kind.IDENTITY_NUMBER: lambda _field, value: read_identity_number(value),
    Kind.PERSON_NAME: _outbound_person,
    Kind.INTEGER: _outbound_integer,
    Kind.DECIMAL: lambda _field, value: wire_number(read_decimal(value)),
    Kind.PERCENT: lambda _field, value: wire_number(read_decimal(value)),
    Kind.DATE: _outbound_date,
    Kind.DATETIME: _outbound_time,
    Kind.BOOLEAN: lambda _field, value: read_boolean(value),
    Kind.ENUM: _outbound_enum,
}


def inbound(field: BillectaField, value: object, *, lime: LimeProperty | None = None) -> object:
    """What a value of Billecta becomes in a Lime field: Decimal kronor, Decimal, int, bool, date, datetime (UTC), str or None.

    With the Lime field known the value is fitted to its type, length and options; without it an enum becomes its name in lower
    case. Raises UnfitValueError.
    """
    read = None if is_empty(value) else _INBOUND[field.kind](field, value)
    if lime is not None:
        return _fit(field, read, lime)
    if field.kind is Kind.ENUM and isinstance(read, str):
        return read.lower()
    return "" if read is None and field.kind in _TEXTUAL else read


_TEXTUAL = frozenset({Kind.TEXT, Kind.IDENTITY_NUMBER, Kind.PERSON_NAME})


def _inbound_person(_field: BillectaField, value: object) -> str:
    if not isinstance(value, Mapping):
        raise UnfitValueError("not_a_text", value)
    names = (read_text(value.get(part) or "") for part in ("FirstName", "LastName"))
    return " ".join(name for name in names if name)


def _inbound_amount(_field: BillectaField, value: object) -> Decimal:
    if not isinstance(value, Mapping):
        raise UnfitValueError("not_an_amount", value)
    try:
        ore, _ = amount_from_view(value)
    except ValueError as error:
        raise UnfitValueError("not_an_amount", value) from error
    return ore_to_kronor(ore)


def _inbound_enum(field: BillectaField, value: object) -> str | None:
    """The member's name; a Billecta that answers with numbers is understood, and `Unknown` says nothing."""
    name = enum_name(field.enum or "", value) if isinstance(value, int) else read_text(value)
    if name is None:
        raise UnfitValueError("unknown_choice", value, allowed=", ".join(enum_members(field.enum or "")))
    return None if name.casefold() == "unknown" else name


_INBOUND: Mapping[Kind, Callable[[BillectaField, object], object]] = {
    Kind.TEXT: lambda _field, value: read_text(value),
    Kind.IDENTITY_NUMBER: lambda _field, value: read_identity_number(value),
    Kind.PERSON_NAME: _inbound_person,
    Kind.INTEGER: lambda _field, value: read_integer(value),
    Kind.DECIMAL: lambda _field, value: read_decimal(value),
    Kind.PERCENT: lambda _field, value: read_decimal(value),
    Kind.AMOUNT: _inbound_amount,
    Kind.DATE: lambda _field, value: read_date(value),
    Kind.DATETIME: lambda _field, value: read_time(value),
    Kind.BOOLEAN: lambda _field, value: read_boolean(value),
    Kind.ENUM: _inbound_enum,
}


def _fit(field: BillectaField, value: object, lime: LimeProperty) -> object:
    lime_type = lime.get("type", "string")
    if lime_type in TEXT_TYPES:
        return _fit_text(value, lime)
    if value is None:
        return None
    if lime_type == "option":
        return _fit_option(value, lime)
    fit = _FIT.get(lime_type)
    if fit is None:
        raise UnfitValueError("no_such_type", value, type=lime_type)
    number = read_decimal(value) / 100 if field.kind is Kind.PERCENT and lime_type == "percent" else value
    return fit(number)


def _fit_text(value: object, lime: LimeProperty) -> str:
    """Lime's text fields refuse null; text longer than the field is refused rather than cut."""
    text = "" if value is None else read_text(value)
    limit = lime.get("length")
    if limit and len(text) > limit:
        raise UnfitValueError("too_long", text, length=len(text), limit=limit)
    return text


def _fit_option(value: object, lime: LimeProperty) -> str:
    name = read_text(value)
    key = option_key(lime, name)
    if key is None:
        raise UnfitValueError("no_such_option", name)
    return key


def _fit_number(value: object) -> object:
    return int(value) if isinstance(value, bool) else read_decimal(value)


def _fit_integer(value: object) -> int:
    return int(value) if isinstance(value, bool) else read_integer(value)


def _fit_date(value: object) -> date | None:
    return read_date(value)


def _fit_time(value: object) -> datetime | None:
    return read_time(value)


_FIT: Mapping[str, Callable[[object], object]] = {
    "integer": _fit_integer,
    "decimal": _fit_number,
    "percent": _fit_number,
    "date": _fit_date,
    "time": _fit_time,
    "yesno": read_boolean,
}
