"""The one place that knows how a webhook of Billecta's may be wrapped. The format is not published, so nothing here insists."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EnvelopeNames = Mapping[str, Sequence[str]]
"""Where to look, in order: keys `event`, `data`, `alternate`; values are property names, matched without regard to case."""

ID_PROPERTIES = (
    "ActionPublicId",
    "UnhandledPaymentPublicId",
    "PaymentPublicId",
    "ProductPublicId",
    "DebtorPublicId",
    "CreditorPublicId",
)
"""Which id names the entity, most telling first: a payment names its invoice, a debtor also its creditor."""

_EVENT_NAME = re.compile(r"[A-Za-z][\w.:-]{0,99}")
_ID = re.compile(r"[\w-]{1,64}")


@dataclass(frozen=True)
class Envelope:
    """A delivery, as far as it could be read.

    `event` is "" when no name was found. `data` and `alternate` are an object, a bare id, or None. `creditor_id` and
    `entity_id` are hints from whatever the sender wrote, "" when absent: what is true is fetched from Billecta.
    """

    event: str
    data: dict[str, Any] | str | None
    alternate: dict[str, Any] | str | None
    creditor_id: str
    entity_id: str


def read_envelope(body: Mapping[str, Any], names: EnvelopeNames) -> Envelope:
    """Reads a parsed delivery. Pure; never raises for anything that JSON can hold."""
    by_name = _by_lower_name(body)
    data = _payload(_first(by_name, names["data"]))
    alternate = _payload(_first(by_name, names["alternate"]))
    event = next((name for name in _values(by_name, names["event"]) if isinstance(name, str) and _EVENT_NAME.fullmatch(name)), "")
    return Envelope(
        event=event,
        data=data,
        alternate=alternate,
        creditor_id=_named_id("CreditorPublicId", body, data, alternate),
        entity_id=data if isinstance(data, str) and _ID.fullmatch(data) else _entity_id(data, alternate),
    )


def _by_lower_name(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in mapping.items()}


def _values(by_name: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    return [by_name[name.lower()] for name in names if by_name.get(name.lower()) is not None]


def _first(by_name: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next(iter(_values(by_name, names)), None)


def _payload(value: Any) -> dict[str, Any] | str | None:
    """An object, a bare id, or an object that was sent as text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def _entity_id(data: dict[str, Any] | str | None, alternate: dict[str, Any] | str | None) -> str:
    for source in (data, alternate):
        for name in ID_PROPERTIES:
            found = _named_id(name, source)
            if found:
                return found
    return ""


def _named_id(name: str, *sources: Any) -> str:
    for source in sources:
        if isinstance(source, Mapping):
            value = _by_lower_name(source).get(name.lower())
            if isinstance(value, str | int) and _ID.fullmatch(str(value)):
                return str(value)
    return ""
