"""Every operation of the OpenAPI schema with requests made from it, right and wrong: no fault, and no answer that is not documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from integration.api.keys import make
from integration.commands import batches
from integration.commands.selection import CommandRequest
from integration.ledger import Delivery, receive
from integration.ledger.submit import Subject, submit
from integration.models import ApiKey
from tests.api.addresses import THIRD_PARTIES
from tests.api.conftest import portfolio
from tests.flows.conftest import sandboxes, world  # noqa: F401  both systems, which a dry run reads

pytestmark = pytest.mark.django_db(transaction=True)

Scope = ApiKey.Scope
Names = Callable[[str], dict[str, str] | None]
ORDER = "upsert-orders-in-billecta"
HOST = {"Host": "localhost"}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@dataclass(frozen=True)
class Caller:
    """A key's scopes (none for no key), whether it is limited to one creditor, and how many requests of a kind an operation gets."""

    scopes: tuple[Scope, ...]
    requests: int
    limited: bool = False


CALLERS = {
    "read": Caller((Scope.READ,), 8),
    "commands": Caller((Scope.COMMANDS,), 8),
    "limited": Caller((Scope.READ, Scope.COMMANDS), 8, limited=True),
    "reports": Caller((Scope.REPORTS,), 2),
    "third-party": Caller((Scope.THIRD_PARTY,), 2),
    "billecta-webhook": Caller((Scope.BILLECTA_WEBHOOK,), 2),
    "nobody": Caller((), 2),
}


def test_every_scope_has_its_caller():
    assert {scope for caller in CALLERS.values() for scope in caller.scopes} == set(Scope)


@pytest.fixture(autouse=True)
def _connection_kept() -> Iterator[None]:
    """A request closes the connection of the transaction that is to take back what the request changed, unless it is kept from it."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def existing(creditor, other_creditor, world) -> Names:  # noqa: F811
    """What fills the path of an operation so that it names something that is there; None when there is nothing to name."""
    portfolio(creditor, 1), portfolio(other_creditor, 2)
    event = receive(Delivery(body=b'{"Event": "InvoiceActionPaid"}', event_name="InvoiceActionPaid", entity_id="A-1", creditor_id="cred-1"))
    work = submit(ORDER, Subject(entity_key="order:1001", limetype="order", lime_id=1001, creditor_id="cred-1"))
    task = batches.start(ORDER, CommandRequest((1002,)), asker=batches.Asker("test"))
    names = {"creditors": "cred-1", "debtors": "D-1", "articles": "P-1", "orders": "A-1", "invoices": "A-1", "payments": "PAY-1"}
    names |= {"unhandled-payments": "U-1"}
    names |= {"events": str(event), "sync-records": str(work.pk), "tasks": str(task.pk), "commands": ORDER}

    def existing(path: str) -> dict[str, str] | None:
        if path.startswith(THIRD_PARTIES):
            return {"lime_invoice_id": "4001"} if "lime_invoice_id" in path else {"id": "A-1"}
        _root, _api, _version, kind, name, *_rest = path.split("/")
        return {name.strip("{}"): names[kind]} if name else None

    return existing


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CALLERS)
def test_no_fault_and_nothing_undocumented(name, existing, creditor):
    caller = CALLERS[name]
    headers = HOST | _key(*caller.scopes, creditors=(creditor,) if caller.limited else ())
    asked: set[str] = set()
    for operation in _operations():
        for names in (None, existing(operation.path)):
            _probe(operation, GenerationMode.POSITIVE, names, headers, caller.requests)
            with suppress(Unsatisfiable):  # nothing that can be wrong
                _probe(operation, GenerationMode.NEGATIVE, names, headers, caller.requests)
        asked.add(operation.label)
    assert len(asked) > 20


def _operations() -> list[Any]:
    headers = HOST | {"Accept": "application/json"} | _key(Scope.READ)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), headers=headers)
    schema.config.generation.update(with_security_parameters=False)
    found = list(schema.get_all_operations())
    readable = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(readable) == len(found)
    return readable


def _key(*scopes: Scope, creditors: tuple[Any, ...] = ()) -> dict[str, str]:
    return {"x-api-key": make("schemathesis", scopes, creditors=creditors)[1]} if scopes else {}


def _probe(operation: Any, mode: GenerationMode, names: dict[str, str] | None, headers: dict[str, str], requests: int) -> None:
    """Make requests, always the same ones, and take back what they change. Raises what a check found."""

    @settings(
        max_examples=requests,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=dict(names) if names else None))
    def probe(case: Any) -> None:
        with transaction.atomic():
            try:
                case.call_and_validate(headers=headers, checks=CHECKS)
            finally:
                transaction.set_rollback(True)

    probe()
