"""Events of several sources: each is read by its own resolver, and one that cannot work keeps no other waiting."""

from __future__ import annotations

import pytest

from integration.errors import MappingInvalid
from integration.ledger import Delivery, receive, registry, triage
from integration.ledger.registry import Lead
from integration.ledger.replay import replay
from integration.ledger.submit import Subject
from integration.models import SyncRecord, WebhookEvent

pytestmark = pytest.mark.django_db


def tell(source: str, name: str = "TestHappened") -> WebhookEvent:
    return WebhookEvent.objects.get(pk=receive(Delivery(body=b"{}", event_name=name, entity_id="7", source=source)))


def again(event: WebhookEvent) -> tuple[str, str, SyncRecord | None]:
    event.refresh_from_db()
    return event.status, event.reason, event.sync_record


def test_each_source_is_read_by_its_own(script, monkeypatch):
    subjects = [Subject(entity_key=f"thing:{number}", limetype="thing") for number in (1, 2)]
    leads = {"One": Lead(work=[("test-pull", subject) for subject in subjects]), "None": Lead(reason="Not today.")}
    monkeypatch.setitem(registry.resolvers, "other", lambda events: [leads[event.event_name] for event in events])
    none, one, theirs = tell("other", "None"), tell("other", "One"), tell("billecta")
    triage()
    assert again(none) == ("ignored", "Not today.", None)
    assert [record.entity_key for event in (one, theirs) if (record := again(event)[2])] == ["thing:1", "thing:7"]
    assert set(SyncRecord.objects.values_list("entity_key", flat=True)) == {"thing:1", "thing:2", "thing:7"}


def test_a_source_that_cannot_be_read_keeps_no_other_waiting_and_may_be_replayed(script, monkeypatch):
    def broken(events):
        raise MappingInvalid(object="debtor", field="Name", problem="gone")

    monkeypatch.setitem(registry.resolvers, "other", broken)
    failed, theirs = tell("other"), tell("billecta")
    triage()
    status, reason, work = again(failed)
    assert (status, "debtor" in reason, work) == ("failed", True, None)
    assert again(theirs)[0] == "processing"
    monkeypatch.setitem(registry.resolvers, "other", lambda events: [Lead(reason="Mended.")] * len(events))
    assert replay([failed], actor="anna") == 1
    triage()
    assert again(failed) == ("ignored", "Mended.", None)
