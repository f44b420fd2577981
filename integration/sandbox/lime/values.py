"""The values of properties: what Lime accepts on write, and how each API shows what is stored."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from integration.sandbox.lime.moments import parse_date, parse_moment, show_date, show_moment
from integration.sandbox.lime.schema import NUMBER_TYPES, TEXT_TYPES, Property


class InvalidValue(ValueError):
    """A value that the property does not take; the text says why."""


def accept(prop: Property, value: object) -> object:
    """A written value as it is stored. Raises InvalidValue. Whether a relation or file exists is not known here.

    Null empties everything but text, which takes "" only. Options come as their key, or as an object that holds it.
    """
    accepted = prop.empty if value is None and not prop.is_text else _ACCEPT[prop.type](prop, value)
    if prop.required and prop.type not in NUMBER_TYPES and prop.type != "yesno" and accepted == prop.empty:
        raise InvalidValue("is required")
    return accepted


def show(prop: Property, value: Any) -> Any:
    """A stored value as the query API and webhooks show it: options as their key."""
    if prop.type == "option":
        return prop.by_id[value].name
    return _SHOW.get(prop.type, _as_is)(value)


def show_in_object(prop: Property, value: Any) -> Any:
    """A stored value as the limeobject API shows it: options as an object."""
    if prop.type == "option":
        option = prop.by_id[value]
        return {"id": option.id, "key": option.name, "text": option.text}
    return _SHOW.get(prop.type, _as_is)(value)


def _as_is(value: Any) -> Any:
    return value


def _show_optional_date(value: str | None) -> str | None:
    return None if value is None else show_date(value)


def _show_optional_moment(value: str | None) -> str | None:
    return None if value is None else show_moment(value)


_SHOW: dict[str, Callable[[Any], Any]] = {
    "date": _show_optional_date,
    "time": _show_optional_moment,
    "decimal": float,
    "percent": float,
}
"""Lime's wire format is a JSON number with decimals, so that the money types leave as float and nowhere else."""


def _accept_text(prop: Property, value: object) -> str:
    if value is None:
        raise InvalidValue("does not accept null")
    if not isinstance(value, str):
        raise InvalidValue("must be text")
    if prop.length is not None and len(value) > prop.length:
        raise InvalidValue(f"is longer than the allowed {prop.length} characters")
    return value


def _accept_integer(_prop: Property, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidValue("must be an integer")
    return value


def _accept_number(_prop: Property, value: object) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise InvalidValue("must be a number")
    return value


def _accept_yesno(_prop: Property, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue("must be true or false")
    return value


def _accept_date(_prop: Property, value: object) -> str:
    return _parsed(parse_date, value, "date")


def _accept_moment(_prop: Property, value: object) -> str:
    return _parsed(parse_moment, value, "time")


def _parsed(parse: Callable[[str], str], value: object, kind: str) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"must be an ISO {kind} as text")
    try:
        return parse(value)
    except (ValueError, OverflowError):
        raise InvalidValue(f"is not an ISO {kind}: {value[:40]!r}") from None


def _accept_option(prop: Property, value: object) -> int:
    key = value.get("key") if isinstance(value, dict) else value
    option = prop.by_name.get(key) if isinstance(key, str) else None
    if option is None:
        raise InvalidValue(f"has no option {key!r}")
    if option.inactive:
        raise InvalidValue(f"has the option {key!r}, but it is inactive")
    return option.id


_ACCEPT: dict[str, Callable[[Property, object], object]] = {
    **dict.fromkeys(TEXT_TYPES, _accept_text),
    **dict.fromkeys(("integer", "belongsto", "file", "user"), _accept_integer),
    **dict.fromkeys(("decimal", "percent"), _accept_number),
    "yesno": _accept_yesno,
    "date": _accept_date,
    "time": _accept_moment,
    "option": _accept_option,
}
