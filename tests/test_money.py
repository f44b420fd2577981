"""Money at the edges."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.money import (
    amount_from_view,
    amount_view,
    exact_decimal,
    format_kronor,
    has_parts_of_ore,
    kronor_to_ore,
    ore_to_kronor,
    round_half_up,
    wire_number,
)


@pytest.mark.parametrize(
    ("kronor", "ore"),
    [("0", 0), ("1", 100), ("0.005", 1), ("0.004", 0), ("-0.005", -1), ("10.125", 1013), ("2.675", 268), ("1E+3", 100000)],
)
def test_kronor_become_ore_half_up(kronor, ore):
    assert kronor_to_ore(Decimal(kronor)) == ore


def test_ore_become_kronor_with_two_decimals():
    assert str(ore_to_kronor(1230)) == "12.30"
    assert str(ore_to_kronor(-5)) == "-0.05"


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"), [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("1.005", 2, "1.01"), ("1.0049", 2, "1.00")]
)
def test_halves_are_rounded_away_from_zero(value, decimals, rounded):
    assert str(round_half_up(Decimal(value), decimals)) == rounded


def test_parts_of_an_ore_are_noticed():
    assert has_parts_of_ore(Decimal("0.125"))
    assert not has_parts_of_ore(Decimal("0.1200"))


def test_an_integer_is_ore_and_a_decimal_is_kronor():
    assert amount_view(12345) == {"CurrencyCode": "SEK", "Value": 12345, "ValueForView": 123.45}
    assert amount_view(Decimal("123.45"), "EUR") == {"CurrencyCode": "EUR", "Value": 12345, "ValueForView": 123.45}
    assert amount_view(Decimal(100)) == {"CurrencyCode": "SEK", "Value": 10000, "ValueForView": 100}


def test_an_amount_is_read_by_its_value_only():
    assert amount_from_view({"CurrencyCode": "SEK", "Value": 12345, "ValueForView": 1.0}) == (12345, "SEK")
    assert amount_from_view({"CurrencyCode": None, "Value": 5}) == (5, "SEK")
    for broken in ({"Value": 1.5}, {"Value": None}, {}):
        with pytest.raises(ValueError, match="not"):
            amount_from_view(broken)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.1, "0.1"), ("1 234,50", "1234.50"), ("1\u00a0234,50", "1234.50"), ("\u221212,5", "-12.5"), (7, "7"), (Decimal("1.10"), "1.10")],
)
def test_numbers_are_read_as_they_were_written(value, expected):
    assert str(exact_decimal(value)) == expected


@pytest.mark.parametrize("value", ["", "abc", None, True, float("nan"), float("inf"), "1_000", "1.234,50", [1]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="not a"):
        exact_decimal(value)


def test_a_whole_number_goes_out_as_an_integer():
    assert repr(wire_number(Decimal("25.00"))) == "25"
    assert repr(wire_number(Decimal("12.5"))) == "12.5"


@pytest.mark.parametrize(
    ("kronor", "language", "currency", "shown"),
    [
        ("1234.5", "sv", "SEK", "1\u00a0234,50\u00a0kr"),
        ("1234567.895", "sv-se", "SEK", "1\u00a0234\u00a0567,90\u00a0kr"),
        ("-12", "sv", "EUR", "\u221212,00\u00a0EUR"),
        ("1234.5", "en", "SEK", "SEK\u00a01,234.50"),
        ("-0.004", "sv", "SEK", "0,00\u00a0kr"),
        ("-3", "en", "SEK", "-SEK\u00a03.00"),
    ],
)
def test_money_is_shown_as_the_language_writes_it(kronor, language, currency, shown):
    assert format_kronor(Decimal(kronor), language, currency) == shown
