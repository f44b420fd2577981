"""The addresses that machines call, read from the URL table, each with what a test must know to call it rightly and wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

from integration.models import ApiKey

READ, COMMANDS, WEBHOOK = ApiKey.Scope.READ, ApiKey.Scope.COMMANDS, ApiKey.Scope.BILLECTA_WEBHOOK
THIRD_PARTY = ApiKey.Scope.THIRD_PARTY
ANY = frozenset(ApiKey.Scope)
FOR_PEOPLE = ("/", "/admin/")


@dataclass(frozen=True)
class Address:
    """How an address is called.

    Args:
        methods: each method that it takes, with the scopes of which a key needs one; none for everybody, and for those who sign.
        own: the names, in the path, of something that a key limited to `cred-1` may see; empty when there is nothing to name.
        foreign: the same for something of `cred-2`.
        query: what POST needs in its query to come further than that.
        besides: statuses that it may answer where others would not, because it asks Billecta while the caller waits.
        ignores_parameters: unknown query parameters do no harm here, and callers that the portal does not know add some.
    """

    methods: Mapping[str, frozenset[ApiKey.Scope]]
    own: Mapping[str, str] = field(default_factory=dict)
    foreign: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    besides: tuple[int, ...] = ()
    ignores_parameters: bool = False


def _read(*scopes: ApiKey.Scope) -> dict[str, frozenset[ApiKey.Scope]]:
    return {"GET": frozenset(scopes or (READ,))}


def _write(*scopes: ApiKey.Scope) -> dict[str, frozenset[ApiKey.Scope]]:
    return {"POST": frozenset(scopes or (COMMANDS,))}


def _objects(kind: str, own: str, foreign: str) -> dict[str, Address]:
    return {f"/api/v1/{kind}/": Address(_read()), f"/api/v1/{kind}/{{id}}/": Address(_read(), {"id": own}, {"id": foreign})}


RECEIVER = "/limepkg-billecta-integration/billecta-webhook-receiver"
SIGNED = Address({"POST": frozenset()}, ignores_parameters=True)
EVERYBODY = Address({"GET": frozenset()}, ignores_parameters=True)

PDF = Address(_read(THIRD_PARTY), {"lime_invoice_id": "4001"}, {"lime_invoice_id": "4002"}, besides=(404, 502))
SWISH = Address(
    _read(THIRD_PARTY) | _write(THIRD_PARTY), {"id": "A-1"}, {"id": "A-2"}, query="?phone=46701234567&message=Hyra", besides=(400, 404, 502)
)
THIRD_PARTIES = "/limepkg-billecta-integration"

# `{work}` and its like are filled in with what the tests have made.
ADDRESSES: dict[str, Address] = {
    **_objects("creditors", "cred-1", "cred-2"),
    **_objects("debtors", "D-1", "D-2"),
    **_objects("articles", "P-1", "P-2"),
    **_objects("orders", "lime:1001", "lime:1002"),
    **_objects("invoices", "A-1", "lime:4002"),
    "/api/v1/invoices/{id}/timeline/": Address(_read(), {"id": "lime:4001"}, {"id": "A-2"}),
    **_objects("payments", "PAY-1", "PAY-2"),
    **_objects("unhandled-payments", "U-1", "U-2"),
    f"{THIRD_PARTIES}/fetch-invoice-pdf/{{lime_invoice_id}}": PDF,
    f"{THIRD_PARTIES}/fetch-invoice-pdf/{{lime_invoice_id}}/": PDF,
    f"{THIRD_PARTIES}/payments/swish/{{id}}": SWISH,
    f"{THIRD_PARTIES}/payments/swish/{{id}}/": SWISH,
    **_objects("events", "{event}", "{foreign_event}"),
    **_objects("sync-records", "{work}", "{foreign_work}"),
    "/api/v1/sync-records/{id}/retry/": Address(_write(), {"id": "{work}"}, {"id": "{foreign_work}"}),
    "/api/v1/sync-records/{id}/cancel/": Address(_write(), {"id": "{work}"}, {"id": "{foreign_work}"}),
    "/api/v1/sync-records/{id}/decide/": Address(_write(), {"id": "{work}"}, {"id": "{foreign_work}"}),
    "/api/v1/commands/": Address(_read(READ, COMMANDS)),
    "/api/v1/commands/{command_id}/": Address(_read(READ, COMMANDS) | _write(), {"command_id": "upsert-things-in-billecta"}),
    "/api/v1/tasks/{task_id}/": Address(_read(READ, COMMANDS), {"task_id": "{task}"}, {"task_id": "{foreign_task}"}),
    "/api/v1/tasks/{task_id}/retry-failed/": Address(_write(), {"task_id": "{task}"}, {"task_id": "{foreign_task}"}),
    "/api/v1/tasks/{task_id}/cancel/": Address(_write(), {"task_id": "{task}"}, {"task_id": "{foreign_task}"}),
    "/api/v1/health/": Address(_read()),
    "/api/v1/schema/": Address(_read(*ANY), ignores_parameters=True),
    "/api/v1/docs/": Address(_read(*ANY), ignores_parameters=True),
    RECEIVER: Address(_write(WEBHOOK), ignores_parameters=True),
    f"{RECEIVER}/": Address(_write(WEBHOOK), ignores_parameters=True),
    "/webhooks/lime/": SIGNED,
    "/webhooks/lime": SIGNED,
    "/health/live/": EVERYBODY,
    "/health/ready/": EVERYBODY,
    "/health/workers/": EVERYBODY,
    "/metrics": Address(_read(), ignores_parameters=True),
}


def addresses() -> list[str]:
    """Every address of the URL table but those for people, written as the OpenAPI schema writes them: `/api/v1/tasks/{task_id}/`."""
    found = {_as_in_the_schema(path) for path in _paths(get_resolver())}
    return sorted(path for path in found if path not in FOR_PEOPLE and not path.startswith("/admin/"))


def _paths(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from _paths(pattern, path)


def _as_in_the_schema(path: str) -> str:
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", named).replace("^", "").replace("$", "").replace("\\Z", "")
