"""Claiming: no two workers get the same work or the same lane, and a lane that is held never holds up the others."""

from __future__ import annotations

import importlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections  # noqa: F401  the condition of a mark names one
from django.utils import timezone

from integration.http import Timeouts
from integration.ledger import Delivery, claim, drain, receive, triage
from integration.ledger.claim import LEASE, due
from integration.ledger.run import run
from integration.models import RecordLink, SyncRecord, WebhookEvent
from integration.models.ledger import Queue
from integration.sync import links

claiming = importlib.import_module("integration.ledger.claim")
pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a matter of SQLite")
ALL = [Queue.INGEST, Queue.OUTBOUND]
WORKERS = 4


def test_a_look_that_is_out_of_date_takes_nothing(ask, monkeypatch):
    ask()
    [taken] = claim(ALL, 1)
    monkeypatch.setattr(claiming, "due", lambda queues, now: SyncRecord.objects.filter(queue__in=list(queues)))
    assert claim(ALL, 1) == []
    assert SyncRecord.objects.get().lease_token == taken.lease_token


def test_a_long_lane_that_is_held_does_not_crowd_out_the_others(ask):
    for _number in range(20):
        ask(kind="test-free")
    other = ask(lane="thing:2", kind="test-free")
    claim(ALL, 1)
    assert [record.pk for record in claim(ALL, 1)] == [other.pk]


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_get_each_piece_once(ask):
    wanted = {ask(lane=f"thing:{number}").pk for number in range(60)}
    together = threading.Barrier(WORKERS)

    def work_off() -> list[int]:
        try:
            together.wait()
            mine: list[int] = []
            while taken := claim(ALL, 3):
                mine += [record.pk for record in taken]
            return mine
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        got = [pk for found in [pool.submit(work_off) for _worker in range(WORKERS)] for pk in found.result(timeout=200)]
    assert sorted(got) == sorted(wanted)
    assert set(SyncRecord.objects.values_list("attempts", flat=True)) == {1}


def test_a_lease_that_is_kept_before_each_call_outlasts_the_longest_call():
    assert LEASE.total_seconds() / 2 > Timeouts().total + Timeouts().connect


def test_what_billecta_tells_of_an_invoice_waits_in_the_lane_of_its_order(script):
    from integration.handlers import table

    table.register()
    RecordLink.objects.create(creditor_id="c", limetype="order", lime_id=1001, billecta_id="a-linked")
    events = [receive(Delivery(body=b"{}", event_name="InvoiceActionPaid", entity_id=action)) for action in ("a-linked", "a-unknown")]
    triage()
    lanes = [record.entity_key for event in events if (record := WebhookEvent.objects.get(pk=event).sync_record)]
    assert lanes == [links.order_lane(1001), "action:a-unknown"]


def test_what_is_told_while_the_truth_is_fetched_waits_for_a_look_of_its_own(script):
    receive(Delivery(body=b"{}", event_name="TestHappened", entity_id="77"))
    triage()
    [in_flight] = claim(ALL, 1)
    late = receive(Delivery(body=b"{}", event_name="TestHappened", entity_id="77"))
    triage()
    assert WebhookEvent.objects.get(pk=late).sync_record_id not in {None, in_flight.pk}
    run(in_flight)
    assert WebhookEvent.objects.get(pk=late).status == "processing"
    drain(threads=0)
    assert (len(script.ran), WebhookEvent.objects.get(pk=late).status) == (2, "processed")


# --- With much that waits --------------------------------------------------------------------------------------------


@on_sqlite
def test_the_look_for_due_work_goes_by_the_indexes_of_what_is_unfinished():
    plan = due([Queue.OUTBOUND], timezone.now()).explain()
    assert "work_due" in plan
    assert "work_lane" in plan
    assert "TEMP B-TREE" not in plan


@on_sqlite
def test_work_that_waits_already_is_found_by_its_index():
    waiting = SyncRecord.objects.filter(kind__in=["a"], entity_key__in=["b"], collapsible=True, status__in=SyncRecord.DUE)
    assert "one_waiting_when_collapsible" in waiting.explain()
