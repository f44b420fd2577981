"""The main job with everything as separate processes, through the public API; and a worker killed in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.portal import Portal
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import World, ore

pytestmark = pytest.mark.flow


@pytest.fixture
def portal(sandboxes: World, tmp_path) -> Iterator[Portal]:
    sandboxes.reset()
    with Portal(sandboxes, tmp_path) as portal:
        yield portal


def test_the_main_job(portal):
    world, order = portal.world, portal.world.ids["order"]
    done = portal.wait_for(portal.ask(UPSERT, order))
    assert (done["status"], done["succeeded"], done["results"][0]["lime_id"]) == ("SUCCESS", 1, order)
    assert portal.wait_for(portal.ask(ATTEST, order))["status"] == "SUCCESS"
    [invoice] = world.invoices()
    assert done["results"][0]["billecta_id"] == invoice["ActionPublicId"]
    world.pay(invoice["ActionPublicId"], 1_000_00)
    portal.until(lambda: len(world.lime_objects("payment")) == 1)
    world.pay(invoice["ActionPublicId"])
    portal.until(lambda: world.order_status() == "paid" and len(world.lime_objects("payment")) == 2)
    assert_right_and_single(world)


def test_a_worker_killed_in_the_middle(portal):
    world, order = portal.world, portal.world.ids["order"]
    world.billecta.control("POST", "faults", {"kind": "latency", "operation": "create_invoice", "seconds": 1.5, "times": 1})
    task = portal.ask(UPSERT, order)
    portal.until(
        lambda: any(call["operation"] == "create_invoice" for call in world.billecta.journal("call")) or world.effects("invoice.created"),
        120,
    )
    portal.kill_workers()
    portal.manage(
        "shell",
        "-v0",
        "-c",
        "from integration.models import *; SyncRecord.objects.filter(status='in_flight').update(lease_until='2020-01-01T00:00Z')",
    )
    portal.start_workers()
    assert portal.wait_for(task, 120)["status"] == "SUCCESS"
    assert portal.wait_for(portal.ask(ATTEST, order))["status"] == "SUCCESS"
    [invoice] = world.invoices()
    portal.kill_workers()
    world.pay(invoice["ActionPublicId"], 1_000_00)
    world.pay(invoice["ActionPublicId"])
    portal.start_workers()
    portal.manage(
        "shell",
        "-v0",
        "-c",
        "from integration.models import *; SyncRecord.objects.filter(status='in_flight').update(lease_until='2020-01-01T00:00Z')",
    )
    portal.until(lambda: world.order_status() == "paid" and len(world.lime_objects("payment")) == 2, 120)
    assert_right_and_single(world)


def assert_right_and_single(world: World) -> None:
    assert [
        len(world.effects(effect))
        for effect in ("invoice.created", "invoice.attested", "payment.registered", "debtor.created", "product.created")
    ] == [1, 1, 2, 1, 2]
    [invoice] = world.lime_objects("invoice")
    assert [ore(invoice[name]) for name in ("amount", "paidamount", "balance")] == [world.TOTAL_ORE, world.TOTAL_ORE, 0]
    assert len(world.lime_objects("invoicerow")) == 2
    assert sorted(ore(payment["amount"]) for payment in world.lime_objects("payment")) == [1_000_00, world.TOTAL_ORE - 1_000_00]
