"""The main job over real HTTP against both sandboxes: order → draft → attested invoice → payments → Lime."""

from __future__ import annotations

import pytest

from integration.models import Invoice, LedgerEntry, SyncRecord, WebhookEvent
from tests.flows.world import World, ore

pytestmark = pytest.mark.django_db(transaction=True)
UPSERT, ATTEST = "upsert-orders-in-billecta", "attest-orders-in-billecta"


def play(world: World, ask, settle) -> str:
    """Upsert, attest, part-pay, pay; returns the invoice's id."""
    order = world.ids["order"]
    ask(UPSERT, order)
    settle(40)
    ask(ATTEST, order)
    settle(40)
    [invoice] = world.invoices()
    action: str = invoice["ActionPublicId"]
    world.pay(action, 1_000_00)
    settle(40)
    world.pay(action)
    settle(until=lambda: world.order_status() == "paid" and len(world.lime_objects("payment")) == 2)
    return action


def assert_all_is_well(world: World, action: str) -> None:
    """One invoice, one attest, two payments, everywhere, and every sum ties."""
    assert [len(world.effects(effect)) for effect in ("invoice.created", "invoice.attested", "payment.registered")] == [1, 1, 2]
    assert [len(world.effects(effect)) for effect in ("debtor.created", "product.created", "creditor.created")] == [1, 2, 0]
    [lime_invoice] = world.lime_objects("invoice")
    assert [ore(lime_invoice[name]) for name in ("amount", "paidamount", "balance", "vatamount")] == [
        world.TOTAL_ORE,
        world.TOTAL_ORE,
        0,
        125_00,
    ]
    assert [ore(row["totalincvat"]) for row in world.lime_objects("invoicerow")] == [8_000_00, 625_00]
    assert sorted(ore(payment["amount"]) for payment in world.lime_objects("payment")) == [1_000_00, world.TOTAL_ORE - 1_000_00]
    assert len(world.lime_objects("creditordebtor")) == 1
    assert len(world.lime_objects("creditorarticle")) == 2
    assert world.order_status() == "paid"
    assert world.lime_object("order", world.ids["order"])["billectaerror"] == ""
    mirrored = Invoice.objects.get(billecta_id=action)
    assert mirrored.current_ore == sum(LedgerEntry.objects.filter(invoice=mirrored).values_list("amount_ore", flat=True)) == 0
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["invoiced", "payment", "payment"]
    assert set(WebhookEvent.objects.values_list("status", flat=True)) <= {"processed", "ignored"}
    assert set(SyncRecord.objects.values_list("status", flat=True)) == {"succeeded"}


def test_an_order_becomes_an_attested_invoice_and_its_payments_come_back(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    settle()
    [invoice] = world.invoices()
    assert (invoice["State"]["Stage"], world.order_status(), world.lime_objects("invoice")) == ("Created", "created", [])
    assert world.lime_object("order", order)["billectaid"] == invoice["ActionPublicId"]
    ask(ATTEST, order)
    settle(until=lambda: world.order_status() == "sent")
    assert len(world.lime_objects("invoice")) == 1
    world.pay(invoice["ActionPublicId"], 1_000_00)
    settle()
    world.pay(invoice["ActionPublicId"])
    settle(until=lambda: world.order_status() == "paid")
    assert_all_is_well(world, invoice["ActionPublicId"])


def test_sending_the_same_order_again_calls_billecta_for_nothing(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    settle()
    world.billecta.control("DELETE", "journal")
    ask(UPSERT, order)
    settle()
    assert [call["operation"] for call in world.billecta.journal("call")] == []


def test_a_changed_row_updates_the_draft(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    settle()
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row2']}", {"quantity": 3})
    ask(UPSERT, order)
    settle()
    [invoice] = world.invoices()
    assert invoice["InvoicedAmount"]["Value"] == 8_000_00 + 3 * 625_00
    assert len(world.effects("invoice.created")) == 1


def test_attesting_twice_calls_nothing_and_changes_nothing(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle()
    world.billecta.control("DELETE", "journal")
    ask(ATTEST, order)
    settle()
    assert world.billecta.journal("call") == []
    again = SyncRecord.objects.filter(kind=ATTEST).latest("pk")
    assert (again.status, again.error_code) == ("skipped", "already_attested")


def test_an_attested_order_cannot_be_changed_and_says_why(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle()
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row2']}", {"quantity": 3})
    ask(UPSERT, order)
    settle(until=lambda: world.order_status() == "error")
    refused = SyncRecord.objects.filter(kind=UPSERT).latest("pk")
    assert (refused.status, refused.error_code) == ("failed", "guard_refused")
    assert world.lime_object("order", order)["billectaerror"].startswith("Order")


def test_an_invalid_order_is_not_sent_and_names_every_problem(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row2']}", {"vat": 17})
    world.lime.control("PUT", f"objects/debtor/{world.ids['debtor']}", {"ssnregno": "19121212-1213"})
    ask(UPSERT, order)
    settle(until=lambda: world.order_status() == "error")
    record = SyncRecord.objects.get(kind=UPSERT)
    fields = {problem["field"] for problem in record.error_params["problems"]}
    assert (record.failure_kind, world.billecta.journal("call")) == ("validation", [])
    assert {f"orderrow[{world.ids['order-row2']}].vat", f"debtor[{world.ids['debtor']}].ssnregno"} <= fields


def test_credits_and_write_offs_become_dated_entries_and_the_order_follows(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle()
    [invoice] = world.invoices()
    action = invoice["ActionPublicId"]
    world.credit(action, 5_000_00)
    settle()
    world.write_off(action)
    settle(until=lambda: world.order_status() == "credited")
    mirrored = Invoice.objects.get(billecta_id=action)
    entries = list(LedgerEntry.objects.filter(invoice=mirrored).order_by("pk").values_list("kind", "amount_ore", "date_basis"))
    assert entries == [
        ("invoiced", world.TOTAL_ORE, "invoice_date"),
        ("credit", -5_000_00, "event_date"),
        ("write_off", -3_625_00, "event_date"),
    ]
    [lime_invoice] = world.lime_objects("invoice")
    assert [ore(lime_invoice[name]) for name in ("balance", "creditedamount", "writeoffamount")] == [0, 5_000_00, 3_625_00]
    assert world.lime_objects("payment") == []


def test_a_draft_deleted_in_billecta_shows_deleted_and_can_be_sent_anew(webhooks, ask, settle):
    world, order = webhooks, webhooks.ids["order"]
    ask(UPSERT, order)
    settle()
    [invoice] = world.invoices()
    world.delete_draft(invoice["ActionPublicId"])
    settle(until=lambda: world.order_status() == "deleted")
    ask(UPSERT, order)
    settle(until=lambda: world.order_status() == "created")
    [anew] = world.invoices()
    assert anew["ExternalReference"].endswith(":2")
