"""Lime's objects with Python values: read and written by the solution's own metadata, so that no code above knows Lime's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integration.ledger.ahead import Lookup
from integration.ledger.work import current_work
from integration.lime.query import ASCENDING, Expression, Query, and_, eq, ge, gt, in_
from integration.lime.schema import Limetype, PropertyType
from integration.lime.values import read_value, write_value
from integration.sync.lime_schema import limetype
from integration.sync.systems import lime

NOT_SELECTABLE = {PropertyType.HAS_MANY, PropertyType.HAS_AND_BELONGS_TO_MANY, PropertyType.HAS_ONE, PropertyType.SYSTEM}


@dataclass(frozen=True)
class LimeRecord:
    """One Lime object. `values` are by property: option keys, dates, moments in UTC, Decimal, text never None, relations as ids."""

    limetype: str
    id: int
    values: Mapping[str, Any]


def get(name: str, lime_id: int) -> LimeRecord:
    """One object: one call, none when it was read ahead. Raises RemoteNotFound."""
    known = _known((name, "_id", lime_id))
    return known[0] if known else _read(name, lime().get_object(name, lime_id))


def find(name: str, field: str, value: str | int) -> list[LimeRecord]:
    """All objects whose property equals the value, with all their properties: one call for each 200, none when read ahead."""
    known = _known((name, field, value))
    if known is not None:
        return known
    return [record for record in _query(name, eq(field, value)) if _equal(record.values.get(field), value)]


def find_each(lookups: Iterable[Lookup]) -> dict[Lookup, list[LimeRecord]]:
    """What `find` gives for each lookup, all values of one field in one call for each 100 values; `_id` may be the field too."""
    values: dict[tuple[str, str], list[str | int]] = {}
    for name, field, value in lookups:
        values.setdefault((name, field), []).append(value)
    return {lookup: found for (name, field), wanted in values.items() for lookup, found in _find_all(name, field, wanted).items()}


def _find_all(name: str, field: str, wanted: Sequence[str | int]) -> dict[Lookup, list[LimeRecord]]:
    by_value: dict[str, list[LimeRecord]] = {}
    for record in _query(name, in_(field, wanted)):
        by_value.setdefault(_comparable(record.id if field == "_id" else record.values.get(field)), []).append(record)
    return {(name, field, value): by_value.get(_comparable(value), []) for value in wanted}


def _query(name: str, wanted: Expression) -> list[LimeRecord]:
    kind = limetype(name)
    fields = ["_id", *(prop.name for prop in kind.properties.values() if prop.type not in NOT_SELECTABLE)]
    return [_read(name, raw) for raw in lime().query_all(Query(name, fields, wanted, order_by=[("_id", ASCENDING)]))]


def _known(lookup: Lookup) -> list[LimeRecord] | None:
    """What was read ahead for the work that this thread runs."""
    work = current_work()
    found: list[LimeRecord] | None = work.ahead.take(lookup) if work is not None else None
    return found


def changed_since(name: str, fields: Iterable[str], since: datetime, *, after_id: int, limit: int) -> list[LimeRecord]:
    """Objects whose `_timestamp` is at or after a moment (UTC), by id and above `after_id`, with the named properties: one call.

    `GET query/`; a filter on `_timestamp` is Lime's own advice, one on `_id` beside it is assumed.
    """
    kind = limetype(name)
    selected = sorted(field for field in fields if field in kind.properties and kind.properties[field].type not in NOT_SELECTABLE)
    expression = and_(ge("_timestamp", since), gt("_id", after_id))
    found = lime().query(Query(name, ["_id", *selected], expression, order_by=[("_id", ASCENDING)], limit=limit))
    return [_read(name, raw) for raw in found]


def create(name: str, values: Mapping[str, Any]) -> LimeRecord:
    """Make an object; what the solution lacks is left out. Raises OutcomeUnknown: look for it before trying again."""
    return _read(name, lime().create_object(name, _written(limetype(name), values)))


def update(name: str, lime_id: int, values: Mapping[str, Any]) -> LimeRecord:
    """Set the given properties and no others; what the solution lacks is left out. Raises RemoteNotFound."""
    return _read(name, lime().update_object(name, lime_id, _written(limetype(name), values)))


def _read(name: str, raw: Mapping[str, Any]) -> LimeRecord:
    kind = limetype(name)
    values = {
        field: read_value(raw[field], prop) for field, prop in kind.properties.items() if field in raw and prop.type not in NOT_SELECTABLE
    }
    return LimeRecord(name, int(raw["_id"]), values)


def _written(kind: Limetype, values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: write_value(value, kind.properties[field]) for field, value in values.items() if field in kind.properties}


def _equal(found: object, wanted: str | int) -> bool:
    return _comparable(found) == _comparable(wanted)


def _comparable(value: object) -> str:
    return str(value).strip().casefold()
