"""`docs/adding-things.md` is true: what it names is there, and following its lists gives what it promises."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.commands import table as commands
from integration.errors import RetryLater, all_error_classes
from integration.ledger import Delivery, Done, EventRule, Kind, Outcome, Work, drain, receive, registry
from integration.ledger.registry import Registry
from integration.ledger.submit import Subject
from integration.models import SyncRecord, WebhookEvent
from integration.models.ledger import Queue

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "adding-things.md").read_text(encoding="utf-8")


@pytest.fixture
def tables() -> Iterator[None]:
    """Whatever a test adds is gone after it."""
    kinds, events, known = dict(registry.kinds), dict(registry.events), dict(commands.table)
    yield
    fresh = Registry(kinds, events)
    registry.kinds, registry.events = fresh.kinds, fresh.events
    commands.table.clear()
    commands.table.update(known)


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`((?:integration|tests|portal|docs)/[\w/.-]+)`", GUIDE))))
def test_every_file_that_it_names_exists(named):
    assert (ROOT / named).exists()


@pytest.mark.django_db
def test_a_webhook_event_is_one_row_and_one_function(tables):
    pulled: list[str] = []

    def pull_contract(work: Work) -> Outcome:
        pulled.append(work.record.billecta_id)
        return Done(work.record.billecta_id)

    registry.add_kind(Kind("pull-contract", Queue.INGEST, pull_contract, collapsible=True))
    registry.add_event(EventRule("ContractInvoiceActionUpdated", kind="pull-contract", limetype="contract"))
    event = receive(Delivery(body=b"{}", event_name="ContractInvoiceActionUpdated", entity_id="8172318798"))
    drain(threads=0)
    assert (pulled, WebhookEvent.objects.get(pk=event).status) == (["8172318798"], "processed")


@pytest.mark.django_db
def test_a_command_is_one_row_and_one_function(tables, client):
    from integration.api import keys
    from integration.models import ApiKey

    def execute(work: Work) -> Outcome:
        return Done(f"done-{work.record.lime_id}")

    def subjects(lime_ids, options):
        return [Subject(entity_key=f"contract:{lime_id}", limetype="contract", lime_id=lime_id) for lime_id in lime_ids]

    row = commands.Command("end-contracts", "contract", "End contracts", "End %(count)s contracts?", execute, subjects, destructive=True)
    commands.add(row)
    _row, key = keys.make("guide", [ApiKey.Scope.COMMANDS])
    answer = client.post("/api/v1/commands/end-contracts/", {"ids": [7]}, content_type="application/json", headers={"x-api-key": key})
    drain(threads=0)
    assert (answer.status_code, SyncRecord.objects.get().billecta_id) == (202, "done-7")
    listed = client.get("/api/v1/commands/", headers={"x-api-key": key}).json()
    assert "end-contracts" in str(listed)


def test_an_error_is_one_class():
    class Asleep(RetryLater):
        code = "asleep"
        template = "%(system)s sleeps."

    assert Asleep in all_error_classes()
    assert Asleep(system="Billecta").message == "Billecta sleeps."
    del Asleep
    gc.collect()  # classes are known by weak reference: no other test should meet this one
    assert "asleep" not in {error.code for error in all_error_classes()}
