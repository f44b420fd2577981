"""Faults of the connection and the server strike Lime's API as well."""

import pytest
import requests


def strike(lime, kind, **rule):
    lime.control("POST", "faults", {"kind": kind, "times": 1, **rule}, 201)


@pytest.mark.parametrize("kind", ["timeout_after_write", "reset_after_write"])
def test_an_object_is_saved_though_no_answer_comes(lime, kind):
    strike(lime, kind, method="POST", seconds=0)
    with pytest.raises(requests.ConnectionError):
        lime.create("debtor", name="Anna")
    assert [row["name"] for row in lime.listed("limeobject/debtor/")] == ["Anna"]


@pytest.mark.parametrize("kind", ["timeout_before_write", "reset"])
def test_nothing_is_saved_when_the_connection_drops_first(lime, kind):
    strike(lime, kind, operation="create_object", seconds=0)
    with pytest.raises(requests.ConnectionError):
        lime.create("debtor", name="Anna")
    assert lime.listed("limeobject/debtor/") == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_the_server_fails_in_limes_own_shape(lime, status):
    strike(lime, "status", status=status)
    answer = lime.call("GET", "limetype/")
    assert answer.status_code == status
    assert set(answer.json()) == {"message"}
    assert lime.call("GET", "limetype/").status_code == 200


def test_a_proxy_answers_with_a_page_or_half_a_document(lime):
    strike(lime, "html")
    assert lime.call("GET", "limetype/").headers["Content-Type"].startswith("text/html")
    strike(lime, "invalid_json")
    with pytest.raises(requests.JSONDecodeError):
        lime.call("GET", "limetype/").json()


def test_a_fault_is_aimed_by_operation(lime):
    strike(lime, "rate_limit", operation="query", seconds=7)
    assert lime.call("GET", "limetype/").status_code == 200
    answer = lime.query_answer("debtor", {"_id": None})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    [struck] = [call for call in lime.sandbox.journal.entries(kind="call") if call["fault"]]
    assert (struck["operation"], struck["status"], struck["query"]["q"][0]) == ("query", 429, "{")
