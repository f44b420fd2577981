"""The journal: numbers, kinds, bodies, and what is forgotten."""

from typing import Any

import pytest

from integration.sandbox.journal import Journal


def _call(journal: Journal, **more: Any) -> None:
    call = {"method": "GET", "path": "/v1", "query": "", "operation": "", "body": b""}
    journal.begin_call(**{**call, **more})


def test_entries_are_numbered_over_all_kinds() -> None:
    journal = Journal()
    _call(journal)
    journal.effect("debtor.created", debtor="1")
    journal.webhook(event="DebtorCreated", attempt=1, status=200)
    assert [(entry["seq"], entry["kind"]) for entry in journal.entries()] == [(1, "call"), (2, "effect"), (3, "webhook")]
    assert [entry["seq"] for entry in journal.entries(since=1)] == [2, 3]
    assert [entry["debtor"] for entry in journal.entries(kind="effect")] == ["1"]
    assert [entry["seq"] for entry in journal.entries(latest=2)] == [2, 3]


@pytest.mark.parametrize(("body", "shown"), [(b"", None), (b'{"A": 1.5}', {"A": 1.5}), (b"[1]", [1]), (b"A=1", "A=1"), (b"\xff", "\ufffd")])
def test_a_body_is_shown_as_what_it_is(body: bytes, shown: object) -> None:
    journal = Journal()
    _call(journal, body=body)
    assert journal.entries()[0]["body"] == shown


def test_a_repeated_query_name_keeps_its_values() -> None:
    journal = Journal()
    _call(journal, query="a=1&b=&a=2")
    assert journal.entries()[0]["query"] == {"a": ["1", "2"], "b": ""}


def test_a_call_shows_its_answer_once_it_has_one() -> None:
    journal = Journal()
    call = journal.begin_call(method="GET", path="/", query="", operation="x", body=b"")
    assert journal.entries()[0]["status"] is None
    call.status = 200
    assert journal.entries()[0]["status"] == 200


def test_times_are_utc() -> None:
    journal = Journal()
    _call(journal)
    assert journal.entries()[0]["at"].endswith("+00:00")


def test_the_oldest_fall_away_and_clearing_keeps_the_numbering() -> None:
    journal = Journal(limit=2)
    for _ in range(3):
        _call(journal)
    assert [entry["seq"] for entry in journal.entries()] == [2, 3]
    journal.clear()
    _call(journal)
    assert [entry["seq"] for entry in journal.entries()] == [4]
