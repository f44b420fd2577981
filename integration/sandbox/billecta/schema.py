"""Billecta's view models, read from the published schemas: they complete every answer and check every input."""

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates

DATA = Path(__file__).resolve().parents[2] / "billecta" / "data"
NO_GUID = "00000000-0000-0000-0000-000000000000"
INTEGER_BITS = {"int32": 31, "int64": 63}

Property = Mapping[str, Any]
View = dict[str, Any]


@cache
def models() -> dict[str, Any]:
    """The whole of models.json: `models` (view → property → type), `lists` and `enums`."""
    found: dict[str, Any] = json.loads((DATA / "models.json").read_text("utf-8"))
    return found


def enum_members(enum: str) -> dict[str, int]:
    """The names of an enum with their numbers; the bookkeeping types have no numbers and stand for themselves."""
    members: dict[str, int] = models()["enums"][enum]
    return members


def complete(view: str, values: Mapping[str, Any]) -> View:
    """`values` with every property of the view: null where it may be, else the type's zero. Nested views are completed too.

    Raises KeyError for a value that the view does not have, since such an answer would not be Billecta's.
    """
    template, children = _compiled(view)
    result = template.copy()
    for name, value in values.items():
        if name not in template:
            raise KeyError(f"{view} has no {name}")
        if value is None:
            continue
        child = children.get(name)
        if child is None:
            result[name] = value
        elif isinstance(value, list):
            result[name] = [complete(child, item) for item in value]
        else:
            result[name] = complete(child, value)
    return result


@cache
def _compiled(view: str) -> tuple[View, dict[str, str]]:
    """The view with all its defaults, and which properties hold which other view."""
    template: View = {}
    children: dict[str, str] = {}
    for name, spec in models()["models"][view].items():
        template[name] = _default(spec)
        ref = spec.get("ref") or (spec.get("items") or {}).get("ref")
        if ref:
            children[name] = ref
    return template, children


def _default(spec: Property) -> object:
    if spec["nullable"]:
        return None
    if spec["type"] == "enum":
        members = enum_members(spec["enum"])
        return next((name for name, number in members.items() if number == 0), next(iter(members)))
    if spec["type"] == "string":
        return dates.UNSET if spec.get("format") == "date-time" else NO_GUID
    return {"boolean": False, "integer": 0, "number": 0}[spec["type"]]


def read(view: str, body: object, where: str = "") -> View:
    """Input checked against a view: names in the view's casing, enum names, dates in the wire form, ids in lower case.

    Properties that are not given stay absent and unknown ones are ignored. Raises Refusal (400) naming the property of the wrong type.
    """
    if not isinstance(body, dict):
        raise Refusal(400, f"{where or 'The request body'} must be a JSON object")
    if view == "AmountView":
        return _read_amount(body, where)
    specs = _by_lower_name(view)
    result: View = {}
    for given, value in body.items():
        name, spec = specs.get(str(given).lower(), ("", {}))
        if name:
            result[name] = _read_value(spec, value, f"{where}.{name}" if where else name)
    return result


@cache
def _by_lower_name(view: str) -> dict[str, tuple[str, Property]]:
    return {name.lower(): (name, spec) for name, spec in models()["models"][view].items()}


def _read_value(spec: Property, value: object, where: str) -> object:
    if value is None:
        if not spec["nullable"]:
            raise Refusal(400, f"{where} cannot be null")
        return None
    return _READERS[spec["type"]](spec, value, where)


def _read_amount(body: View, where: str) -> View:
    """An amount in minor units; one that only says major units is taken at that. Value wins where both are given (assumed)."""
    given = {str(name).lower(): value for name, value in body.items()}
    currency = given.get("currencycode")
    if currency is not None and not isinstance(currency, str):
        raise Refusal(400, f"{where}.CurrencyCode must be a string")
    value, major = given.get("value"), given.get("valueforview")
    if value is None and isinstance(major, int | Decimal) and not isinstance(major, bool):
        value = int((Decimal(major) * 100).to_integral_value())
    value = _read_integer({"format": "int64"}, value, f"{where}.Value")
    return amount(value, currency or "SEK")


def amount(ore: int, currency: str = "SEK") -> View:
    """An AmountView of so many minor units (öre)."""
    return {"CurrencyCode": currency, "Value": ore, "ValueForView": Decimal(ore) / 100}


def _read_string(spec: Property, value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"{where} must be a string")
    try:
        return _FORMATS.get(spec.get("format", ""), str)(value)
    except (ValueError, binascii.Error):
        raise Refusal(400, f"{where} is not a valid {spec['format']}") from None


def _read_integer(spec: Property, value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(400, f"{where} must be an integer")
    if abs(value) > 2 ** INTEGER_BITS[spec["format"]]:
        raise Refusal(400, f"{where} is too large")
    return value


def _read_number(_spec: Property, value: object, where: str) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refusal(400, f"{where} must be a number")
    return value


def _read_boolean(_spec: Property, value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise Refusal(400, f"{where} must be a boolean")
    return value


def _read_enum(spec: Property, value: object, where: str) -> str:
    for name, number in enum_members(spec["enum"]).items():
        if (isinstance(value, str) and value.lower() == name.lower()) or (value == number and not isinstance(value, bool)):
            return name
    raise Refusal(400, f"{where} is not a {spec['enum']}")


def _read_array(spec: Property, value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise Refusal(400, f"{where} must be an array")
    items = {"nullable": False, **spec["items"]}
    return [_read_value(items, item, f"{where}[{index}]") for index, item in enumerate(value)]


def _read_object(spec: Property, value: object, where: str) -> View:
    return read(spec["ref"], value, where)


def _read_date(text: str) -> str:
    return dates.wire(dates.parse(text))


def _read_guid(text: str) -> str:
    return str(uuid.UUID(text))


def _read_bytes(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


_FORMATS: dict[str, Callable[[str], str]] = {"date-time": _read_date, "guid": _read_guid, "byte": _read_bytes}

_READERS: dict[str, Callable[[Property, object, str], object]] = {
    "string": _read_string,
    "integer": _read_integer,
    "number": _read_number,
    "boolean": _read_boolean,
    "enum": _read_enum,
    "array": _read_array,
    "object": _read_object,
}
