"""Filter expressions of the query API: checked and compiled once, then asked of each record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from integration.sandbox.lime.moments import parse_date, parse_moment
from integration.sandbox.lime.records import Record, Tables, search_key, system_value
from integration.sandbox.lime.schema import NUMBER_TYPES, SYSTEM_TYPES, TEXT_TYPES, Limetype, Property

Predicate = Callable[[Record], bool]
Getter = Callable[[Record], Any]


class InvalidFilter(ValueError):
    """A filter, path or operand that Lime does not understand; the text says why."""


@dataclass(frozen=True)
class Field:
    """Something a path leads to: how to get its stored value from a record, and how to read an operand for it."""

    type: str
    get: Getter
    prop: Property | None = None

    def operand(self, value: object) -> Any:
        """A JSON operand as it compares with stored values. Raises InvalidFilter."""
        if self.prop is not None and (value is None or value == ""):
            return self.prop.empty
        if self.type == "option" and self.prop is not None:
            return self._option(self.prop, value)
        if self.type in TEXT_TYPES and isinstance(value, str):
            return search_key(value)
        if self.type == "yesno" and isinstance(value, bool):
            return value
        if self.type in {"date", "time"} and isinstance(value, str):
            return search_key(self._moment(value))
        if self.type in _NUMERIC and isinstance(value, int | Decimal) and not isinstance(value, bool):
            return value
        raise InvalidFilter(f"{value!r} cannot be compared with a property of type {self.type}")

    def key(self, record: Record) -> Any:
        """The stored value as it is compared."""
        return search_key(self.get(record))

    @staticmethod
    def _option(prop: Property, value: object) -> int:
        option = prop.by_name.get(value) if isinstance(value, str) else None
        if option is None:
            raise InvalidFilter(f"'{prop.name}' has no option {value!r}")
        return option.id

    def _moment(self, value: str) -> str:
        try:
            return parse_date(value) if self.type == "date" else parse_moment(value)
        except ValueError:
            raise InvalidFilter(f"{value!r} is not an ISO {self.type}") from None


_NUMERIC = NUMBER_TYPES | {"belongsto", "file", "user"}
_ORDERED = NUMBER_TYPES | TEXT_TYPES | {"date", "time", "belongsto", "user"}


def resolve(tables: Tables, limetype: Limetype, path: str) -> Field:
    """What a dotted path leads to; system properties are known with and without underscore. Raises InvalidFilter."""
    name, dot, rest = path.partition(".")
    prop = limetype.properties.get(name)
    if dot:
        return _through(tables, limetype, prop, name, rest)
    if prop is not None and prop.type != "hasmany":
        return Field(prop.type, lambda record: record.values[name], prop)
    system = name.removeprefix("_")
    if prop is None and system in SYSTEM_TYPES:
        return Field(SYSTEM_TYPES[system], lambda record: system_value(limetype, record, system))
    raise InvalidFilter(f"Limetype '{limetype.name}' has no property '{name}' to search on")


def _through(tables: Tables, limetype: Limetype, prop: Property | None, name: str, rest: str) -> Field:
    if prop is None or prop.type != "belongsto":
        raise InvalidFilter(f"Limetype '{limetype.name}' has no relation '{name}' to follow")
    related = tables[prop.related]
    far = resolve(tables, related.limetype, rest)

    def get(record: Record) -> Any:
        target = related.rows.get(record.values[name])
        return None if target is None else far.get(target)

    return Field(far.type, get, far.prop)


def compile_filter(tables: Tables, limetype: Limetype, expression: object) -> Predicate:
    """A filter expression as a question to ask of a record. Raises InvalidFilter."""
    if not isinstance(expression, dict) or "op" not in expression or "exp" not in expression:
        raise InvalidFilter("A filter is an object with op, exp and mostly key")
    operator, operand = expression["op"], expression["exp"]
    if operator in {"AND", "OR"}:
        return _junction(tables, limetype, operator, operand)
    if operator == "!":
        inner = compile_filter(tables, limetype, operand)
        return lambda record: not inner(record)
    if operator not in _COMPARISONS or not isinstance(expression.get("key"), str):
        raise InvalidFilter(f"No operator {operator!r}, or no key for it")
    return _COMPARISONS[operator](resolve(tables, limetype, expression["key"]), operand)


def _junction(tables: Tables, limetype: Limetype, operator: str, operand: object) -> Predicate:
    if not isinstance(operand, list) or not operand:
        raise InvalidFilter(f"{operator} takes a list of filters")
    parts = [compile_filter(tables, limetype, part) for part in operand]
    unite = all if operator == "AND" else any
    return lambda record: unite(part(record) for part in parts)


def _equal(field: Field, operand: object) -> Predicate:
    wanted = field.operand(operand)
    return lambda record: field.key(record) == wanted


def _unequal(field: Field, operand: object) -> Predicate:
    wanted = field.operand(operand)
    return lambda record: field.key(record) != wanted


def _one_of(field: Field, operand: object) -> Predicate:
    if not isinstance(operand, list):
        raise InvalidFilter("IN takes a list")
    wanted = {field.operand(value) for value in operand}
    return lambda record: field.key(record) in wanted


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Field, object], Predicate]:
    def comparison(field: Field, operand: object) -> Predicate:
        if field.type not in _ORDERED or operand is None:
            raise InvalidFilter(f"A property of type {field.type} has no order, or nothing to compare with")
        wanted = field.operand(operand)

        def holds(record: Record) -> bool:
            value = field.key(record)
            return value is not None and compare(value, wanted)

        return holds

    return comparison


def _text(compare: Callable[[str, str], bool]) -> Callable[[Field, object], Predicate]:
    def comparison(field: Field, operand: object) -> Predicate:
        if field.type not in TEXT_TYPES or not isinstance(operand, str):
            raise InvalidFilter("This operator is for text")
        wanted = search_key(operand)
        return lambda record: compare(field.key(record) or "", wanted)

    return comparison


_COMPARISONS: dict[str, Callable[[Field, object], Predicate]] = {
    "=": _equal,
    "!=": _unequal,
    "IN": _one_of,
    ">": _ordered(lambda value, wanted: value > wanted),
    "<": _ordered(lambda value, wanted: value < wanted),
    ">=": _ordered(lambda value, wanted: value >= wanted),
    "<=": _ordered(lambda value, wanted: value <= wanted),
    "=?": _text(str.startswith),
    "?": _text(lambda value, wanted: wanted in value),
}


def candidates(tables: Tables, limetype: Limetype, expression: object) -> set[int] | None:
    """The ids among which a checked filter's matches are, looked up in an index; None when every record must be asked."""
    if not isinstance(expression, dict):
        return None
    if expression["op"] == "AND":
        found = [ids for part in expression["exp"] if (ids := candidates(tables, limetype, part)) is not None]
        return set.intersection(*found) if found else None
    if expression["op"] not in {"=", "IN"} or "." in expression["key"]:
        return None
    wanted = expression["exp"] if expression["op"] == "IN" else [expression["exp"]]
    return _indexed(tables, limetype, expression["key"], wanted)


def _indexed(tables: Tables, limetype: Limetype, name: str, wanted: Iterable[object]) -> set[int] | None:
    field = resolve(tables, limetype, name)
    operands = [field.operand(value) for value in wanted]
    if field.prop is not None:
        return {found for operand in operands for found in tables[limetype.name].find(name, operand)}
    return set(operands) if name in {"id", "_id"} else None
