"""Bad input to every address: one shape of error, a status that fits, a request id, and never a fault of the portal's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from integration.api.keys import make
from integration.commands import batches
from integration.commands.options import options_schema
from integration.commands.selection import CommandRequest
from integration.commands.table import table
from integration.ledger import Delivery, receive
from integration.ledger.submit import Subject, submit
from integration.models import ApiKey, Batch, SyncRecord, WebhookEvent
from tests.api.addresses import ADDRESSES, COMMANDS, addresses
from tests.api.conftest import IMPORT, UPSERT, portfolio

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
WALK = [path for path in addresses() if path in ADDRESSES]
NAMED = [path for path in WALK if ADDRESSES[path].own]
KEYED = [path for path in WALK if any(ADDRESSES[path].methods.values())]
WRITTEN_TO = [path for path in WALK if "POST" in ADDRESSES[path].methods]

LONG = "å" * 20_000
UNKNOWN_NAMES = (
    "nothing",
    "0",
    "-1",
    "9" * 40,
    "1e5",
    "1.0",
    "٣",  # a digit, but not of ours
    "lime:",
    "lime:0",
    "lime:-1",
    "lime:x",
    "lime:" + "9" * 40,
    "lime:²",
    "00000000-0000-0000-0000-000000000000",
    "%00",
    "A-1%00",
    "%ff%fe",
    "%ed%a0%80",
    "%0d%0aX-Injected:%201",
    "%2e%2e",
    "' OR 1=1 --",
    "%F0%9F%92%B8",
    "a" * 5000,
)
VALUES = (
    "",
    "nonsense",
    "0",
    "-1",
    "1.5",
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "9" * 40,
    "9223372036854775808",
    "true",
    "null",
    "[]",
    "{}",
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-03-29T02:30:00",
    "lime:" + "9" * 40,
    "%F0%9F%92%B8",
    "%25",
    "_",
    "(" * 3000,
    "a" * 6000,
)
BODIES = (
    b"",
    b" ",
    b"not json",
    b"{",
    b"null",
    b"true",
    b"1",
    b'"text"',
    b"[]",
    b"[{}]",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": 1e400}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": "\\u0000"}',
    b'{"\\u0000": 1}',
    b'{"a": "\\ud800"}',
    b'{"a": "\xff"}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"a":' * 60 + b"1" + b"}" * 60,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000,
    b'{"a": 1, "a": 2}',
    json.dumps({"a": LONG}).encode(),
    json.dumps({LONG: 1}).encode(),
    b'{"a": "' + b"x" * (1024 * 1024) + b'"}',
)


CONTENT_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/json; charset=nonsense",
    "nonsense",
    "",
)
UNSIGNED = {True: (401,), False: ()}
"""What an address that no key opens may answer besides: its callers are known by a signature."""


class Kvittens:
    """The portal with something of two creditors, and keys to it."""

    def __init__(self, names: dict[str, object], limited_to: tuple[Any, ...]) -> None:
        self.names, self.limited_to = names, limited_to
        self._keys: dict[tuple[frozenset[ApiKey.Scope], bool], str] = {}

    def call(self, method: str, path: str, *scopes: ApiKey.Scope, limited: bool = False, **more: Any) -> Any:
        """Call with a key of these scopes; without scopes with no key. What goes wrong inside is answered as it is in production."""
        headers = dict(more.pop("headers", {}))
        if scopes:
            headers["x-api-key"] = self._key(frozenset(scopes), limited)
        client = APIClient(raise_request_exception=False, headers=headers, REMOTE_ADDR="192.0.2.1")
        content = {"data": more.pop("body"), "content_type": more.pop("content_type", "application/json")} if "body" in more else {}
        return client.generic(method, path, **content, **more)

    def _key(self, scopes: frozenset[ApiKey.Scope], limited: bool) -> str:
        if (scopes, limited) not in self._keys:
            self._keys[scopes, limited] = make("test", list(scopes), creditors=self.limited_to if limited else ())[1]
        return self._keys[scopes, limited]

    def filled(self, path: str, names: Any = None) -> str:
        """A path of the schema with the names of something that is there, of the creditor that a limited key may see."""
        chosen = ADDRESSES[path].own if names is None else names
        return path.format(**{name: value.format(**self.names) for name, value in chosen.items()})


@pytest.fixture
def kvittens(creditor, other_creditor, things, settings) -> Kvittens:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    names: dict[str, object] = {}
    for number, owner, prefix in ((1, creditor, ""), (2, other_creditor, "foreign_")):
        portfolio(owner, number)
        names[f"{prefix}event"] = receive(
            Delivery(body=b"{}", event_name="InvoiceActionPaid", entity_id=f"A-{number}", creditor_id=owner.billecta_id)
        )
        subject = Subject(entity_key=f"thing:{number}", limetype="order", lime_id=1000 + number, creditor_id=owner.billecta_id)
        names[f"{prefix}work"] = submit(UPSERT, subject).pk
        request = CommandRequest((1000 + number,), {"creditor": owner.billecta_id})
        names[f"{prefix}task"] = batches.start(UPSERT, request, asker=batches.Asker("test")).pk
    return Kvittens(names, (creditor,))


def is_refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """The body of an error in the contract's shape, with one of the statuses."""
    assert answer.status_code in statuses, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"].split(";")[0] == "application/json"
    body: dict[str, Any] = answer.json()
    assert set(body) >= {"error", "message", "request_id"}
    if not answer.wsgi_request.path.startswith("/health/"):  # which says in its fields what is unwell
        assert set(body) <= {"error", "message", "fields", "request_id"}
    assert body["error"]
    assert body["message"]
    assert body["request_id"] == answer["X-Request-Id"] != ""
    for texts in body.get("fields", {}).values():
        assert texts
        assert all(isinstance(text, str) and text for text in texts)
    return body


