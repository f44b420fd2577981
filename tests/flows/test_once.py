"""Nothing is made twice: what Billecta has already is found by our link, by what Lime stores, or by its external id."""

from __future__ import annotations

import pytest

from integration.models import Article, Creditor, Debtor, Invoice, InvoiceVersion, LedgerEntry, Order, RecordLink, SyncRecord
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
    settle(40, until=lambda: world.order_status() == "created")
    assert (made(world), len(world.invoices())) == ([1, 1, 2], 1)
