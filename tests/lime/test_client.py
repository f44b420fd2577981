"""What the client sends for each call, and what it makes of Lime's answers."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integration import errors
from integration.http import Exchange
from integration.lime.client import LimeClient
from integration.lime.query import Query, eq, in_
from integration.lime.solution import LimeFile, Subscription
from tests.http.server import Received, Reply, answer, reset, scripted


def made(use: Callable[[LimeClient], object], *replies: Reply, **options: Any) -> tuple[Any, list[Received]]:
    """What a use of the client returns, and the requests that it made."""
    with scripted(*replies) as server:
        client = LimeClient(f"{server.url}/Lime CRM", "key", **options)
        try:
            return use(client), server.requests
        finally:
            client.close()


def lines(requests: list[Received]) -> list[str]:
    return [f"{request.method} {request.target}" for request in requests]


def page(*ids: int, following: str | None = None) -> Reply:
    links = {"next": {"href": following}} if following else {}
    return answer(200, {"_links": links, "_embedded": {"limeobjects": [{"_id": lime_id} for lime_id in ids]}})


def found(*objects: object) -> Reply:
    return answer(200, {"objects": list(objects)})


def asked(request: Received) -> dict[str, Any]:
    """The query in a request's `q`."""
    query: dict[str, Any] = json.loads(parse_qs(urlsplit(request.target).query)["q"][0])
    return query


def test_an_object_is_read_with_key_and_encoded_database():
    result, (request,) = made(lambda client: client.get_object("order", 1001), answer(200, {"_id": 1001, "name": "x"}))
    assert result == {"_id": 1001, "name": "x"}
    assert lines([request]) == ["GET /Lime%20CRM/api/v1/limeobject/order/1001/"]
    assert request.headers["x-api-key"] == "key"
    assert request.headers["accept"].startswith("application/hal+json")


def test_a_create_returns_what_lime_stored():
    result, (request,) = made(
        lambda client: client.create_object("payment", {"amount": Decimal("12.50")}), answer(201, {"_id": 1, "amount": 12.5})
    )
    assert result["_id"] == 1
    assert request.body == b'{"amount": 12.5}'
    assert lines([request]) == ["POST /Lime%20CRM/api/v1/limeobject/payment/"]


@pytest.mark.parametrize("reply", [answer(201, {}), answer(201), answer(500), reset], ids=["no-id", "empty", "500", "reset"])
def test_a_create_without_an_object_is_unknown_but_an_update_may_be_repeated(reply: Reply):
    with pytest.raises(errors.OutcomeUnknown):
        made(lambda client: client.create_object("payment", {}), reply)
    with pytest.raises(errors.RemoteUnavailable):
        made(lambda client: client.update_object("payment", 1, {}), reply)


def test_an_update_sends_only_what_is_given():
    _, (request,) = made(lambda client: client.update_object("order", 7, {"billectastatus": "sent"}), answer(200, {"_id": 7}))
    assert (lines([request]), request.json) == (["PUT /Lime%20CRM/api/v1/limeobject/order/7/"], {"billectastatus": "sent"})


@pytest.mark.parametrize("status", [200, 204])
def test_a_delete_may_answer_nothing(status: int):
    result, requests = made(lambda client: client.delete_object("order", 7), answer(status))
    assert result is None
    assert lines(requests) == ["DELETE /Lime%20CRM/api/v1/limeobject/order/7/"]


def test_a_missing_object_is_named():
    with pytest.raises(errors.RemoteNotFound) as raised:
        made(lambda client: client.get_object("order", 7), answer(404, {"message": "Object not found"}))
    assert raised.value.params == {"system": "Lime", "what": "order 7"}


@pytest.mark.parametrize(
    ("body", "detail"), [({"message": "m", "error": "e"}, "m"), ({"error": "e"}, "e"), ({"detail": "d"}, "d"), ("plain", "plain")]
)
def test_a_refusal_is_told_in_limes_words(body: object, detail: str):
    with pytest.raises(errors.RemoteRejected) as raised:
        made(lambda client: client.update_object("order", 7, {}), answer(400, body))
    assert raised.value.params["detail"] == detail


