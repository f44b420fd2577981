"""What holds for any money, any values and any order."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from integration.mapping.dates import parse_time, stockholm_date, wire_date
from integration.mapping.engine import changed, content_hash, merge, to_billecta, to_lime
from integration.mapping.spec import MappingSpec, default_mapping
from integration.mapping.values import read_identity_number
from integration.money import amount_from_view, amount_view, exact_decimal, kronor_to_ore, ore_to_kronor, wire_number
from integration.validations.totals import OrderRow, order_totals

SPEC = default_mapping()
ORE = st.integers(-(10**11), 10**11)
KRONOR = st.decimals(-(10**6), 10**6, places=4)
DAYS = st.dates(date(1970, 1, 1), date(2100, 1, 1))
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=40)
RATES = st.sampled_from([Decimal(0), Decimal(6), Decimal(12), Decimal(25)])
ROWS = st.lists(
    st.builds(
        OrderRow,
        quantity=st.decimals(-1000, 1000, places=3),
        unit_price=KRONOR,
        vat_percent=RATES,
        discount_percent=st.decimals(0, 100, places=2),
        is_message=st.booleans(),
    ),
    max_size=8,
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    TEXT,
    KRONOR,
    st.integers(-(10**9), 10**9),
    DAYS,
    st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    ORE.map(amount_view),
)
TREES = st.dictionaries(TEXT, st.one_of(VALUES, st.dictionaries(TEXT, VALUES, max_size=3)), max_size=6)


@given(ORE)
def test_ore_survive_kronor_and_the_wire(ore):
    assert kronor_to_ore(ore_to_kronor(ore)) == ore
    assert amount_from_view(json.loads(json.dumps(amount_view(ore, "EUR")))) == (ore, "EUR")


@given(KRONOR)
def test_a_number_survives_json(number):
    assert exact_decimal(json.loads(json.dumps(wire_number(number)))) == number


@given(DAYS)
def test_a_date_survives_the_wire(day):
    moment = parse_time(wire_date(day))
    assert moment is not None
    assert stockholm_date(moment) == day


@given(st.from_regex(r"[0-9]{6}[-+]?[0-9]{4}|(19|20)[0-9]{6}-?[0-9]{4}", fullmatch=True))
def test_an_identity_number_has_one_form(text):
    once = read_identity_number(text)
    assert read_identity_number(once) == once
    assert read_identity_number(f" {text} ") == once


@given(ROWS, st.booleans(), st.booleans(), KRONOR.map(abs))
def test_an_order_is_the_sum_of_its_rows(rows, vat_included, cent_rounding, fee):
    totals = order_totals(rows, vat_included=vat_included, invoice_fee=fee, cent_rounding=cent_rounding)
    single = [order_totals([row], vat_included=vat_included) for row in rows] + [
        order_totals([], vat_included=vat_included, invoice_fee=fee)
    ]
    assert totals.net_ore == sum(one.net_ore for one in single)
    assert totals.vat_ore == sum(one.vat_ore for one in single)
    assert totals.total_ore == totals.net_ore + totals.vat_ore + totals.rounding_ore
    assert totals.net_ore == sum(rate.net_ore for rate in totals.by_rate.values())
    assert totals.vat_ore == sum(rate.vat_ore for rate in totals.by_rate.values())
    assert abs(totals.rounding_ore) <= 50
    assert not cent_rounding or totals.total_ore % 100 == 0


@given(ORE, RATES)
def test_prices_with_and_without_vat_agree_within_an_ore(ore, rate):
    net = ore_to_kronor(ore)
    without = order_totals([OrderRow(Decimal(1), net, rate)])
    included = order_totals([OrderRow(Decimal(1), ore_to_kronor(without.total_ore), rate)], vat_included=True)
    assert included.total_ore == without.total_ore
    assert abs(included.net_ore - without.net_ore) <= 1


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": TEXT,
            "email": TEXT,
            "maincontactphone": TEXT,
            "address": TEXT,
            "zipcode": st.text(st.sampled_from("0123456789 "), max_size=10),
            "city": TEXT,
        },
    )
)
def test_a_debtor_that_goes_out_comes_back_the_same(lime):
    sent = to_billecta(SPEC, "debtor", lime)
    returned = to_lime(SPEC, "debtor", json.loads(json.dumps(sent.values))).values
    assert changed(lime, returned) == {}


@given(ORE, DAYS, st.sampled_from(["email", "Mail", "AVY", None]), st.booleans())
def test_an_order_that_goes_out_comes_back_the_same(fee, day, method, included):
    pairs = [["InvoiceFee", "fee"], ["DueDate", "due"], ["DeliveryMethod", "method"], ["VatIsIncluded", "included"]]
    spec = MappingSpec.from_dict({"to_billecta": {"order": pairs}, "to_lime": {"order": pairs}})
    lime = {"fee": ore_to_kronor(fee), "due": day, "method": method, "included": included}
    sent = to_billecta(spec, "order", lime)
    returned = to_lime(spec, "order", json.loads(json.dumps(sent.values))).values
    assert sent.problems == []
    assert changed({**lime, "method": method and method.lower()}, returned) == {}


@given(TREES, TREES)
def test_merging_touches_only_what_is_mapped(fetched, values):
    merged = merge(fetched, values)
    assert changed(values, merged) == {}
    untouched = {key: value for key, value in fetched.items() if key not in values}
    assert {key: merged[key] for key in untouched} == untouched
    assert merged.keys() == fetched.keys() | values.keys()
    assert merge(merged, values) == merged


@given(TREES)
def test_the_hash_knows_no_order_of_keys_and_no_way_of_writing(values):
    rewritten = dict(reversed([(key, _rewritten(value)) for key, value in values.items()]))
    assert content_hash(rewritten) == content_hash(values)
    assert changed(rewritten, values) == {}


@given(TREES, TREES)
def test_equal_hashes_mean_nothing_changed(one, other):
    if content_hash(one) == content_hash(other):
        assert changed(one, other) == {}
    else:
        assert changed(one, other) or changed(other, one) or one.keys() != other.keys()


def _rewritten(value: object) -> object:
    """The same value as another system would write it."""
    if isinstance(value, dict) and "CurrencyCode" in value:
        return {"ValueForView": float(value["ValueForView"]), "Value": value["Value"], "CurrencyCode": value["CurrencyCode"]}
    if isinstance(value, dict):
        return {key: _rewritten(value[key]) for key in reversed(value)}
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.000000"))
    if isinstance(value, date) and not isinstance(value, datetime):
        return wire_date(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return f" {value} " if isinstance(value, str) and value else "" if value is None else value
