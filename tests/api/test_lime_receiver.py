"""Lime's webhooks: signed in either version, stored once for each delivery id, refused otherwise."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client

from integration.api import lime_receiver
from integration.ledger import Delivery, receive
from integration.models import RefusedDelivery, WebhookEvent
from tests.lime.test_signature import v1, v2

pytestmark = pytest.mark.django_db
PATH = "/webhooks/lime/"
MIB = 1024 * 1024
BODY = json.dumps(
    {
        "event": "order.update",
        "body": {"id": 1002, "limetype": "order", "original_values": {"message": ""}, "values": {"id": 7, "message": "Hyra för mars"}},
    }
).encode()


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.LIME_WEBHOOK_SECRETS = ["new", "old"]


def tell(client: Client, body: bytes = BODY, headers: dict[str, str] | None = None, path: str = PATH, **more: str) -> Any:
    given = v2("new", body) if headers is None else headers
    return client.post(path, body, content_type="application/json", headers={**given, **more})


@pytest.mark.parametrize("path", [PATH, PATH.rstrip("/")])
def test_a_signed_delivery_is_stored_as_it_came(client, path):
    answer = tell(client, path=path)
    event = WebhookEvent.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"event_id": event.pk})
    assert bytes(event.body) == BODY
    assert (event.source, event.event_name, event.entity_id, event.delivery_id) == ("lime", "order.update", "1002", "d-1")
    assert event.status == "received"
    assert answer["X-Request-Id"]


@pytest.mark.parametrize("headers", [v1("new", BODY), v1("old", BODY), v2("new", BODY), v2("old", BODY)])
def test_both_versions_and_every_secret_of_a_rotation_are_taken(client, headers):
    assert tell(client, headers=headers).status_code == 200


def test_a_retry_however_late_is_answered_with_the_same_event_and_stored_once(client):
    long_ago = v2("new", BODY, sent="1000000000")
    first, again = tell(client, headers=long_ago), tell(client, headers=long_ago)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert WebhookEvent.objects.count() == 1


def test_another_delivery_of_the_same_body_is_another_event(client):
    ids = {tell(client, headers=v2("new", BODY, delivery=delivery)).json()["event_id"] for delivery in ("d-1", "d-2")}
    assert len(ids) == 2


def test_version_1_has_no_delivery_id_so_every_delivery_is_kept(client):
    first, again = tell(client, headers=v1("new", BODY)), tell(client, headers=v1("new", BODY))
    assert first.json() != again.json()
    assert list(WebhookEvent.objects.values_list("delivery_id", flat=True)) == ["", ""]


def test_a_delivery_id_that_no_signature_covers_is_not_believed(client):
    headers = v1("new", BODY) | {"X-Lime-Delivery-Id": "d-1"}
    assert tell(client, headers=headers).json() != tell(client, headers=headers).json()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Lime-Signature": ""},
        v1("other", BODY),
        v2("other", BODY),
        v1("new", b"tampered"),
        v2("new", b"tampered"),
        v2("new", BODY) | {"X-LIME-DELIVERY-ID": "d-2"},
        v2("new", BODY) | {"X-Lime-Delivery-Timestamp": "1772352923"},
        {"X-Lime-Signature": "md5=abc"},
    ],
)
def test_without_a_right_signature_nothing_is_stored_and_it_is_counted(client, headers):
    answer = tell(client, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert not WebhookEvent.objects.exists()
    refused = RefusedDelivery.objects.get()
    assert (refused.source, refused.reason, refused.count) == ("lime", "unauthorized", 1)


@pytest.mark.parametrize("headers", [v1("", BODY), v2("", BODY), v2("new", BODY)])
def test_without_a_secret_every_delivery_is_refused(client, settings, headers):
    settings.LIME_WEBHOOK_SECRETS = []
    assert tell(client, headers=headers).status_code == 401
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_a_mebibyte_is_the_most(client, size, status):
    start, end = b'{"event":"order.new","body":"', b'"}'
    assert tell(client, start + b"x" * (size - len(start) - len(end)) + end).status_code == status
    assert WebhookEvent.objects.count() == (status == 200)
    assert list(RefusedDelivery.objects.values_list("source", "reason")) == ([] if status == 200 else [("lime", "too_large")])


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null", b'{"event": NaN}', b'{"body":' + b"[" * 60 + b"]" * 60 + b"}"])
def test_what_is_no_reasonable_json_object_is_refused_and_counted(client, body):
    answer = tell(client, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert list(RefusedDelivery.objects.values_list("source", "reason")) == [("lime", "malformed")]
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("body", [b"{}", b'{"event": 7}', b'{"event": "a\\u0000b"}', b'{"event": "\\ud800"}', b'{"event": "", "body": []}'])
def test_an_object_without_an_event_name_is_kept_as_unrecognised(client, body):
    answer = tell(client, body)
    assert (answer.status_code, WebhookEvent.objects.get(pk=answer.json()["event_id"]).status) == (200, "unrecognised")


@pytest.mark.parametrize("lime_id", ['"1002"', "true", "null", "-1", "1.5", "99999999999999999999"])
def test_an_id_that_is_none_is_not_kept(client, lime_id):
    answer = tell(client, b'{"event": "order.update", "body": {"id": %s}}' % lime_id.encode())
    assert WebhookEvent.objects.get(pk=answer.json()["event_id"]).entity_id == ""


def test_no_signature_is_kept(client):
    tell(client, Cookie="secret")
    kept = json.dumps(WebhookEvent.objects.get().headers)
    assert "v2=" not in kept
    assert "secret" not in kept


def test_when_it_cannot_be_stored_lime_is_asked_to_try_again(client, monkeypatch):
    def fail(delivery):
        raise OperationalError("disk is full")

    monkeypatch.setattr(lime_receiver, "receive", fail)
    answer = tell(client)
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert answer["Retry-After"]
    monkeypatch.undo()
    assert tell(client).status_code == 200


def test_other_methods_are_refused(client):
    assert (client.get(PATH).status_code, client.get(PATH)["Allow"]) == (405, "POST")


def test_a_delivery_costs_few_statements(client, django_assert_max_num_queries):
    tell(client)
    with django_assert_max_num_queries(6):
        tell(client, headers=v2("new", BODY, delivery="d-2"))


def test_an_id_that_is_too_long_to_be_kept_is_not_taken_for_another(client):
    for ending in "ab":
        assert tell(client, headers=v2("new", BODY, delivery="d" * 200 + ending)).status_code == 200
    assert list(WebhookEvent.objects.values_list("delivery_id", flat=True)) == ["", ""]


def test_the_same_id_of_another_sender_is_another_delivery(client):
    tell(client)
    assert receive(Delivery(body=b"{}", event_name="E", delivery_id="d-1")) != WebhookEvent.objects.get(source="lime").pk


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_many_times_at_once_is_one_event():
    def once(_number: int) -> int:
        try:
            return receive(Delivery(body=BODY, event_name="order.update", entity_id="1002", source="lime", delivery_id="d-1"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(once, range(16)))) == 1
    assert WebhookEvent.objects.count() == 1