def test_all_pages_of_a_relation_each_object_once():
    elsewhere = "https://elsewhere.example/limeobject/order/1/orderrow/?_offset=2"
    result, requests = made(
        lambda client: client.related("order", 1, "orderrow"), page(1, 2, following=elsewhere), page(2, 3, following="?x=1"), page(4)
    )
    assert [item["_id"] for item in result] == [1, 2, 3, 4]
    offsets = [parse_qs(urlsplit(request.target).query) for request in requests]
    assert offsets == [{"_limit": ["50"], "_offset": [str(offset)]} for offset in (0, 2, 4)]


def test_an_empty_relation_may_lack_its_list():
    assert made(lambda client: client.related("order", 1, "orderrow"), answer(200, {"_links": {}}))[0] == []


def test_a_next_link_that_never_ends_on_empty_pages_ends():
    result, requests = made(lambda client: client.related("order", 1, "x"), page(1, following="?_offset=0"), page(following="?_offset=0"))
    assert [item["_id"] for item in result] == [1]
    assert len(requests) == 2


def test_a_query_asks_for_ids_too():
    result, (request,) = made(
        lambda client: client.query(Query("order", ["name"], eq("name", "Ek"), limit=1)), found({"_id": 1, "name": "Ek"})
    )
    assert result == [{"_id": 1, "name": "Ek"}]
    assert asked(request) == {
        "limetype": "order",
        "responseFormat": {"object": {"_id": None, "name": None}},
        "filter": {"key": "name", "op": "=", "exp": "Ek"},
        "limit": 1,
    }


def test_a_long_list_of_ids_becomes_several_queries():
    result, requests = made(
        lambda client: client.query(Query("order", ["_id"], in_("_id", range(1, 251)))), found({"_id": 1}), found({"_id": 101}), found()
    )
    assert [item["_id"] for item in result] == [1, 101]
    assert [len(asked(request)["filter"]["exp"]) for request in requests] == [100, 100, 50]


def test_all_pages_of_a_query_until_a_short_one():
    first, second = [{"_id": number} for number in range(200)], [{"_id": number} for number in range(199, 250)]
    result, requests = made(lambda client: list(client.query_all(Query("order", {"name": None}))), found(*first), found(*second))
    assert [item["_id"] for item in result] == list(range(250))
    queries = [asked(request) for request in requests]
    assert [(query["orderBy"], query["limit"], query.get("offset", 0)) for query in queries] == [
        ([{"_id": "ASC"}], 200, 0),
        ([{"_id": "ASC"}], 200, 200),
    ]
    assert queries[0]["responseFormat"]["object"] == {"name": None, "_id": None}


@pytest.mark.parametrize("body", [[], {}, {"objects": {}}, {"objects": [{"name": "no id"}]}])
def test_a_query_that_cannot_be_read_is_tried_again_later(body: object):
    with pytest.raises(errors.RemoteUnavailable, match="unreadable answer"):
        made(lambda client: client.query(Query("order", ["_id"])), answer(200, body))


def test_a_prefix_is_not_an_equal():
    objects = [{"_id": 1, "invoicenumber": "1004"}, {"_id": 2, "invoicenumber": "10040"}, {"_id": 3, "invoicenumber": None}]
    result, _ = made(lambda client: client.find_exact("invoice", "invoicenumber", "1004"), found(*objects))
    assert [item["_id"] for item in result] == [1]


def test_ids_are_the_same_in_any_letter_case():
    result, _ = made(
        lambda client: client.find_one("invoice", "billectaid", "3f0c5a52-aa"), found({"_id": 1, "billectaid": "3F0C5A52-AA "})
    )
    assert result["_id"] == 1


def test_several_equals_are_ambiguous():
    with pytest.raises(errors.AmbiguousMatch) as raised:
        made(
            lambda client: client.find_one("invoice", "billectaid", "a"),
            found({"_id": 1, "billectaid": "a"}, {"_id": 2, "billectaid": "A"}),
        )
    assert raised.value.params == {"system": "Lime", "what": "invoice.billectaid = a", "ids": "1, 2"}


