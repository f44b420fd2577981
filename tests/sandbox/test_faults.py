"""Faults as a caller meets them, with what they did or did not do on the other side."""

import time
from typing import Any

import pytest
import requests

from integration.sandbox.faults import KINDS, WEBHOOK_KINDS, FaultBook
from tests.sandbox.billecta.api import Api


def _add(api: Api, kind: str, **more: Any) -> None:
    api.sandbox.control("POST", "faults", {"kind": kind, "operation": "create_creditor", "times": 1, **more})


def _create(api: Api, timeout: float = 60) -> requests.Response:
    return api.session.post(f"{api.sandbox.url}/v1/creditors/creditor", json={"Name": "Ny"}, timeout=timeout)


def _happened(api: Api) -> bool:
    return len(api.ok("list_creditors")) == 2


def _call(api: Api) -> dict[str, Any]:
    return next(entry for entry in api.sandbox.journal("call") if entry["operation"] == "create_creditor")


ANSWERED: list[tuple[str, dict[str, Any], int, bool]] = [
    ("rate_limit", {"seconds": 7}, 429, False),
    ("rate_limit_no_retry_after", {}, 429, False),
    ("status", {}, 500, False),
    ("status", {"status": 502}, 502, False),
    ("status", {"status": 503, "perform": True}, 503, True),
    ("html", {}, 503, False),
    ("html", {"status": 200, "perform": True}, 200, True),
    ("invalid_json", {}, 200, True),
    ("invalid_json", {"perform": False}, 200, False),
    ("latency", {"seconds": 0.1}, 200, True),
]


@pytest.mark.parametrize(("kind", "more", "status", "happens"), ANSWERED)
def test_an_answered_fault(api: Api, kind: str, more: dict[str, Any], status: int, happens: bool) -> None:
    _add(api, kind, **more)
    started = time.monotonic()
    answer = _create(api)
    assert answer.status_code == status
    assert time.monotonic() - started >= (0.1 if kind == "latency" else 0)
    assert _happened(api) is happens
    assert (_call(api)["fault"], _call(api)["status"]) == (kind, status)
    assert _create(api).status_code == 200, "once only"


def test_retry_after_is_there_or_not(api: Api) -> None:
    _add(api, "rate_limit", seconds=7)
    assert _create(api).headers["Retry-After"] == "7"
    _add(api, "rate_limit_no_retry_after")
    assert "Retry-After" not in _create(api).headers


def test_garbled_answers_cannot_be_read(api: Api) -> None:
    for kind in ("invalid_json", "html"):
        _add(api, kind)
        with pytest.raises(requests.JSONDecodeError):
            _create(api).json()


DROPPED: list[tuple[str, dict[str, Any], bool]] = [
    ("reset", {}, False),
    ("reset_after_write", {}, True),
    ("timeout_before_write", {"seconds": 0.05}, False),
    ("timeout_after_write", {"seconds": 0.05}, True),
]


@pytest.mark.parametrize(("kind", "more", "happens"), DROPPED)
def test_a_dropped_connection(api: Api, kind: str, more: dict[str, Any], happens: bool) -> None:
    _add(api, kind, **more)
    with pytest.raises(requests.ConnectionError):
        _create(api)
    assert _happened(api) is happens
    assert (_call(api)["fault"], _call(api)["status"]) == (kind, None)


@pytest.mark.parametrize(("kind", "happens"), [("timeout_before_write", False), ("timeout_after_write", True)])
def test_a_held_answer_runs_into_the_callers_timeout(api: Api, kind: str, happens: bool) -> None:
    _add(api, kind)
    with pytest.raises(requests.ReadTimeout):
        _create(api, timeout=0.5)
    until = time.monotonic() + 60
    while not api.sandbox.control("GET", "faults")[0]["hits"]:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert _happened(api) is happens


def test_every_kind_of_call_fault_is_tried() -> None:
    assert {kind for kind, *_ in ANSWERED} | {kind for kind, *_ in DROPPED} == KINDS - WEBHOOK_KINDS


def _strikes(rule: dict[str, Any], *calls: tuple[str, str, str]) -> list[bool]:
    book = FaultBook()
    book.add(rule)
    return [book.for_call(*call) is not None for call in calls]


GET, PUT = ("GET", "/v1/debtors/debtor/1", "get_debtor"), ("PUT", "/v1/debtors/debtor", "update_debtor")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [True, True, True]),
        ({"method": "put"}, [False, True, False]),
        ({"path": "^/v1/debtors/debtor$"}, [False, True, False]),
        ({"operation": "get_debtor"}, [True, False, True]),
        ({"times": 2}, [True, True, False]),
        ({"after": 1}, [False, True, True]),
        ({"after": 1, "times": 1}, [False, True, False]),
        ({"probability": 0.0}, [False, False, False]),
        ({"probability": 1.0}, [True, True, True]),
    ],
)
def test_conditions(rule: dict[str, Any], expected: list[bool]) -> None:
    assert _strikes({"kind": "reset", **rule}, GET, PUT, GET) == expected


def test_chance_is_repeatable_with_a_seed() -> None:
    rule = {"kind": "reset", "probability": 0.5, "seed": 7}
    first = _strikes(rule, *[GET] * 200)
    assert first == _strikes(rule, *[GET] * 200)
    assert 60 < sum(first) < 140


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "flood"},
        {"kind": "reset", "times": "2"},
        {"kind": "reset", "times": True},
        {"kind": "reset", "nothing": 1},
        {"kind": "reset", "path": "("},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(api: Api, rule: dict[str, Any]) -> None:
    assert api.session.post(f"{api.sandbox.url}/_sandbox/faults", json=rule).status_code == 400


def test_rules_are_listed_and_removed(api: Api) -> None:
    for kind in ("reset", "html"):
        api.sandbox.control("POST", "faults", {"kind": kind, "operation": "nothing"})
    first, second = api.sandbox.control("GET", "faults")
    assert (first["kind"], second["kind"], second["hits"]) == ("reset", "html", 0)
    api.sandbox.control("DELETE", f"faults?id={first['id']}")
    assert [rule["kind"] for rule in api.sandbox.control("GET", "faults")] == ["html"]
    api.sandbox.control("DELETE", "faults")
    assert api.sandbox.control("GET", "faults") == []
