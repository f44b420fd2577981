"""Whether two sets of values say the same, however they are written, and a hash of what they say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeGuard

from integration.mapping.dates import STOCKHOLM, looks_like_time, parse_time, stockholm_midnight
from integration.mapping.values import is_empty, option_of, plain_number
from integration.money import exact_decimal

_AMOUNT_KEYS = frozenset({"CurrencyCode", "Value"})


def is_amount(value: object) -> bool:
    """Whether a value is an AmountView."""
    return isinstance(value, Mapping) and value.keys() >= _AMOUNT_KEYS


def is_view(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a nested object that is entered, and not one that is replaced as a whole."""
    return isinstance(value, Mapping) and not is_amount(value)


def changed(values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `values` that differs from `current`; of a nested object only the keys that differ.

    `10.0` equals `10.00`, `""` equals None, an unset option equals None, a date equals its midnight in Stockholm, and an
    AmountView goes by its öre. Keys that only `current` has are not looked at.
    """
    found: dict[str, Any] = {}
    for key, value in values.items():
        present = current.get(key)
        if is_view(value) and is_view(present) and not (value and is_empty(value)):
            inner = changed(value, present)
            if inner:
                found[key] = inner
        elif canonical(value) != canonical(present):
            found[key] = value
    return found


def content_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of what `values` say: the same for any order of keys and for any writing that `changed` calls equal."""
    text = json.dumps(canonical(values), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def canonical(value: object) -> object:
    """One JSON-ready form for all writings of the same value. Numbers and moments are tagged, so that text never equals them."""
    if is_empty(value) or value == "empty":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return ["number", plain_number(exact_decimal(value))]
    if isinstance(value, datetime | date):
        return _canonical_time(value)
    if isinstance(value, Mapping):
        return _canonical_object(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [canonical(item) for item in value]
    return _canonical_text(str(value))


def _canonical_text(text: str) -> object:
    trimmed = text.strip()
    if not looks_like_time(trimmed):
        return trimmed
    try:
        moment = parse_time(trimmed)
    except (ValueError, OverflowError):
        return trimmed
    return None if moment is None else _canonical_time(moment)


def _canonical_time(value: date) -> object:
    """A moment at midnight in Stockholm and the date itself are the same, since Lime writes a date either way."""
    if not isinstance(value, datetime):
        return ["time", value.isoformat()]
    local = value.astimezone(STOCKHOLM) if value.tzinfo else value.replace(tzinfo=STOCKHOLM)
    midnight = stockholm_midnight(local.date())
    return ["time", local.date().isoformat() if local == midnight else local.astimezone(midnight.tzinfo).isoformat()]


def _canonical_object(value: Mapping[Any, object]) -> object:
    if is_amount(value):
        return ["amount", str(value["CurrencyCode"]), plain_number(exact_decimal(value["Value"]))]
    if "key" in value and "id" in value:
        return canonical(option_of(dict(value)))
    return {str(key): canonical(item) for key, item in value.items()}
