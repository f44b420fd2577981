"""The sweep finds what Lime changed without telling, passes nothing over, and sends nothing that is in step."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from integration.commands import lime_sweep
from integration.ledger import claim, submit_collapsed, sweep
from integration.ledger.throttle import throttle
from integration.ledger.work import Work
from integration.models import Invoice, LimeCursor, RecordLink, SyncRecord, TokenBucket
from integration.sync import lime_records
from integration.sync.in_step import KEPT
from integration.tasks import sweep_lime
from tests.flows.changes import calls, debtor_in_billecta, edit, kept, switch, writes
from tests.flows.test_main_job import ATTEST, UPSERT, play
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]


@pytest.fixture
def silent(world, ask, settle) -> World:
    """The same draft with a Lime that tells nothing, every switch on, and a sweep that has begun to listen."""
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    switch(creditors=True, debtors=True, articles=True, orders=True)
    assert sweep_lime() is False
    world.billecta.control("DELETE", "journal")
    world.lime.control("DELETE", "journal")
    found: World = world
    return found


def due() -> None:
    """Let the time for a sweep come."""
    LimeCursor.objects.update(asked_at=timezone.now() - timedelta(minutes=16))


def swept(settle) -> None:
    due()
    assert sweep_lime() is True
    settle()


def test_a_sweep_finds_what_nobody_told_of(silent, settle):
    edit(silent, "debtor", "debtor", city="Umeå")
    edit(silent, "orderrow", "order-row2", quantity=3)
    edit(silent, "creditor", "creditor", city="Kiruna")
    edit(silent, "article", "rent", price=4100)
    swept(settle)
    assert sorted(writes(silent)) == ["update_creditor", "update_debtor", "update_invoice", "update_product"]
    assert debtor_in_billecta(silent)["City"] == "Umeå"
    assert silent.invoices()[0]["InvoicedAmount"]["Value"] == 8_000_00 + 3 * 625_00


def test_a_sweep_asks_for_nothing_that_is_in_step(silent, settle):
    edit(silent, "debtor", "debtor", name="Anna Andersson")
    edit(silent, "article", "rent", price=4000)
    edit(silent, "article", "parking", active=True)
    swept(settle)
    assert calls(silent) == []
    assert (kept("debtor"), kept("article"), kept("order")) == ([], [], [])
    assert SyncRecord.objects.get(kind=lime_sweep.SWEEP).status == "succeeded"


def test_a_sweep_sends_nothing_for_the_first_time(silent, settle):
    ids = silent.lime.control("POST", "seed", {"objects": [{"limetype": "debtor", "ref": "new", "values": {"name": "Bo Berg"}}]})["ids"]
    silent.add_order("order3")
    silent.lime.control("PUT", f"objects/debtor/{ids['new']}", {"city": "Umeå"})
    swept(settle)
    assert calls(silent) == []


def test_a_sweep_leaves_attested_orders_alone(silent, ask, settle):
    ask(ATTEST, silent.ids["order"])
    settle(until=lambda: Invoice.objects.filter(attested_at__isnull=False).exists())
    silent.billecta.control("DELETE", "journal")
    edit(silent, "order", "order", message="Ny text")
    swept(settle)
    assert (calls(silent), kept("order")) == ([], [])


def test_a_sweep_after_the_whole_job_sends_nothing(webhooks, ask, settle):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    assert sweep_lime() is False
    action = play(webhooks, ask, settle)
    webhooks.billecta.control("DELETE", "journal")
    swept(settle)
    looked = SyncRecord.objects.get(kind=lime_sweep.SWEEP).result["looks"]
    assert (calls(webhooks), looked["order"]) == ([], 0)
    assert webhooks.order_status() == "paid"
    assert webhooks.invoice(action)["CurrentAmount"]["Value"] == 0


def test_a_sweep_of_a_draft_whose_status_was_written_sends_nothing(silent, settle):
    silent.lime.control("PUT", f"objects/order/{silent.ids['order']}", {"billectaerror": ""})
    swept(settle)
    assert (calls(silent), kept("order")) == ([], [("succeeded", "")])


def test_the_first_sweep_begins_now_and_not_at_the_beginning_of_time(world, ask, settle):
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    edit(world, "debtor", "debtor", city="Umeå")
    world.billecta.control("DELETE", "journal")
    time.sleep(0.01)
    switch(debtors=True)
    assert sweep_lime() is False
    swept(settle)
    assert calls(world) == []
    assert not LimeCursor.objects.exclude(name="debtor").exists()


def test_a_switch_that_is_turned_on_again_begins_anew(silent, settle):
    switch(debtors=False)
    sweep_lime()
    edit(silent, "debtor", "debtor", city="Umeå")
    time.sleep(0.01)
    switch(debtors=True)
    sweep_lime()
    swept(settle)
    assert writes(silent) == []


def test_a_sweep_is_asked_for_when_its_time_has_come_and_once(silent, settle):
    assert sweep_lime() is False
    due()
    assert (sweep_lime(), sweep_lime()) == (True, False)
    due()
    assert sweep_lime() is False, "one is waiting already"
    settle()
    due()
    assert sweep_lime() is True


def test_nothing_is_swept_while_everything_is_off(world):
    assert sweep_lime() is False
    assert not LimeCursor.objects.exists()
    assert not SyncRecord.objects.exists()


def many_debtors(world: World, ask, settle, count: int) -> list[int]:
    """So many more debtors in Billecta, all changed in Lime at the same moment without a word."""
    objects = [{"limetype": "debtor", "ref": f"d{number}", "values": {"name": f"Kund {number}"}} for number in range(count)]
    ids = list(world.lime.control("POST", "seed", {"objects": objects})["ids"].values())
    ask("upsert-debtors-in-billecta", *ids)
    settle(60)
    world.billecta.control("DELETE", "journal")
    RecordLink.objects.filter(limetype="debtor", lime_id__in=ids).update(sent_hash="of something older")
    return ids


def test_a_sweep_that_is_killed_midway_goes_on_and_passes_nothing_over(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 7)
    monkeypatch.setattr(lime_sweep, "PAGE", 2)
    asked = lime_records.changed_since
    pages: list[int] = []

    def killed_at_the_third_page(name, *rest, **more):
        if name == "debtor":
            pages.append(more["after_id"])
            if len(pages) == 3:
                raise SystemExit
        return asked(name, *rest, **more)

    monkeypatch.setattr(lime_records, "changed_since", killed_at_the_third_page)
    before = LimeCursor.objects.get(name="debtor").since
    due()
    sweep_lime()
    [record] = claim(["outbound"], 1)
    with pytest.raises(SystemExit):
        lime_sweep.sweep(Work(record))
    stopped = LimeCursor.objects.get(name="debtor")
    assert (stopped.since, stopped.pass_started_at is not None, stopped.after_id) == (before, True, pages[-1])
    SyncRecord.objects.filter(pk=record.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    settle()
    assert pages[3] == pages[2], "it goes on where it was"
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) >= set(ids)
    ended = LimeCursor.objects.get(name="debtor")
    assert (ended.pass_started_at, ended.after_id) == (None, 0)


def test_a_page_whose_work_cannot_be_stored_is_asked_for_again(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 3)
    monkeypatch.setattr(lime_sweep, "PAGE", 2)
    failed: list[str] = []

    def failing_once(kind, subjects, **more):
        if kind == KEPT["debtor"].kind and not failed:
            failed.append(kind)
            submit_collapsed(kind, subjects, **more)
            raise SystemExit
        return submit_collapsed(kind, subjects, **more)

    due()
    sweep_lime()
    [record] = claim(["outbound"], 1)
    monkeypatch.setattr("integration.commands.lime_sweep.submit_collapsed", failing_once)
    with pytest.raises(SystemExit):
        lime_sweep.sweep(Work(record))
    assert (LimeCursor.objects.get(name="debtor").after_id, kept("debtor")) == (0, [])
    SyncRecord.objects.filter(pk=record.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    settle()
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) == set(ids)


def test_what_is_deleted_or_changed_during_a_pass_makes_it_pass_nothing_over(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 6)
    monkeypatch.setattr(lime_sweep, "PAGE", 2)
    asked = lime_records.changed_since
    touched: list[bool] = []

    def with_people_at_work(name, *rest, **more):
        page = asked(name, *rest, **more)
        if name == "debtor" and not touched:
            touched.append(True)
            silent.lime.control("DELETE", f"objects/debtor/{ids[0]}")
            silent.lime.control("PUT", f"objects/debtor/{ids[1]}", {"city": "Umeå"})
        return page

    monkeypatch.setattr(lime_records, "changed_since", with_people_at_work)
    swept(settle)
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) >= set(ids)


def test_a_lime_that_gives_fewer_than_were_asked_for_is_asked_on(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 3)
    asked = lime_records.changed_since
    monkeypatch.setattr(lime_records, "changed_since", lambda name, *rest, **more: asked(name, *rest, **{**more, "limit": 1}))
    swept(settle)
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) == set(ids)


def test_the_next_pass_looks_back_over_the_beginning_of_the_one_before(silent, settle):
    LimeCursor.objects.update(since=timezone.now() - timedelta(hours=1))
    started = timezone.now()
    swept(settle)
    for cursor in LimeCursor.objects.all():
        assert started - lime_sweep.OVERLAP <= cursor.since <= timezone.now() - lime_sweep.OVERLAP


def test_a_lime_that_cannot_be_reached_delays_the_sweep_and_loses_nothing(silent, settle):
    edit(silent, "debtor", "debtor", city="Umeå")
    silent.lime.control("POST", "faults", {"kind": "status", "status": 503, "times": 3})
    swept(settle)
    assert writes(silent) == ["update_debtor"]


def test_a_sweep_keeps_within_the_limit_of_calls(silent, settle):
    TokenBucket.objects.filter(system="lime").update(enabled=True, rate_per_second=4, burst=4, tokens=4)
    throttle.cache_clear()
    edit(silent, "debtor", "debtor", city="Umeå")
    due()
    sweep_lime()
    settle(40)
    assert writes(silent) == ["update_debtor"]
    assert SyncRecord.objects.get(kind=lime_sweep.SWEEP).status == "succeeded"
