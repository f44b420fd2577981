"""Options of commands on invoices: amounts in kronor, names in any case, and what is said of a wrong one."""

from __future__ import annotations

from typing import Any

import pytest

from integration.commands.invoice_options import fee
from integration.commands.options import check_options, with_enum_names
from integration.commands.refusals import InvalidRequest
from integration.commands.table import table

REMIND, POSTPONE, SEND = "remind-invoices-in-billecta", "postpone-invoices-in-billecta", "send-invoices-to-debt-collection"


@pytest.mark.parametrize(
    ("given", "ore"),
    [("60", 60_00), ("60.5", 60_50), ("60,50", 60_50), ("1 250,00", 1_250_00), (60, 60_00), (60.1, 60_10), ("0", 0), (0, 0)],
)
def test_a_fee_in_kronor_is_taken_to_the_ore(given, ore):
    check_options(table[REMIND], {"fee": given})
    amount = fee({"fee": given}, "SEK")
    assert amount is not None
    assert (amount.minor_units, amount.currency) == (ore, "SEK")


def test_no_fee_is_not_a_fee_of_nothing():
    assert fee({}, "SEK") is None


@pytest.mark.parametrize(
    ("command", "options", "field"),
    [
        *[(REMIND, {"fee": wrong}, "options.fee") for wrong in ("60.505", 60.505, -1, "-1", "sixty", "1e3x", "", "NaN", True, None)],
        (REMIND, {"terms_days": 0}, "options.terms_days"),
        (REMIND, {"delivery_method": "Manually"}, "options.delivery_method"),
        (POSTPONE, {}, "options.due_date"),
        (POSTPONE, {"due_date": "2026-02-30"}, "options.due_date"),
        (SEND, {"start_level": "Unknown"}, "options.start_level"),
        (SEND, {"eviction": "yes"}, "options.eviction"),
        (SEND, {"interest": -1}, "options.interest"),
        ("comment-invoices-in-billecta", {"public": True}, "options.comment"),
        ("pause-invoices-in-billecta", {"comment": "x"}, "options.comment"),
    ],
)
def test_a_wrong_option_is_named(command: str, options: dict[str, Any], field: str):
    with pytest.raises(InvalidRequest) as refused:
        check_options(table[command], options)
    assert list(refused.value.fields) == [field]


def test_names_are_spelled_as_the_schema_spells_them():
    given = {"start_level": "bailiff", "end_level": "BAILIFF", "reason": "BAILIFF", "interest_type": "nonsense", "reminders": 1}
    spelled = with_enum_names(table[SEND], given)
    assert spelled == {**given, "start_level": "Bailiff", "end_level": "Bailiff"}
