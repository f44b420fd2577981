"""Applying a mapping: Lime values to a Billecta view and back. Pure functions of the mapping, the source and the current target."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.errors import Problem
from integration.mapping.catalogue import BillectaField, PathSteps, find_field
from integration.mapping.comparison import changed, content_hash, is_view
from integration.mapping.lime_schema import LimeSchema, lacks, property_of
from integration.mapping.problems import UnfitValueError, problem
from integration.mapping.spec import Direction, MappingSpec, Overwrite, Pair
from integration.mapping.transforms import ABSENT, Sent, inbound, outbound
from integration.mapping.values import is_empty
from integration.money import SEK

__all__ = ["Mapped", "changed", "content_hash", "merge", "record_name", "to_billecta", "to_lime"]

_NEEDED_BY_MESSAGE_ROW = frozenset({"ArticleDescription"})


@dataclass(frozen=True)
class Mapped:
    """Values ready for the other side, and every problem found on the way. A field with a problem is left out unless rounded."""

    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


def to_billecta(
    spec: MappingSpec,
    object_name: str,
    lime: Mapping[str, object],
    *,
    record: str = "",
    currency: str = SEK,
    schema: LimeSchema | None = None,
    current: Mapping[str, Any] | None = None,
) -> Mapped:
    """The part of a Billecta view that a Lime object fills, nested and in PascalCase, ready for JSON.

    `lime`: normalised values by Lime field; fields it lacks are left out. `record` prefixes the problems' field names
    (`orderrow[1012]`). `schema` tells Lime's percent fields. `current` is the fetched view, needed for rows that only fill what is empty.
    """
    values: dict[str, Any] = {}
    problems = [*_missing(spec, object_name, lime, record)]
    for pair, target in _known_pairs(spec, Direction.TO_BILLECTA, object_name):
        if pair.lime_field not in lime or _keeps(pair, _value_at(current, target.path)):
            continue
        info = property_of(schema, spec, object_name, pair.lime_field)
        try:
            sent = outbound(target, lime[pair.lime_field], currency=currency, lime=info)
        except UnfitValueError as unfit:
            sent = Sent(ABSENT, unfit)
        if sent.doubt is not None:
            problems.append(sent.doubt.as_problem(_named(record, pair.lime_field), target.name))
        if sent.value is not ABSENT:
            _place(values, target.path, sent.value)
    return Mapped(values, problems)


def to_lime(
    spec: MappingSpec,
    object_name: str,
    view: Mapping[str, Any],
    *,
    schema: LimeSchema | None = None,
    current: Mapping[str, object] | None = None,
) -> Mapped:
    """What a view from Billecta writes in Lime, by Lime field: Decimal kronor, int, bool, date, datetime (UTC), str, option key or None.

    A field whose top-level name the view lacks is left out; one that is null is cleared. With `schema`, fields that the Lime
    solution lacks are left out too, and values fit its types and options. Problems name the field at Billecta.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for pair, source in _known_pairs(spec, Direction.TO_LIME, object_name):
        if source.path[0] not in view or lacks(schema, spec, object_name, pair.lime_field):
            continue
        if _keeps(pair, (current or {}).get(pair.lime_field)):
            continue
        info = property_of(schema, spec, object_name, pair.lime_field)
        try:
            values[pair.lime_field] = inbound(source, _value_at(view, source.path), lime=info)
        except UnfitValueError as unfit:
            problems.append(unfit.as_problem(source.name, pair.lime_field))
    return Mapped(values, problems)


def merge(fetched: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The fetched view with only the mapped fields changed, for Billecta's PUT that replaces the whole; neither argument is changed.

    Nested views are entered; an AmountView or a list is replaced as a whole.
    """
    merged = copy.deepcopy(dict(fetched))
    for key, value in values.items():
        present = merged.get(key)
        if is_view(value) and is_view(present):
            merged[key] = merge(present, value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def record_name(object_name: str, lime: Mapping[str, object], number: int | None = None) -> str:
    """How problems name a Lime record: `orderrow[1012]` by its `_id`, else by its place `orderrow[#2]`."""
    if "_id" in lime:
        return f"{object_name}[{lime['_id']}]"
    return object_name if number is None else f"{object_name}[#{number}]"


def _known_pairs(spec: MappingSpec, direction: Direction, object_name: str) -> Iterator[tuple[Pair, BillectaField]]:
    """Rows with their catalogue fields. A row that `check_spec` would refuse carries nothing."""
    for pair in spec.pairs_of(direction, object_name):
        found = find_field(object_name, pair.billecta_field)
        if found is not None and (found.writable if direction is Direction.TO_BILLECTA else found.readable):
            yield pair, found


def _missing(spec: MappingSpec, object_name: str, lime: Mapping[str, object], record: str) -> Iterator[Problem]:
    for name in spec.required.get(object_name, ()):
        if _is_message_row(spec, object_name, lime) and name not in _NEEDED_BY_MESSAGE_ROW:
            continue
        lime_field = spec.lime_field(Direction.TO_BILLECTA, object_name, name)
        if lime_field is not None and is_empty(lime.get(lime_field)):
            yield problem("required", _named(record, lime_field), target=name)


def _is_message_row(spec: MappingSpec, object_name: str, lime: Mapping[str, object]) -> bool:
    if object_name != "orderrow":
        return False
    lime_field = spec.lime_field(Direction.TO_BILLECTA, "orderrow", "RecordType")
    return str(lime.get(lime_field or "") or "").casefold() == "message"


def _keeps(pair: Pair, present: object) -> bool:
    return pair.overwrite is Overwrite.WHEN_EMPTY and not is_empty(present)


def _named(record: str, lime_field: str) -> str:
    return f"{record}.{lime_field}" if record else lime_field


def _value_at(view: object, path: PathSteps) -> Any:
    """The value at a path; None when any step is missing, null or beyond the end of a list."""
    for step in path:
        if isinstance(step, int):
            view = view[step] if isinstance(view, list) and step < len(view) else None
        else:
            view = view.get(step) if isinstance(view, Mapping) else None
    return view


def _place(values: dict[str, Any], path: PathSteps, value: object) -> None:
    """Put a value at a path, beside what other rows put in the same nested view."""
    inner = values
    for step in path[:-1]:
        if inner.get(str(step)) is None:
            inner[str(step)] = {}
        inner = inner[str(step)]
    last = str(path[-1])
    present = inner.get(last)
    if isinstance(present, dict) and (value is None or isinstance(value, dict)):
        value = {**present, **(value or {})}
    inner[last] = value
