"""What is read of Lime's webhooks, and that nothing in one can do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.lime.events import read_event

UPDATE = {
    "event": "orderrow.update",
    "body": {"id": 7, "limetype": "orderrow", "original_values": {"order": 1001}, "values": {"id": 8, "order": 1002, "price": 5.0}},
}


def test_an_update_says_what_and_from_what():
    event = read_event(UPDATE)
    assert (event.name, event.limetype, event.action, event.lime_id) == ("orderrow.update", "orderrow", "update", 7)
    assert event.original_values == {"order": 1001}
    assert event.ids_of("order") == {1001, 1002}


def test_a_delete_names_only_the_object():
    event = read_event({"event": "order.delete", "body": {"id": 7, "limetype": "order"}})
    assert (event.action, event.lime_id, event.values, event.original_values) == ("delete", 7, {}, None)
    assert event.ids_of("order") == set()


@pytest.mark.parametrize("name", ["order", "", "order update", "order\u0000.update", "\ud800.update", "o" * 101, 7, None, ["order.update"]])
def test_a_name_of_another_form_says_nothing_of_an_object(name):
    event = read_event({"event": name, "body": {"id": 7}})
    assert (event.limetype, event.action) == ("", "")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.sampled_from(["id", "order"]), scalars)
named = st.dictionaries(st.sampled_from(["event", "body", "id", "values", "original_values"]), anything)


@given(named, named)
def test_whatever_json_holds_is_read(data, body):
    event = read_event({**data, "body": body})
    assert event.lime_id is None or 0 < event.lime_id < 2**63
    assert isinstance(event.ids_of("order"), set)
