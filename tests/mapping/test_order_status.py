"""The status that an order shows."""

from __future__ import annotations

from datetime import date

import pytest

from integration.mapping.order_status import OrderFacts, OrderStatus, order_status

DAY = date(2026, 3, 1)
SENT = {"attested_date": DAY, "sent_date": DAY, "invoiced_ore": 10000}
FAILED_BEFORE = {**SENT, "last_failed": True, "changed_since_failure": True}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "notsent"),
        ({"has_open_work": True}, "pending"),
        ({"has_open_work": True, "last_failed": True, "deleted": True}, "pending"),
        ({"last_failed": True}, "error"),
        ({"last_failed": True, "draft": True}, "error"),
        ({"draft": True}, "created"),
        ({"draft": True, "cancelled": True}, "cancelled"),
        ({"deleted": True}, "deleted"),
        ({"attested_date": DAY, "draft": True, "current_ore": 10000, "invoiced_ore": 10000}, "attested"),
        ({**SENT, "current_ore": 10000}, "sent"),
        ({**SENT, "current_ore": 4000, "paid_ore": 6000}, "sent"),
        ({**SENT, "current_ore": 0, "paid_ore": 10000}, "paid"),
        ({**SENT, "current_ore": -500, "paid_ore": 10500}, "paid"),
        ({**SENT, "current_ore": 0, "paid_ore": 4000, "credited_ore": 6000}, "credited"),
        ({**SENT, "current_ore": 0, "paid_ore": 5000, "credited_ore": 5000}, "paid"),
        ({**SENT, "current_ore": 0, "credited_ore": 4000, "written_off_ore": 6000}, "writtenoff"),
        ({**SENT, "current_ore": 10000, "debt_collection_date": DAY}, "debtcollection"),
        ({**SENT, "current_ore": 0, "paid_ore": 10000, "debt_collection_date": DAY}, "paid"),
        ({**SENT, "last_failed": True, "current_ore": 0, "paid_ore": 10000}, "error"),
        ({**FAILED_BEFORE, "current_ore": 0, "paid_ore": 10000}, "paid"),
        ({**FAILED_BEFORE, "current_ore": 0, "credited_ore": 10000}, "credited"),
        ({**FAILED_BEFORE, "current_ore": 0, "written_off_ore": 10000}, "writtenoff"),
        ({**FAILED_BEFORE, "current_ore": 4000, "paid_ore": 6000}, "error"),
        ({**FAILED_BEFORE, "current_ore": 0, "paid_ore": 10000, "has_open_work": True}, "pending"),
        ({"attested_date": DAY, "invoiced_ore": 0}, "attested"),
        ({"attested_date": DAY, "sent_date": DAY, "invoiced_ore": -10000, "current_ore": -10000}, "sent"),
        ({"attested_date": DAY, "sent_date": DAY, "invoiced_ore": -10000, "paid_ore": -10000}, "paid"),
    ],
)
def test_facts_give_one_status(facts, status):
    assert order_status(OrderFacts(**facts)) == status


def test_every_status_is_a_key_of_the_default_mapping(spec):
    assert tuple(OrderStatus) == spec.order_status_keys
