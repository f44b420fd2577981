"""Filters as Lime writes them, and queries that always fit a URL."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.lime.query import (
    DESCENDING,
    MAX_IN,
    MAX_QUERY_CHARACTERS,
    Query,
    and_,
    begins,
    contains,
    eq,
    ge,
    gt,
    in_,
    le,
    lt,
    ne,
    not_,
    or_,
)


def values_after_in(expression: Any) -> list[Any]:
    if expression["op"] == "IN":
        return list(expression["exp"])
    return (
        [value for part in expression["exp"] if isinstance(part, dict) for value in values_after_in(part)]
        if expression["op"] == "AND"
        else []
    )


@pytest.mark.parametrize(
    ("expression", "wire"),
    [
        (eq("name", "Ek"), {"key": "name", "op": "=", "exp": "Ek"}),
        (ne("debtor.city", None), {"key": "debtor.city", "op": "!=", "exp": None}),
        (gt("amount", Decimal("10.50")), {"key": "amount", "op": ">", "exp": 10.5}),
        (ge("duedate", date(2026, 3, 31)), {"key": "duedate", "op": ">=", "exp": "2026-03-31"}),
        (lt("_timestamp", datetime(2026, 3, 1, tzinfo=UTC)), {"key": "_timestamp", "op": "<", "exp": "2026-03-01T00:00:00+00:00"}),
        (le("amount", Decimal("10.00")), {"key": "amount", "op": "<=", "exp": 10}),
        (begins("name", "E"), {"key": "name", "op": "=?", "exp": "E"}),
        (contains("name", "k"), {"key": "name", "op": "?", "exp": "k"}),
        (in_("_id", [3, 1, 3]), {"key": "_id", "op": "IN", "exp": [3, 1]}),
        (not_(eq("a", 1)), {"op": "!", "exp": {"key": "a", "op": "=", "exp": 1}}),
        (or_(eq("a", 1)), {"key": "a", "op": "=", "exp": 1}),
        (and_(None, eq("a", 1)), {"key": "a", "op": "=", "exp": 1}),
        (and_(), None),
        (and_(eq("a", 1), eq("b", 2)), {"op": "AND", "exp": [{"key": "a", "op": "=", "exp": 1}, {"key": "b", "op": "=", "exp": 2}]}),
    ],
)
def test_expressions_are_limes_own(expression: object, wire: object):
    assert expression == wire


def test_a_moment_needs_an_offset():
    with pytest.raises(ValueError, match="offset"):
        eq("_timestamp", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_whole_query():
    query = Query("invoice", {"_id": None, "debtor": {"name": None}}, eq("a", 1), [("_id", DESCENDING)], limit=50, offset=100)
    assert query.to_wire() == {
        "limetype": "invoice",
        "responseFormat": {"object": {"_id": None, "debtor": {"name": None}}},
        "filter": {"key": "a", "op": "=", "exp": 1},
        "orderBy": [{"_id": "DESC"}],
        "limit": 50,
        "offset": 100,
    }
    assert Query("invoice", ["_id"]).to_wire() == {"limetype": "invoice", "responseFormat": {"object": {"_id": None}}}


@given(st.lists(st.text(max_size=40), max_size=450, unique=True), st.booleans())
def test_parts_are_short_and_lose_nothing(values: list[str], nested: bool):
    expression = in_("billectaid", values)
    whole = and_(eq("creditor", 1), and_(expression, ne("x", 2))) if nested else expression
    parts = Query("invoice", ["_id"], whole).parts()
    assert [value for part in parts for value in values_after_in(part.filter)] == values
    for part in parts:
        assert len(values_after_in(part.filter)) <= MAX_IN
        assert len(quote(part.text, safe="")) <= MAX_QUERY_CHARACTERS


def test_two_long_lists_are_crossed():
    parts = Query("invoice", ["_id"], and_(in_("a", range(150)), in_("b", range(120)))).parts()
    pairs = []
    for part in parts:
        assert part.filter is not None
        first, second = part.filter["exp"]
        pairs += [(a, b) for a in first["exp"] for b in second["exp"]]
    assert sorted(pairs) == [(a, b) for a in range(150) for b in range(120)]


def test_a_filter_of_limes_web_client_passes_untouched():
    selection = {"key": "id", "op": "IN", "exp": [1, 2]}
    (part,) = Query("article", ["_id"], selection).parts()
    assert part.filter == selection


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="too long"):
        Query("invoice", ["_id"], eq("name", "x" * 7000)).parts()
    with pytest.raises(ValueError, match="too long"):
        Query("invoice", ["_id"], in_("name", ["å" * 900, "ä" * 900]), limit=10).parts()