def is_answered(answer: Any, *statuses: int) -> None:
    """A good answer, or an error in the contract's shape with one of the statuses."""
    if answer.status_code < 300:
        assert answer["X-Request-Id"]
    else:
        is_refused(answer, *statuses)


def keys_for(path: str, method: str) -> list[tuple[ApiKey.Scope, ...]]:
    """The scopes of each kind of key that opens an address; no scopes where it is not a key that does."""
    return [(scope,) for scope in sorted(ADDRESSES[path].methods[method])] or [()]


def test_every_address_is_walked():
    """A new address needs a row, and gets all tests of this module by it."""
    assert set(addresses()) - set(ADDRESSES) == set()


@pytest.mark.parametrize("path", WALK)
def test_methods_that_it_does_not_take(kvittens, path):
    for method in METHODS:
        if method not in ADDRESSES[path].methods:
            answer = kvittens.call(method, kvittens.filled(path), *ApiKey.Scope)
            assert is_refused(answer, 405)["error"] == "method_not_allowed"
            assert set(answer["Allow"].split(", ")) >= set(ADDRESSES[path].methods)


@pytest.mark.parametrize("path", KEYED)
def test_keys_that_are_none(kvittens, path):
    for method in ADDRESSES[path].methods:
        for key in (None, "", "wrong", "kv_" + "x" * 40, "å", "x" * 10_000, "\0", "Basic eDp5"):
            headers = {} if key is None else {"x-api-key": key}
            assert is_refused(kvittens.call(method, kvittens.filled(path), headers=headers), 401)["error"] == "unauthorized", key


@pytest.mark.parametrize("path", KEYED)
def test_keys_without_the_scope(kvittens, path):
    before = list(SyncRecord.objects.order_by("pk").values("status")), Batch.objects.count(), WebhookEvent.objects.count()
    for method, scopes in ADDRESSES[path].methods.items():
        for scope in set(ApiKey.Scope) - scopes:
            assert is_refused(kvittens.call(method, kvittens.filled(path), scope), 403)["error"] == "forbidden"
    assert (list(SyncRecord.objects.order_by("pk").values("status")), Batch.objects.count(), WebhookEvent.objects.count()) == before


