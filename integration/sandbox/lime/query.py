"""The query API: `GET /api/v1/query/?q=` with filter, selected values, order and paging in one JSON document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from integration.sandbox.base import Refusal
from integration.sandbox.lime.filters import Field, InvalidFilter, candidates, compile_filter, resolve
from integration.sandbox.lime.records import Record, Tables
from integration.sandbox.lime.render import show_system
from integration.sandbox.lime.schema import SYSTEM_TYPES, Limetype
from integration.sandbox.lime.values import show

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """One checked query; `limit` 0 is no limit."""

    limetype: str
    selected: Mapping[str, Any]
    filter: object
    order: list[tuple[str, bool]]
    limit: int
    offset: int


def parse_query(text: str) -> Query:
    """The query in a `q` parameter. Raises Refusal (400)."""
    try:
        data = json.loads(text, parse_float=Decimal)
        return Query(
            limetype=_typed(data["limetype"], str),
            selected=_typed(data["responseFormat"]["object"], dict),
            filter=data.get("filter"),
            order=[_order(item) for item in data.get("orderBy") or []],
            limit=_count(data.get("limit")),
            offset=_count(data.get("offset")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(400, f"The query cannot be read: {error!r}") from None


def run_query(tables: Tables, query: Query) -> list[dict[str, Any]]:
    """The objects a query finds, each with the selected values. Raises Refusal (400) for an unknown name or operator."""
    limetype = tables.schema.limetypes.get(query.limetype)
    if limetype is None:
        raise Refusal(400, f"Limetype '{query.limetype}' not found")
    try:
        check_selection(tables, limetype, query.selected)
        records = _matches(tables, limetype, query.filter)
        for path, descending in reversed(query.order):
            records.sort(key=_sort_key(resolve(tables, limetype, path)), reverse=descending)
    except InvalidFilter as problem:
        raise Refusal(400, str(problem)) from None
    end = query.offset + query.limit if query.limit else None
    return [select(tables, limetype, record, query.selected) for record in records[query.offset : end]]


def check_selection(tables: Tables, limetype: Limetype, selected: Mapping[str, Any]) -> None:
    """Check a response format down through its relations. Raises InvalidFilter; hasmany cannot be selected."""
    for name, inner in selected.items():
        prop = limetype.properties.get(name)
        if prop is not None and prop.type == "hasmany":
            raise InvalidFilter(f"'{name}' is a hasmany relation and cannot be selected")
        if isinstance(inner, dict):
            if prop is None or prop.type != "belongsto":
                raise InvalidFilter(f"'{name}' is not a relation")
            check_selection(tables, tables[prop.related].limetype, inner)
        elif prop is None and name.removeprefix("_") not in SYSTEM_TYPES:
            raise InvalidFilter(f"Limetype '{limetype.name}' has no property '{name}'")


def select(tables: Tables, limetype: Limetype, record: Record, selected: Mapping[str, Any]) -> dict[str, Any]:
    """The selected values of one record."""
    return {name: _selected(tables, limetype, record, name, inner) for name, inner in selected.items()}


def _selected(tables: Tables, limetype: Limetype, record: Record, name: str, inner: object) -> Any:
    prop = limetype.properties.get(name)
    if prop is None:
        return show_system(limetype, record, name.removeprefix("_"))
    if not isinstance(inner, dict):
        return show(prop, record.values[name])
    related = tables[prop.related]
    target = related.rows.get(record.values[name])
    return None if target is None else select(tables, related.limetype, target, inner)


def _matches(tables: Tables, limetype: Limetype, expression: object) -> list[Record]:
    table = tables[limetype.name]
    if expression is None:
        return list(table.rows.values())
    holds = compile_filter(tables, limetype, expression)
    return [record for record in table.select(candidates(tables, limetype, expression)) if holds(record)]


def _sort_key(field: Field) -> Any:
    def key(record: Record) -> tuple[bool, Any]:
        value = field.key(record)
        return value is not None, value

    return key


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {value!r}")
    return value


def _count(value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"limit and offset are integers from 0, not {value!r}")
    return value


def _order(item: object) -> tuple[str, bool]:
    """A property path and whether it descends, from `{"path": "ASC"}`."""
    [(path, direction)] = _typed(item, dict).items()
    if direction not in {"ASC", "DESC"}:
        raise ValueError(f"orderBy takes ASC or DESC, not {direction!r}")
    return path, direction == "DESC"
