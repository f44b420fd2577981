"""Lime's query language: filters built of typed parts, and queries cut so that each fits a URL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

Expression = dict[str, Any]
"""A filter as Lime's own clients write it: `{"key", "op", "exp"}`, or `{"op", "exp"}` for AND, OR and !."""

Scalar = str | int | Decimal | bool | date | None

MAX_IN = 100
MAX_QUERY_CHARACTERS = 6_000
"""Of the encoded `q`; servers commonly refuse a URL of 8,192."""

ASCENDING, DESCENDING = "ASC", "DESC"

JUNCTIONS, NOT, IN = frozenset({"AND", "OR"}), "!", "IN"
COMPARISONS = frozenset({"=", "!=", ">", ">=", "<", "<=", "=?", "?", IN})
"""All operators: those that take filters, and those that compare the property `key` with `exp`."""


def eq(key: str, value: Scalar) -> Expression:
    """Equal. `key` is a property or a path of them with dots."""
    return _comparison(key, "=", value)


def ne(key: str, value: Scalar) -> Expression:
    """Not equal."""
    return _comparison(key, "!=", value)


def gt(key: str, value: Scalar) -> Expression:
    """Greater than."""
    return _comparison(key, ">", value)


def ge(key: str, value: Scalar) -> Expression:
    """Greater than or equal."""
    return _comparison(key, ">=", value)


def lt(key: str, value: Scalar) -> Expression:
    """Less than."""
    return _comparison(key, "<", value)


def le(key: str, value: Scalar) -> Expression:
    """Less than or equal."""
    return _comparison(key, "<=", value)


def begins(key: str, text: str) -> Expression:
    """Begins with."""
    return _comparison(key, "=?", text)


def contains(key: str, text: str) -> Expression:
    """Contains."""
    return _comparison(key, "?", text)


def in_(key: str, values: Iterable[Scalar]) -> Expression:
    """One of the values, each once. Of any length: `Query.parts` cuts it."""
    return {"key": key, "op": "IN", "exp": list(dict.fromkeys(_scalar(value) for value in values))}


def and_(*expressions: Expression | None) -> Expression | None:
    """All of them; None among them means "everything" and is left out, and nothing left is None."""
    kept = [expression for expression in expressions if expression]
    return kept[0] if len(kept) == 1 else {"op": "AND", "exp": kept} if kept else None


def or_(*expressions: Expression) -> Expression:
    """At least one of them."""
    return expressions[0] if len(expressions) == 1 else {"op": "OR", "exp": list(expressions)}


def not_(expression: Expression) -> Expression:
    """Not."""
    return {"op": "!", "exp": expression}


@dataclass(frozen=True)
class Query:
    """One query.

    Args:
        limetype: what is asked for.
        fields: property names, or a mapping whose nested mappings select properties of related objects. hasmany relations
            cannot be selected.
        filter: an expression, Lime's own too; None is everything.
        order_by: pairs of property and `ASC` or `DESC`.
        limit, offset: the page; no limit is the server's own.
    """

    limetype: str
    fields: Sequence[str] | Mapping[str, Any]
    filter: Expression | None = None
    order_by: Sequence[tuple[str, str]] = field(default=())
    limit: int | None = None
    offset: int = 0

    def to_wire(self) -> dict[str, Any]:
        """The query as JSON data."""
        wire: dict[str, Any] = {"limetype": self.limetype, "responseFormat": {"object": _response_format(self.fields)}}
        if self.filter:
            wire["filter"] = self.filter
        if self.order_by:
            wire["orderBy"] = [{key: direction} for key, direction in self.order_by]
        if self.limit is not None:
            wire["limit"] = self.limit
        if self.offset:
            wire["offset"] = self.offset
        return wire

    @property
    def text(self) -> str:
        """The `q` parameter, not yet encoded."""
        return json.dumps(self.to_wire(), ensure_ascii=False, separators=(",", ":"))

    def parts(self) -> list[Query]:
        """Queries that together find the same objects, each with at most 100 values after IN and short enough for a URL.

        Only an IN that everything else is ANDed with can be cut. Raises ValueError when the query stays too long. A query
        with limit or offset has a page of its own and is not cut.
        """
        if self.limit is None and not self.offset:
            longest = max(_cuttable(self.filter), key=len, default=[])
            if len(longest) > MAX_IN or (len(longest) > 1 and not self._fits()):
                size = MAX_IN if len(longest) > MAX_IN else (len(longest) + 1) // 2
                chunks = [longest[start : start + size] for start in range(0, len(longest), size)]
                halves = [replace(self, filter=_with_values(self.filter, longest, chunk)) for chunk in chunks]
                return [part for half in halves for part in half.parts()]
        if not self._fits():
            raise ValueError("the query is too long for a URL and cannot be cut")
        return [self]

    def _fits(self) -> bool:
        return len(quote(self.text, safe="")) <= MAX_QUERY_CHARACTERS


def _comparison(key: str, operator: str, value: Scalar) -> Expression:
    return {"key": key, "op": operator, "exp": _scalar(value)}


def _scalar(value: Scalar) -> str | int | float | bool | None:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a moment without offset has no meaning in a filter")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _response_format(fields: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(fields, Mapping):
        return {name: None if nested is None else _response_format(nested) for name, nested in fields.items()}
    return dict.fromkeys(fields)


def _cuttable(expression: Expression | None) -> list[list[Any]]:
    """The value lists of the INs that the whole filter depends on."""
    if not expression:
        return []
    if expression.get("op") == "IN" and isinstance(expression.get("exp"), list):
        return [expression["exp"]]
    if expression.get("op") == "AND":
        return [values for part in expression["exp"] for values in _cuttable(part)]
    return []


def _with_values(expression: Expression | None, old: list[Any], new: list[Any]) -> Expression | None:
    if expression is None:
        return None
    if expression.get("exp") is old:
        return {**expression, "exp": new}
    if expression.get("op") == "AND":
        return {**expression, "exp": [_with_values(part, old, new) for part in expression["exp"]]}
    return expression