@pytest.mark.parametrize("path", NAMED)
def test_names_of_nothing(kvittens, path):
    body = json.dumps({"happened": False} if path.endswith("/decide/") else {}).encode()
    for name in UNKNOWN_NAMES:
        for method, scopes in ADDRESSES[path].methods.items():
            wrong = path.format(**dict.fromkeys(ADDRESSES[path].own, name))
            is_refused(kvittens.call(method, wrong, *scopes, body=body), 404, *ADDRESSES[path].besides)


@pytest.mark.parametrize("path", [path for path in NAMED if ADDRESSES[path].foreign])
def test_what_belongs_to_another_creditor_is_not_there(kvittens, path):
    foreign, query = ADDRESSES[path].foreign, ADDRESSES[path].query
    body = json.dumps({"happened": False}).encode()
    for method, scopes in ADDRESSES[path].methods.items():
        asked = query if method == "POST" else ""
        answer = kvittens.call(method, kvittens.filled(path, foreign) + asked, *scopes, limited=True, body=body)
        assert is_refused(answer, 404)["error"] == "not_found"
        mine = kvittens.call(method, kvittens.filled(path) + asked, *scopes, limited=True, body=body)
        is_answered(mine, 403, 409, *ADDRESSES[path].besides)


def query_parameters() -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """The query parameters of the OpenAPI schema: for each path a method, a name and the value's schema."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    found.setdefault(path, []).append((method.upper(), parameter["name"], parameter["schema"]))
    return found


PARAMETERS = query_parameters()


@pytest.mark.parametrize("path", sorted(PARAMETERS))
def test_values_of_query_parameters(kvittens, path):
    for method, name, _schema in PARAMETERS[path]:
        for value in VALUES:
            answer = kvittens.call(method, f"{kvittens.filled(path)}?{name}={value}", *ADDRESSES[path].methods[method], body=b"{}")
            is_answered(answer, 400, 404, *ADDRESSES[path].besides)


@pytest.mark.parametrize("path", sorted(PARAMETERS))
def test_a_value_that_a_query_parameter_cannot_have_is_named_and_not_passed_over(kvittens, path):
    for method, name, schema in PARAMETERS[path]:
        if schema.get("type") == "string" and not {"enum", "format"} & set(schema):
            continue
        answer = kvittens.call(method, f"{kvittens.filled(path)}?{name}=nonsense", *ADDRESSES[path].methods[method], body=b"{}")
        assert list(is_refused(answer, 400)["fields"]) == [name]


@pytest.mark.parametrize("path", sorted(PARAMETERS))
def test_a_misspelt_query_parameter_is_named_and_not_passed_over(kvittens, path):
    for method, name, _schema in PARAMETERS[path]:
        answer = kvittens.call(method, f"{kvittens.filled(path)}?{name}x=1", *ADDRESSES[path].methods[method], body=b'{"ids": [1]}')
        assert list(is_refused(answer, 400)["fields"]) == [f"{name}x"]


@pytest.mark.parametrize("path", WALK)
def test_query_parameters_that_it_does_not_take(kvittens, path):
    address = ADDRESSES[path]
    for method, scopes in address.methods.items():
        for query, name in (("nonsense=1", "nonsense"), ("%00=1", "\0"), ("a[]=1", "a[]"), (f"{'x' * 5000}=1", "x" * 5000), ("=1", "")):
            answer = kvittens.call(method, f"{kvittens.filled(path)}?{query}", *scopes)
            if address.ignores_parameters:
                is_answered(answer, 400, 503, *UNSIGNED[not scopes])
            else:
                assert list(is_refused(answer, 400)["fields"]) == [name]


@pytest.mark.parametrize("path", WRITTEN_TO)
def test_bodies(kvittens, path):
    for body in BODIES:
        for scopes in keys_for(path, "POST"):
            answer = kvittens.call("POST", kvittens.filled(path), *scopes, body=body)
            is_answered(answer, 400, 409, 413, *UNSIGNED[not scopes], *ADDRESSES[path].besides)


@pytest.mark.parametrize("path", WRITTEN_TO)
def test_bodies_of_other_types(kvittens, path):
    for scopes in keys_for(path, "POST"):
        for content_type in CONTENT_TYPES:
            answer = kvittens.call("POST", kvittens.filled(path), *scopes, body=b"a=1", content_type=content_type)
            is_answered(answer, 400, 409, 415, *UNSIGNED[not scopes], *ADDRESSES[path].besides)


@pytest.mark.parametrize("path", WALK)
def test_headers(kvittens, path):
    method, scopes = next(iter(ADDRESSES[path].methods.items()))
    for headers in (
        {"Accept": "application/xml"},
        {"Accept": "nonsense"},
        {"Accept": ""},
        {"Accept-Language": "x" * 5000},
        {"X-Request-Id": "a b\r\n\0" + "x" * 500},
        {"Idempotency-Key": "å\0" * 500},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Content-Length": "nonsense"},
        {"Cookie": "sessionid=" + "x" * 5000},
        {"Host": "elsewhere.example.com"},
    ):
        answer = kvittens.call(method, kvittens.filled(path), *scopes, headers=headers)
        is_answered(answer, 400, 406, 409, 503, *UNSIGNED[not scopes], *ADDRESSES[path].besides)


def options() -> list[tuple[str, str, dict[str, Any]]]:
    """Every option of every command that Lime can ask for: the command, the option's name and its schema."""
    found = [(command.id, name, schema) for command in table.values() for name, schema in options_schema(command)["properties"].items()]
    return sorted(found, key=lambda one: one[:2])


