"""What Lime shows of an order after work on it was refused."""

from __future__ import annotations

import pytest

from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def refused(webhooks: World, ask, settle) -> World:
    """An order that was attested, changed in Lime and sent again: the change is refused."""
    order = webhooks.ids["order"]
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle(until=lambda: webhooks.order_status() == "sent")
    webhooks.lime.control("PUT", f"objects/orderrow/{webhooks.ids['order-row2']}", {"quantity": 3})
    ask(UPSERT, order)
    settle(until=lambda: webhooks.order_status() == "error")
    return webhooks


def error_text(world: World) -> str:
    text: str = world.lime_object("order", world.ids["order"])["billectaerror"]
    return text


def test_an_order_that_is_paid_after_a_refusal_shows_paid(refused, ask, settle):
    assert error_text(refused)
    [invoice] = refused.invoices()
    refused.pay(invoice["ActionPublicId"])
    settle(until=lambda: refused.order_status() == "paid")
    assert error_text(refused) == ""
    ask(UPSERT, refused.ids["order"])
    settle(until=lambda: refused.order_status() == "error")


def test_work_that_had_nothing_to_do_takes_the_error_away(refused, ask, settle):
    ask(ATTEST, refused.ids["order"])
    settle(until=lambda: refused.order_status() == "sent")
    assert error_text(refused) == ""
