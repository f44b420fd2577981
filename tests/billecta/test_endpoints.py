"""The table of calls is complete, honest about what is assumed, and every method of the client is a row of it."""

import inspect

from integration.billecta.calls import BillectaCalls
from integration.billecta.client import BillectaClient
from integration.billecta.endpoints import endpoints, known_endpoints
from integration.http import Effect

NOT_CALLED = {
    "authenticate",
    "list_creditor_subs",
    "delete_creditor",
    "debtor_events",
    "cancel_autogiro",
    "get_file_object",
    "outgoing_payments",
    "create_debt_collection",
    "list_accounting_exports",
    "create_accounting_export",
}
"""Rows that the sandbox answers and the portal has no use for."""


def methods() -> set[str]:
    own = {name for name, _ in inspect.getmembers(BillectaClient, inspect.isfunction) if not name.startswith("_")}
    return own - {name for name, _ in inspect.getmembers(BillectaCalls, inspect.isfunction)}


def test_each_method_is_a_row_and_each_row_a_method():
    assert methods() == set(known_endpoints()) - NOT_CALLED


def test_each_row_says_where_it_comes_from():
    for endpoint in known_endpoints().values():
        assert endpoint.basis in {"documented", "assumed"}
        assert endpoint.source
        assert endpoint.path.startswith("/v1/")


def test_what_must_not_be_repeated_is_marked_so():
    writes = {name for name, endpoint in known_endpoints().items() if endpoint.effect is Effect.WRITE} - NOT_CALLED
    assert writes == {
        "create_creditor",
        "create_debtor",
        "create_product",
        "create_invoice",
        "attest_invoice",
        "credit",
        "register_payment",
        "match_payments",
        "remind",
        "resend",
        "comment",
        "debt_collection_from_invoice",
        "swish_create",
    }


def test_only_gets_are_read_twice():
    for endpoint in known_endpoints().values():
        assert (endpoint.effect is Effect.READ) == (endpoint.method == "GET")


def test_ids_are_quoted():
    assert known_endpoints()["get_invoice"].format({"action": "75/../1 å"}) == "/v1/invoice/action/75%2F..%2F1%20%C3%A5"


def test_an_override_replaces_one_path_and_is_marked():
    table = endpoints({"credit": "PUT /v1/invoice/credit/{action}"})
    assert table["credit"].format({"action": "7"}) == "/v1/invoice/credit/7"
    assert (table["credit"].method, table["credit"].basis) == ("PUT", "configured")
    assert table["pause"] == known_endpoints()["pause"]
