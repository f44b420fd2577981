"""The receiver: the contract's table, in its order."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from integration.api import incoming, receiver
from integration.api.keys import make
from integration.models import RefusedDelivery, WebhookEvent
from tests.api.conftest import FIXTURES

pytestmark = pytest.mark.django_db
PATH = "/limepkg-billecta-integration/billecta-webhook-receiver"
MIB = 1024 * 1024


@pytest.fixture
def key() -> str:
    return make("Billecta", ["billecta-webhook"])[1]


def payload(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def tell(client: Client, body: bytes, key: str = "", path: str = PATH, content_type: str = "application/json", **headers):
    return client.post(path, body, content_type=content_type, headers={"x-api-key": key, **headers} if key else headers)


def nested(depth: int) -> bytes:
    return b'{"Event":"E","Data":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
def test_a_delivery_is_stored_as_it_came(client, key, path):
    body = payload("InvoicePaymentReceived__bare_id")
    answer = tell(client, body, key, path)
    event = WebhookEvent.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"event_id": event.pk})
    assert bytes(event.body) == body
    assert (event.event_name, event.entity_id, event.creditor_id, event.status) == (
        "InvoicePaymentReceived",
        "A-1001",
        "cred-1",
        "received",
    )
    assert answer["X-Request-Id"]


def test_the_key_may_be_raw_in_authorization_and_the_content_type_anything(client, key):
    answer = tell(client, payload("InvoiceActionAttested__object"), content_type="text/plain", Authorization=key)
    assert answer.status_code == 200
    assert WebhookEvent.objects.get().event_name == "InvoiceActionAttested"


def test_repeats_and_unknown_events_are_kept_too(client, key):
    for _time in range(2):
        tell(client, payload("InvoicePaymentReceived__bare_id"), key)
    tell(client, b'{"Event": "NeverHeardOf"}', key)
    assert WebhookEvent.objects.count() == 3


def test_an_object_without_an_event_name_is_kept_as_unrecognised(client, key):
    answer = tell(client, payload("Unnamed__no_event_name"), key)
    assert answer.status_code == 200
    assert WebhookEvent.objects.get(pk=answer.json()["event_id"]).status == "unrecognised"


@pytest.mark.parametrize("body", [b'{"Event": "A\\u0000B"}', b'{"Event": "\\ud800"}', b'{"Event": "E", "Data": "\\u0000"}'])
def test_text_that_no_database_can_hold_is_kept_as_bytes(client, key, body):
    answer = tell(client, body, key)
    assert answer.status_code == 200
    assert bytes(WebhookEvent.objects.get().body) == body


def test_only_safe_headers_are_kept(client, key):
    tell(client, b'{"Event": "E"}', key, Cookie="secret", **{"User-Agent": "Billecta/1", "X-Other": "secret"})
    kept = WebhookEvent.objects.get().headers
    assert kept["User-Agent"] == "Billecta/1"
    assert "secret" not in json.dumps(kept)
    assert key not in json.dumps(kept)


@pytest.mark.parametrize("given", ["", "wrong"])
def test_without_a_right_key_nothing_is_stored_and_it_is_counted(client, key, given):
    answer = tell(client, b"x" * (MIB + 1), given)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert not WebhookEvent.objects.exists()
    assert RefusedDelivery.objects.get().reason == "unauthorized"


def test_a_key_without_the_scope_is_forbidden(client):
    _row, key = make("Lime", ["commands", "read"])
    assert tell(client, b"not json", key).status_code == 403
    assert RefusedDelivery.objects.get().reason == "forbidden"


@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_a_mebibyte_is_the_most(client, key, size, status):
    start, end = b'{"Event":"E","Data":"', b'"}'
    answer = tell(client, start + b"x" * (size - len(start) - len(end)) + end, key)
    assert answer.status_code == status
    assert WebhookEvent.objects.count() == (1 if status == 200 else 0)
    assert RefusedDelivery.objects.count() == (0 if status == 200 else 1)


class Endless(io.BytesIO):
    """A body that never ends, and counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0
        self.taken += size
        return b"x" * size


@pytest.mark.parametrize(
    "headers",
    [{"CONTENT_LENGTH": str(10 * MIB)}, {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}],
)
def test_no_more_than_a_mebibyte_is_read(key, headers):
    body = Endless()
    request = RequestFactory().generic("POST", PATH, headers={"x-api-key": key}, **{"wsgi.input": body, **headers})
    assert receiver.receive_from_billecta(request).status_code == 413
    assert body.taken <= MIB + 1


def test_a_chunked_delivery_is_read_to_its_end(key):
    environ: dict[str, Any] = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
        "wsgi.input": io.BytesIO(b'{"Event": "E"}'),
    }
    request = RequestFactory().generic("POST", PATH, headers={"x-api-key": key}, **environ)
    assert receiver.receive_from_billecta(request).status_code == 200
    assert WebhookEvent.objects.get().event_name == "E"


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b'"text"', b"null", b"\xff\xfe\xfd", b'{"Event": NaN}', nested(51), nested(100_000), b"[" * 200_000]
)
def test_what_is_no_reasonable_json_object_is_refused_and_counted(client, key, body):
    answer = tell(client, body, key)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert not WebhookEvent.objects.exists()
    assert RefusedDelivery.objects.get().reason == "malformed"


def test_fifty_levels_are_taken(client, key):
    assert tell(client, nested(50), key).status_code == 200


def test_when_it_cannot_be_stored_billecta_is_asked_to_try_again(client, key, monkeypatch):
    def fail(delivery):
        raise OperationalError("disk is full")

    monkeypatch.setattr(receiver, "receive", fail)
    answer = tell(client, b'{"Event": "E"}', key)
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert answer["Retry-After"]
    assert "disk" not in answer.content.decode()


def test_when_no_key_can_be_looked_up_it_is_not_called_wrong(client, monkeypatch):
    def fail(key):
        raise OperationalError("no connection")

    monkeypatch.setattr(receiver, "identify", fail)
    assert tell(client, b'{"Event": "E"}', "any").status_code == 503


def test_a_refusal_does_not_depend_on_the_database(client, monkeypatch):
    def fail(reason, source):
        raise OperationalError("locked")

    monkeypatch.setattr(incoming, "count_refusal", fail)
    assert tell(client, b"{}", "wrong").status_code == 401


def test_other_methods_are_refused(client, key):
    answer = client.get(PATH, headers={"x-api-key": key})
    assert (answer.status_code, answer.json()["error"], answer["Allow"]) == (405, "method_not_allowed", "POST")


def test_a_delivery_costs_one_transaction_of_few_statements(client, key, django_assert_max_num_queries):
    tell(client, b'{"Event": "E"}', key)
    with django_assert_max_num_queries(5):
        tell(client, b'{"Event": "E"}', key)
