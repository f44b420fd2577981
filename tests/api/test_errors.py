"""One shape for every error, wherever it comes from."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from drf_spectacular.generators import SchemaGenerator

from integration import errors
from integration.api.errors import STATUS_BY_ERROR, status_of
from integration.errors import all_error_classes

pytestmark = pytest.mark.django_db


def shape(answer) -> tuple[int, str]:
    body = answer.json()
    assert set(body) - {"fields"} == {"error", "message", "request_id"}
    assert body["message"]
    assert body["request_id"] == answer["X-Request-Id"]
    return answer.status_code, body["error"]


def test_every_kind_of_refusal_has_the_same_shape(client, reader, client_with):
    assert shape(client.get("/api/v1/invoices/")) == (401, "unauthorized")
    assert shape(client.get("/api/v1/invoices/", headers={"x-api-key": "wrong"})) == (401, "unauthorized")
    assert shape(client_with("reports").get("/api/v1/invoices/")) == (403, "forbidden")
    assert shape(reader.get("/api/v1/invoices/nothing/")) == (404, "not_found")
    assert shape(client.get("/nothing/here/")) == (404, "not_found")
    assert shape(client.get("/api/v1/nothing/")) == (404, "not_found")
    assert shape(client_with("read", "commands").delete("/api/v1/invoices/")) == (405, "method_not_allowed")
    assert shape(client.post("/health/live/")) == (405, "method_not_allowed")
    assert shape(client_with("commands").post("/api/v1/commands/x/", "a=1", content_type="application/x-www-form-urlencoded"))[0] in {
        404,
        415,
    }
    assert shape(reader.get("/api/v1/invoices/?due_from=x")) == (400, "invalid")
    assert shape(reader.get("/api/v1/invoices/?cursor=x")) == (404, "not_found")


def test_a_fault_of_the_portal_tells_nothing_of_its_inside(reader, monkeypatch):
    from integration.api import read_views

    def fail(self, *args, **kwargs):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(read_views.InvoiceView, "get_queryset", fail)
    reader.raise_request_exception = False
    answer = reader.get("/api/v1/invoices/")
    assert shape(answer) == (500, "internal")
    assert "inside" not in answer.content.decode()


def test_a_database_that_fails_asks_the_caller_to_come_back(reader, monkeypatch):
    from integration.api import authentication

    def fail(key):
        raise OperationalError("connection to 10.0.0.5 refused")

    monkeypatch.setattr(authentication, "identify", fail)
    answer = reader.get("/api/v1/invoices/")
    assert shape(answer) == (503, "database_busy")
    assert "10.0.0.5" not in answer.content.decode()
    assert answer["Retry-After"]


def test_a_host_that_is_not_ours_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["kvittens.example.se"]
    assert shape(client.get("/nothing/")) == (400, "bad_request")


def test_the_callers_request_id_is_kept(client):
    answer = client.get("/nothing/", headers={"X-Request-Id": "abc-12345"})
    assert answer.json()["request_id"] == "abc-12345"


def test_every_family_of_error_has_a_status():
    for family in (errors.KvittensError, errors.RetryLater, errors.WillNeverWork, errors.Misconfigured):
        assert family in STATUS_BY_ERROR
    for cls in all_error_classes():
        error = cls.__new__(cls)
        assert 400 <= status_of(error) < 600
        if issubclass(cls, errors.RetryLater):
            assert status_of(error) in {502, 503}, cls


def test_every_operation_documents_the_errors_that_it_may_answer():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operations = [(path, operation) for path, methods in schema["paths"].items() for operation in methods.values()]
    assert len(operations) > 20
    for path, operation in operations:
        refused = {status: answer["$ref"] for status, answer in operation["responses"].items() if status >= "400"}
        assert set(refused) >= {"400", "401", "403", "406", "503"} | ({"404", "409"} if "{" in path else set())
        assert set(refused) >= ({"413", "415"} if "requestBody" in operation else set())
        for status, reference in refused.items():
            shown = schema["components"]["responses"][reference.rpartition("/")[2]]
            assert shown["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}, status
            assert "X-Request-Id" in shown["headers"]