def test_a_queries_record_masks_the_values_it_looks_for():
    exchanges: list[Exchange] = []
    made(lambda client: client.find_one("debtor", "ssnregno", "191212121212"), found(), on_exchange=exchanges.append)
    assert "191212121212" not in repr(exchanges)
    assert "19121212-••••" in exchanges[0].path


@pytest.mark.parametrize(("status", "shown"), [(401, 401), (403, 403), (404, 404)])
def test_a_masked_refusal_of_the_key_is_seen_by_the_connection_test(status: int, shown: int):
    with pytest.raises(errors.CredentialsRefused) as raised:
        made(lambda client: client.check_connection(), answer(status))
    assert raised.value.params["status"] == shown


def test_a_good_connection():
    assert lines(made(lambda client: client.check_connection(), answer(200, {}))[1]) == ["GET /Lime%20CRM/api/v1/"]


def test_metadata_is_asked_for_with_its_properties():
    def use(client: LimeClient) -> None:
        client.limetypes()
        client.limetype("order")
        client.limetype_property("order", "status")

    _, requests = made(use, answer(200, {"name": "order", "_embedded": {}}))
    assert lines(requests) == [
        "GET /Lime%20CRM/api/v1/limetype/?_embed=limetypes.properties",
        "GET /Lime%20CRM/api/v1/limetype/order/?_embed=properties",
        "GET /Lime%20CRM/api/v1/limetype/order/status/",
    ]


def test_a_file_is_uploaded_as_it_is():
    stored = {"id": 5001, "filename": "faktura å.pdf", "content_type": "application/pdf", "size": 4}
    result, (request,) = made(lambda client: client.upload_file("faktura å.pdf", b"%PDF", "application/pdf"), answer(201, stored))
    assert result == LimeFile(5001, "faktura å.pdf", "application/pdf", 4)
    assert request.body == b"%PDF"
    assert request.headers["content-type"] == "application/pdf"
    assert request.headers["content-disposition"] == ";filename*=\"UTF-8''faktura%20%C3%A5.pdf\""


def test_a_file_is_downloaded():
    result, requests = made(lambda client: client.download_file(5001), answer(200, b"%PDF", content_type="application/pdf"))
    assert result == b"%PDF"
    assert lines(requests) == ["GET /Lime%20CRM/api/v1/file/5001/contents/"]


SHOWN = {"id": 7, "name": "portal", "enabled": True, "events": ["order.update"], "target_url": "https://portal.example/webhooks/lime/"}


@pytest.mark.parametrize(("replies", "version"), [([answer(200, [SHOWN])], 2), ([answer(404), answer(200, [SHOWN])], 1)])
def test_subscriptions_of_either_version(replies: list[Reply], version: int):
    result, requests = made(lambda client: client.subscriptions(), *replies)
    assert result == [Subscription("7", "portal", True, ("order.update",), "https://portal.example/webhooks/lime/", version)]
    assert lines(requests)[-1] == f"GET /Lime%20CRM/api/v{version}/subscription/"


def test_subscriptions_that_are_hidden_are_a_matter_of_rights():
    with pytest.raises(errors.CredentialsRefused):
        made(lambda client: client.subscriptions(), answer(404))


def test_a_subscription_is_made_and_ended_in_its_own_version():
    def use(client: LimeClient) -> None:
        created = client.create_subscription(["order.update"], "https://portal.example/webhooks/lime/", name="portal", secret="hemlig")
        client.delete_subscription(created)

    _, requests = made(use, answer(404), answer(201, SHOWN), answer(204))
    assert lines(requests) == [
        "POST /Lime%20CRM/api/v2/subscription/",
        "POST /Lime%20CRM/api/v1/subscription/",
        "DELETE /Lime%20CRM/api/v1/subscription/7/",
    ]
    assert requests[1].json["secret"] == "hemlig"
