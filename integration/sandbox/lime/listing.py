"""List semantics of the limeobject API: filters in the query string, order, pages of 10 up to 50, and the link to the next."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from integration.sandbox.base import Refusal
from integration.sandbox.lime.filters import Field, InvalidFilter, Predicate, resolve
from integration.sandbox.lime.records import Record, Tables, search_key
from integration.sandbox.lime.schema import NUMBER_TYPES, TEXT_TYPES, Limetype

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
_CONTROL_NAMES = frozenset({"_limit", "_offset", "_sort", "_embed"})

Parameters = list[tuple[str, str]]
"""The query string as it came, in order, repeats included."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `next_offset` is None on the last."""

    records: list[Record]
    next_offset: int | None


def page_of(tables: Tables, limetype: Limetype, records: Iterable[Record], parameters: Parameters) -> Page:
    """The page that the parameters ask for, out of `records`. Raises Refusal (400) for a name or value Lime does not know."""
    try:
        predicates = [_predicate(tables, limetype, name, value) for name, value in parameters if name not in _CONTROL_NAMES]
        found = [record for record in records if all(holds(record) for holds in predicates)]
        for name in reversed([value for parameter, value in parameters if parameter == "_sort"]):
            found.sort(key=_order(resolve(tables, limetype, name.removeprefix("-"))), reverse=name.startswith("-"))
    except InvalidFilter as problem:
        raise Refusal(400, str(problem)) from None
    limit, offset = _limit(parameters), _count(dict(parameters), "_offset", 0)
    end = offset + limit
    return Page(found[offset:end], end if end < len(found) else None)


def next_href(address: str, parameters: Parameters, offset: int, *, only_offset: bool) -> str:
    """The absolute address of the next page; older servers keep only the offset in it."""
    kept = [] if only_offset else [(name, value) for name, value in parameters if name != "_offset"]
    return f"{address}?{urlencode([*kept, ('_offset', str(offset))])}"


def embeds(parameters: Parameters) -> list[str]:
    """The relations to embed, in the order asked for."""
    return [value for name, value in parameters if name == "_embed"]


def _limit(parameters: Parameters) -> int:
    return min(_count(dict(parameters), "_limit", DEFAULT_LIMIT), MAX_LIMIT) or DEFAULT_LIMIT


def _count(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, str(default))
    if not text.isdecimal():
        raise Refusal(400, f"{name} must be an integer from 0")
    return int(text)


def _predicate(tables: Tables, limetype: Limetype, name: str, value: str) -> Predicate:
    bound, _, bounded = name.partition("-")
    if bounded and bound in _BOUNDS:
        return _bound(resolve(tables, limetype, bounded), value, _BOUNDS[bound])
    field = resolve(tables, limetype, name)
    if field.type in TEXT_TYPES:
        prefix = search_key(value)
        return lambda record: field.key(record).startswith(prefix)
    wanted = field.operand(_from_text(field, value))
    return lambda record: field.key(record) == wanted


_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "min": lambda value, bound: value >= bound,
    "max": lambda value, bound: value <= bound,
}


def _bound(field: Field, text: str, within: Callable[[Any, Any], bool]) -> Predicate:
    if field.type not in NUMBER_TYPES | {"date", "time"}:
        raise InvalidFilter(f"A property of type {field.type} has no range")
    bound = field.operand(_from_text(field, text))

    def holds(record: Record) -> bool:
        value = field.key(record)
        return value is not None and within(value, bound)

    return holds


def _from_text(field: Field, text: str) -> object:
    """A value of the query string as JSON would carry it."""
    if field.type == "yesno":
        return {"true": True, "false": False}.get(text.lower(), text)
    if field.type in {"date", "time", "option"}:
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidFilter(f"{text!r} is not a number") from None


def _order(field: Field) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = field.key(record)
        return value is not None, value

    return key
