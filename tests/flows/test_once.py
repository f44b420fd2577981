"""Nothing is made twice: what Billecta has already is found by our link, by what Lime stores, or by its external id."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from integration.ledger import drain
from integration.models import Article, Creditor, Debtor, Invoice, InvoiceVersion, LedgerEntry, Order, RecordLink, RetryPolicy, SyncRecord
from tests.flows.test_main_job import UPSERT
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
CREATED = ("invoice.created", "debtor.created", "product.created")


def forget_everything() -> None:
    """The portal's database is new, as when a customer moves from the package that this portal replaces."""
    for model in (SyncRecord, RecordLink, LedgerEntry, InvoiceVersion, Invoice, Order, Debtor, Article, Creditor):
        model._base_manager.all().delete()


def made(world: World) -> list[int]:
    """How many invoices, debtors and products were created in Billecta."""
    return [len(world.effects(effect)) for effect in CREATED]


@pytest.fixture
def sent(world, ask, settle) -> World:
    """The order is a draft in Billecta, and Lime shows it."""
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    sandboxes: World = world
    return sandboxes


def test_what_lime_stores_is_adopted(sent, ask, settle):
    forget_everything()
    ask(UPSERT, sent.ids["order"])
    settle(until=lambda: RecordLink.objects.filter(limetype="order").exists())
    assert made(sent) == [1, 1, 2]
    assert RecordLink.objects.get(limetype="order").origin == RecordLink.Origin.ADOPTED
    assert len(sent.lime_objects("creditordebtor")) == 1


def test_what_lime_does_not_store_is_found_by_its_external_id(sent, ask, settle):
    for table in ("creditordebtor", "creditorarticle"):
        for row in sent.lime_objects(table):
            sent.lime.control("PUT", f"objects/{table}/{row['_id']}", {"billectaid": ""})
    forget_everything()
    ask(UPSERT, sent.ids["order"])
    settle(until=lambda: RecordLink.objects.filter(limetype="order").exists())
    assert made(sent) == [1, 1, 2]


def test_a_linked_order_is_not_made_again_though_lime_forgot_its_id(sent, ask, settle):
    world, order = sent, sent.ids["order"]
    world.lime.control("PUT", f"objects/order/{order}", {"billectaid": ""})
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row2']}", {"quantity": 2})
    ask(UPSERT, order)
    settle()
    [invoice] = world.invoices()
    assert (made(world), invoice["InvoicedAmount"]["Value"]) == ([1, 1, 2], 9_250_00)


@pytest.mark.parametrize("takes_effect", [True, False])
def test_an_invoice_whose_answer_was_lost_is_made_once(world, ask, settle, takes_effect):
    lost = {"operation": "create_invoice", "kind": "status", "status": 502, "perform": takes_effect, "times": 1}
    world.billecta.control("POST", "faults", lost)
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    assert (made(world), len(world.invoices())) == ([1, 1, 2], 1)


def test_an_order_asked_for_anew_after_a_lost_answer_and_another_failure_is_one_invoice(world, ask, settle):
    lost = {"operation": "create_invoice", "kind": "status", "status": 502, "perform": True, "times": 1}
    world.billecta.control("POST", "faults", lost)
    RetryPolicy.objects.filter(error_code="").update(first_delay_seconds=1)
    order, row = world.ids["order"], world.ids["order-row1"]
    ask(UPSERT, order)
    while not SyncRecord.objects.filter(kind=UPSERT, status=SyncRecord.Status.WAITING_RETRY).exists():
        drain(threads=0)
    world.lime.control("PUT", f"objects/orderrow/{row}", {"quantity": 0})
    settle(until=lambda: SyncRecord.objects.filter(kind=UPSERT, status=SyncRecord.Status.FAILED).exists())
    world.lime.control("PUT", f"objects/orderrow/{row}", {"quantity": 3})
    ask(UPSERT, order)
    settle(until=lambda: world.order_status() == "created")
    [invoice] = world.invoices()
    assert (made(world), invoice["InvoicedAmount"]["Value"]) == ([1, 1, 2], 12_625_00)


def test_a_worker_lost_between_the_answer_and_its_link_leaves_one_invoice(world, ask, settle, monkeypatch):
    from integration.commands import order_drafts

    remember, deaths = order_drafts._remember, [1]

    def dies_once(*args, **kwargs):
        if deaths:
            deaths.pop()
            raise DatabaseError("the connection was lost")
        remember(*args, **kwargs)

    monkeypatch.setattr(order_drafts, "_remember", dies_once)
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: SyncRecord.objects.filter(kind=UPSERT, status=SyncRecord.Status.FAILED).exists())
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    assert (made(world), len(world.invoices()), deaths) == ([1, 1, 2], 1, [])
