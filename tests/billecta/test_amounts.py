"""Money to and from the wire, exact to the öre."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.billecta.amounts import Amount, amount_from_wire, decimal_from_wire

ORE = st.integers(-(10**14), 10**14)


@given(ORE, st.sampled_from(["SEK", "EUR", "NOK"]))
def test_amounts_survive_the_wire(minor: int, currency: str):
    amount = Amount(currency, minor)
    assert amount_from_wire(json.loads(json.dumps(amount.to_wire()))) == amount


@given(ORE)
def test_kronor_and_back(minor: int):
    assert Amount.from_kronor(Amount("SEK", minor).kronor) == Amount("SEK", minor)


@given(ORE)
def test_the_number_for_view_reads_as_the_same_kronor(minor: int):
    wire = json.dumps(Amount("SEK", minor).to_wire()["ValueForView"])
    assert Decimal(wire) == Amount("SEK", minor).kronor


@pytest.mark.parametrize(
    ("kronor", "minor"), [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("2.675", 268), ("1000000000.015", 100000000002)]
)
def test_half_an_ore_is_rounded_up(kronor: str, minor: int):
    assert Amount.from_kronor(Decimal(kronor)).minor_units == minor


def test_only_the_whole_value_is_believed():
    assert amount_from_wire({"CurrencyCode": "sek", "Value": 12345, "ValueForView": 99.9}) == Amount("SEK", 12345)
    assert amount_from_wire({"CurrencyCode": None, "Value": 10000.0}) == Amount("SEK", 10000)


@pytest.mark.parametrize(
    "value", [None, 5, {}, {"Value": None}, {"Value": "5"}, {"Value": 1.5}, {"Value": True}, {"Value": 1, "CurrencyCode": 7}]
)
def test_what_is_no_amount_is_refused(value: object):
    with pytest.raises(TypeError):
        amount_from_wire(value)


@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_double_keeps_the_decimals_that_were_written(number: Decimal):
    assert decimal_from_wire(json.loads(json.dumps(float(number)))) == number
