"""The main job over real HTTP against both sandboxes: order → draft → attested invoice → payments → Lime."""

from __future__ import annotations

import pytest

from integration.models import Invoice, LedgerEntry, SyncRecord, WebhookEvent
from tests.flows.world import ore

pytestmark = pytest.mark.django_db(transaction=True)


def run(command: str, *ids: int) -> None:
    from integration.commands.table import table
    from integration.ledger import submit

    for subject in table[command].subjects(ids, {}):
        submit(command, subject, requested_by="test")


def test_an_order_becomes_an_attested_invoice_and_its_payments_come_back(webhooks, settle):
    world = webhooks
    order = world.ids["order"]
    run("upsert-orders-in-billecta", order)
    settle()
    assert [(r.kind, r.status, r.message) for r in SyncRecord.objects.exclude(status__in=["succeeded"])] == []
    [invoice] = world.invoices()
    assert invoice["State"]["Stage"] == "Created"
    assert world.order_status() == "created"
    assert world.lime_objects("invoice") == []

    run("attest-orders-in-billecta", order)
    settle()
    [lime_invoice] = world.lime_objects("invoice")
    assert ore(lime_invoice["amount"]) == world.TOTAL_ORE
    assert len(world.lime_objects("invoicerow")) == 2
    assert world.order_status() in {"attested", "sent"}

    action = invoice["ActionPublicId"]
    world.pay(action, 1_000_00)
    settle()
    world.pay(action)
    settle(until=lambda: world.order_status() == "paid")
    payments = world.lime_objects("payment")
    assert sorted(ore(payment["amount"]) for payment in payments) == [1_000_00, world.TOTAL_ORE - 1_000_00]
    [lime_invoice] = world.lime_objects("invoice")
    assert (ore(lime_invoice["balance"]), ore(lime_invoice["paidamount"])) == (0, world.TOTAL_ORE)
    mirrored = Invoice.objects.get(billecta_id=action)
    assert mirrored.current_ore == sum(LedgerEntry.objects.filter(invoice=mirrored).values_list("amount_ore", flat=True)) == 0
    assert set(WebhookEvent.objects.values_list("status", flat=True)) <= {"processed", "ignored"}
    assert len(world.effects("invoice.created")) == 1
