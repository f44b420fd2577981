"""Work that its caller waits for: run here when its turn has come, never twice, never out of turn, and never lost."""

from __future__ import annotations

import time

import pytest

from integration.errors import GuardRefused, NeedsDecision, RemoteUnavailable
from integration.ledger import Delivery, Done, LaneMoved, claim, drain, receive, registry, run_at_once, triage
from integration.ledger.registry import EventRule
from integration.models import PortalConfiguration, SyncRecord, WebhookEvent
from integration.models.ledger import Queue
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db


def test_it_runs_here_and_once(ask, script):
    script.behaviour = lambda _work: Done("made", result={"id": 7})
    ended = run_at_once(ask(), seconds=5)
    assert (ended.status, ended.billecta_id, ended.result, ended.attempts) == ("succeeded", "made", {"id": 7}, 1)
    drain(threads=0)
    assert script.ran == [ended.pk]


def test_it_waits_its_turn_and_no_longer_than_it_may(ask, script):
    earlier, later = ask(), ask()
    assert run_at_once(later, seconds=0.3).status == "pending"
    assert script.ran == []
    assert run_at_once(earlier, seconds=5).status == "succeeded"
    assert run_at_once(later, seconds=5).status == "succeeded"
    assert script.ran == [earlier.pk, later.pk]


def test_what_a_worker_has_taken_is_not_run_here_too(ask, script):
    record = ask()
    [taken] = claim([Queue.OUTBOUND], 1)
    assert (taken.pk, run_at_once(record, seconds=0.3).status, script.ran) == (record.pk, "in_flight", [])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RemoteUnavailable(system="Billecta", detail="503"), "waiting_retry"),
        (NeedsDecision(system="Billecta", operation="x", detail="?"), "needs_decision"),
        (GuardRefused(reason="No.", remedy="Ask."), "failed"),
    ],
)
def test_a_failure_is_told_at_once_and_kept(ask, script, error, status):
    def fail(_work):
        raise error

    script.behaviour = fail
    began = time.monotonic()
    ended = run_at_once(ask(), seconds=30)
    assert (ended.status, ended.error_code) == (status, error.code)
    assert time.monotonic() - began < 20
    assert len(script.ran) == 1


def test_work_that_belongs_in_another_lane_is_run_there(ask, script):
    def move(work):
        if work.record.entity_key == "thing:1":
            raise LaneMoved("thing:2")
        return Done()

    script.behaviour = move
    assert (run_at_once(ask(), seconds=10).status, len(script.ran)) == ("succeeded", 2)


def test_nothing_is_run_while_sending_is_switched_off(ask, script):
    PortalConfiguration.current()
    PortalConfiguration.objects.update(sending_enabled=False)
    assert (run_at_once(ask(), seconds=0.3).status, script.ran) == ("pending", [])


def test_events_that_are_about_a_creditor_as_a_whole_become_one_look_at_it(db, script):
    registry.add_event(EventRule("TestMoney", kind="test-pull", limetype="creditor", by_creditor=True))
    for entity, creditor in (("u1", "c1"), ("u2", "c1"), ("u3", "c2"), ("u4", "")):
        receive(Delivery(body=b"{}", event_name="TestMoney", entity_id=entity, creditor_id=creditor))
    triage()
    assert sorted(SyncRecord.objects.values_list("billecta_id", "creditor_id")) == [("c1", "c1"), ("c2", "c2")]
    assert WebhookEvent.objects.get(status="unrecognised").entity_id == "u4"
    assert reload(SyncRecord.objects.get(billecta_id="c1")).events.count() == 2
