"""What orders sum to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.validations.totals import OrderRow, RateTotal, order_totals, tolerance_ore


def _row(quantity="1", price="100", vat="25", percent="0", amount="0", *, message=False) -> OrderRow:
    return OrderRow(Decimal(quantity), Decimal(price), Decimal(vat), Decimal(percent), Decimal(amount), is_message=message)


@pytest.mark.parametrize(
    ("row", "vat_included", "net", "vat"),
    [
        (_row(), False, 10000, 2500),
        (_row(), True, 8000, 2000),
        (_row("3", "0.125", "25"), False, 38, 10),
        (_row("1", "0.02", "25"), False, 2, 1),
        (_row("1", "0.10", "12"), True, 9, 1),
        (_row("2", "100", "25", percent="10"), False, 18000, 4500),
        (_row("2", "100", "25", amount="50"), False, 15000, 3750),
        (_row("-1", "0.01", "25", percent="50"), False, -1, 0),
        (_row("1200", "0.8235", "25"), False, 98820, 24705),
        (_row("1", "100", "0"), True, 10000, 0),
        (_row(message=True), False, 0, 0),
    ],
)
def test_a_row_is_rounded_half_up_to_ore(row, vat_included, net, vat):
    totals = order_totals([row], vat_included=vat_included)
    assert (totals.net_ore, totals.vat_ore, totals.rounding_ore, totals.total_ore) == (net, vat, 0, net + vat)


def test_fees_have_full_vat_and_follow_the_prices():
    without = order_totals([_row(vat="6")], invoice_fee=Decimal(29), freight_fee=Decimal("59.50"))
    assert without.by_rate == {Decimal(6): RateTotal(10000, 600), Decimal(25): RateTotal(8850, 2213)}
    included = order_totals([], vat_included=True, invoice_fee=Decimal(29))
    assert (included.net_ore, included.vat_ore) == (2320, 580)


@pytest.mark.parametrize(
    ("price", "rounding", "total"), [("100.49", -49, 10000), ("100.50", 50, 10100), ("-100.50", -50, -10100), ("7", 0, 700)]
)
def test_rounding_to_whole_kronor_is_kept_apart(price, rounding, total):
    totals = order_totals([_row(price=price, vat="0")], cent_rounding=True)
    assert (totals.rounding_ore, totals.total_ore) == (rounding, total)


def test_rates_come_in_rising_order():
    assert list(order_totals([_row(vat="25"), _row(vat="0"), _row(vat="12"), _row(vat="25")]).by_rate) == [0, 12, 25]


def test_two_discounts_cannot_be_summed():
    with pytest.raises(ValueError, match="not both"):
        order_totals([_row(percent="10", amount="5")])


def test_the_tolerance_grows_with_the_priced_rows():
    rows = [_row(), _row(), _row(message=True)]
    assert tolerance_ore(rows) == 2
    assert tolerance_ore(rows, 5) == 10
    assert tolerance_ore([]) == 1
    assert tolerance_ore(rows, 0) == 0