@pytest.mark.parametrize(("command", "name", "schema"), options())
def test_options_of_the_wrong_type(kvittens, command, name, schema):
    wrong = [value for kind, value in JSON_VALUES.items() if kind not in _types(schema)]
    for value in wrong:
        body = json.dumps({"ids": [1], "options": {name: value}}).encode()
        answer = kvittens.call("POST", f"/api/v1/commands/{command}/", COMMANDS, body=body)
        assert any(field.startswith(f"options.{name}") for field in is_refused(answer, 400)["fields"]), value
    assert wrong


JSON_VALUES = {"boolean": True, "object": {"a": 1}, "array": [[]], "null": None, "number": 0.5, "string": ""}


def _types(schema: dict[str, Any]) -> set[str]:
    given = schema.get("type", [])
    return {given} if isinstance(given, str) else set(given)


@pytest.mark.parametrize("command", [UPSERT, IMPORT])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ids", {}),
        ("ids", ["1"]),
        ("ids", [2**63]),
        ("context", 1),
        ("context", None),
        ("filter", "nonsense"),
        ("filter", []),
        ("confirm_all", "yes"),
        ("confirm_all", 1),
        ("requested_by", "Anna"),
        ("requested_by", []),
        ("options", None),
        ("options", "none"),
    ],
)
def test_members_of_the_wrong_type_also_where_they_have_no_use(kvittens, command, name, value):
    body = json.dumps({"ids": [1]} | {name: value}).encode()
    before = Batch.objects.count()
    answer = kvittens.call("POST", f"/api/v1/commands/{command}/", COMMANDS, body=body)
    assert is_refused(answer, 400)["error"] == "invalid"
    assert Batch.objects.count() == before


@pytest.mark.parametrize("scope", sorted(ApiKey.Scope))
def test_addresses_that_are_none(kvittens, scope):
    for path in (
        "/nothing/",
        "/api/",
        "/api/v2/invoices/",
        "/api/v1/invoices",
        "/api/v1//invoices/",
        "/api/v1/%00/",
        "/%ff/",
        "/" + "x" * 5000,
    ):
        is_refused(kvittens.call("GET", path, scope), 301 if path == "/api/v1/invoices" else 404, 404)


@pytest.mark.parametrize("name", ["lime:", "lime:0x1", "lime:²", "lime:٣", "lime:-1", "lime:" + "9" * 40])
def test_a_creditor_that_is_named_by_no_id_is_named_in_the_answer(kvittens, name):
    body = json.dumps({"ids": [1], "options": {"creditor": name}}).encode()
    answer = kvittens.call("POST", f"/api/v1/commands/{UPSERT}/", COMMANDS, body=body)
    assert list(is_refused(answer, 400)["fields"]) == ["options.creditor"]
