"""Rules for orders, debtors, creditors and articles."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from integration.mapping.lime_schema import LimeSchema
from integration.mapping.spec import MappingSpec, default_mapping
from integration.validations.article import validate_article
from integration.validations.creditor import validate_creditor
from integration.validations.debtor import validate_debtor
from integration.validations.order import totals_of_order, validate_order
from integration.validations.texts import TEXTS, broken_rule
from integration.validations.totals import tolerance_ore

SPEC = default_mapping()
ORDER = {
    "_id": 1,
    "creditor": 20,
    "debtor": 30,
    "invoicedate": date(2026, 3, 1),
    "duedate": date(2026, 3, 31),
    "deliverymethod": "email",
    "vatincluded": False,
    "invoicefee": Decimal(29),
    "freightfee": None,
}
ROW = {
    "_id": 1012,
    "order": 1,
    "rownumber": 1,
    "rowtype": "standard",
    "description": "Hyra april",
    "quantity": Decimal(1),
    "price": Decimal("7500.50"),
    "vat": Decimal(25),
    "discount": Decimal(0),
    "discountamount": None,
    "periodstart": date(2026, 4, 1),
    "periodend": date(2026, 4, 30),
}
MESSAGE = {
    "_id": 1013,
    "order": 1,
    "rownumber": 2,
    "rowtype": "message",
    "description": "Tack",
    "quantity": None,
    "price": None,
    "vat": None,
}
DEBTOR = {"_id": 30, "ssnregno": "19121212-1212", "name": "Eva Berg", "email": "eva@exempel.se", "zipcode": "111 22"}
CREDITOR = {"_id": 20, "ssnregno": "556016-0680", "name": "Hyresbolaget AB", "email": "max@exempel.se", "zipcode": "11122"}


def _codes(problems) -> dict[str, str]:
    return {found.field: found.code for found in problems}


def _order(order=None, row=None, debtor=None, creditor=None) -> dict[str, str]:
    return _codes(
        validate_order(
            {**ORDER, **(order or {})},
            [{**ROW, **(row or {})}, MESSAGE],
            {**DEBTOR, **(debtor or {})},
            {**CREDITOR, **(creditor or {})},
            SPEC,
        )
    )


def test_a_good_order_has_no_problems():
    assert _order() == {}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"duedate": date(2026, 2, 28)}, "duedate", "due_before_invoice_date"),
        ({"duedate": None}, "duedate", "required"),
        ({"invoicedate": "soon"}, "invoicedate", "not_a_date"),
        ({"invoicefee": Decimal(-1)}, "invoicefee", "negative"),
        ({"freightfee": Decimal("0.005")}, "freightfee", "parts_of_ore"),
        ({"deliverymethod": "pigeon"}, "deliverymethod", "unknown_choice"),
        ({"message": "x" * 4001}, "message", "too_long"),
        ({"creditor": 21}, "creditor", "other_creditor"),
        ({"debtor": 31}, "debtor", "other_debtor"),
    ],
)
def test_a_broken_order_field_is_named(change, field, code):
    assert _order(order=change) == {field: code}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"quantity": Decimal(0)}, "quantity", "quantity_zero"),
        ({"quantity": None}, "quantity", "required"),
        ({"quantity": "två"}, "quantity", "not_a_number"),
        ({"quantity": Decimal("1e9")}, "quantity", "too_large"),
        ({"price": Decimal("1e9"), "vat": Decimal(0)}, "price", "too_large"),
        ({"price": Decimal("0.125")}, "price", "parts_of_ore"),
        ({"vat": Decimal(20)}, "vat", "vat_rate_not_allowed"),
        ({"vat": Decimal("0.25")}, "vat", "vat_rate_not_allowed"),
        ({"vat": None}, "vat", "required"),
        ({"discount": Decimal(101), "quantity": Decimal(-1)}, "discount", "discount_out_of_range"),
        ({"discountamount": Decimal(-5)}, "discountamount", "negative"),
        ({"discount": Decimal(10), "discountamount": Decimal(5)}, "discountamount", "discount_twice"),
        ({"periodend": date(2026, 3, 1)}, "periodend", "period_ends_before_start"),
        ({"rownumber": 2}, None, "row_number_twice"),
        ({"order": 2}, "order", "other_order"),
        ({"creditor": 21}, "creditor", "other_creditor"),
        ({"description": ""}, "description", "required"),
        ({"description": "x" * 1001}, "description", "too_long"),
        ({"rowtype": "strange"}, "rowtype", "unknown_choice"),
    ],
)
def test_a_broken_row_field_is_named_with_its_row(change, field, code):
    expected = f"orderrow[1012].{field}" if field else "orderrow[1013].rownumber"
    assert _order(row=change) == {expected: code}


def test_problems_of_the_parties_are_named_with_their_record():
    assert _order(debtor={"ssnregno": "19121212-1213", "name": " "}, creditor={"zipcode": "1112"}) == {
        "debtor[30].ssnregno": "invalid_identity_number",
        "debtor[30].name": "required",
        "creditor[20].zipcode": "invalid_zip",
    }


def test_an_order_without_parties_or_rows_is_stopped():
    problems = validate_order({**ORDER, "debtor": None, "creditor": None}, [MESSAGE], None, None, SPEC)
    assert _codes(problems) == {"debtor": "debtor_missing", "creditor": "creditor_missing", "orderrow": "no_rows"}
    assert _codes(validate_order(ORDER, [], DEBTOR, CREDITOR, SPEC)) == {"orderrow": "no_rows"}


def test_a_negative_sum_is_no_invoice_but_a_negative_row_is_fine():
    assert _order(row={"quantity": Decimal(-1)}) == {"orderrow": "order_total_negative"}
    rows = [ROW, {**ROW, "_id": 1014, "rownumber": 3, "quantity": Decimal("-0.5")}]
    assert validate_order(ORDER, rows, DEBTOR, CREDITOR, SPEC) == []


def test_nothing_is_told_twice():
    problems = validate_order(ORDER, [{**ROW, "vat": Decimal(7)}], {**DEBTOR, "email": "eva"}, CREDITOR, SPEC)
    assert [found.code for found in problems] == ["vat_rate_not_allowed", "invalid_email"]


def test_a_problem_says_which_value_and_what_to_do():
    with translation.override("en"):
        [problem] = validate_order(ORDER, [{**ROW, "vat": Decimal(20)}], DEBTOR, CREDITOR, SPEC)
    assert problem.field in problem.message
    assert "20 %" in problem.message
    assert "0, 6, 12, 25" in problem.message


def test_vat_rates_follow_the_creditors_country():
    data = SPEC.to_dict()
    data["to_billecta"]["creditor"].append(["CountryCode", "country"])
    spec = MappingSpec.from_dict(data)
    rows = [{**ROW, "vat": Decimal("25.5")}]
    finnish = {**CREDITOR, "country": "FI", "ssnregno": "1234567-8", "zipcode": "00100"}
    assert validate_order(ORDER, rows, DEBTOR, finnish, spec) == []
    assert _codes(validate_order(ORDER, [{**ROW, "vat": Decimal(250)}], DEBTOR, finnish, spec)) == {
        "orderrow[1012].vat": "vat_rate_not_allowed"
    }


def test_vat_as_a_fraction_is_known_by_limes_percent():
    rows = [{**ROW, "vat": Decimal("0.25")}]
    schema: LimeSchema = {"orderrow": {"vat": {"type": "percent"}}}
    assert validate_order(ORDER, rows, DEBTOR, CREDITOR, SPEC, schema=schema) == []
    assert totals_of_order(ORDER, rows, SPEC, schema=schema)[0].vat_ore == 187513 + 725


def test_an_order_is_summed_from_its_records():
    totals, rows = totals_of_order(ORDER, [ROW, MESSAGE], SPEC, cent_rounding=True)
    assert (totals.net_ore, totals.vat_ore, totals.rounding_ore, totals.total_ore) == (752950, 188238, 12, 941200)
    assert tolerance_ore(rows) == 1
    with pytest.raises(ValueError, match="readable"):
        totals_of_order(ORDER, [{**ROW, "price": None}], SPEC)


def test_a_foreign_debtor_is_not_held_to_swedish_forms():
    data = SPEC.to_dict()
    data["to_billecta"]["debtor"] += [["CountryCode", "country"]]
    spec = MappingSpec.from_dict(data)
    foreign = {**DEBTOR, "country": "no", "ssnregno": "974760673", "zipcode": "0150"}
    assert validate_debtor(foreign, spec) == []
    assert _codes(validate_debtor({**foreign, "country": "Norge", "vatnumber": "974"}, spec)) == {
        "country": "invalid_country",
        "vatnumber": "invalid_vat_number",
    }


def test_a_creditor_needs_number_and_name():
    assert _codes(validate_creditor({}, SPEC, record="creditor[9]")) == {"creditor[9].ssnregno": "required", "creditor[9].name": "required"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"articlenumber": ""}, {"articlenumber": "required"}),
        ({"vat": Decimal(7)}, {"vat": "vat_rate_not_allowed"}),
        ({"account": 304}, {"account": "invalid_account"}),
        ({"account": "30A1"}, {"account": "not_a_number"}),
        ({"price": Decimal("1e9")}, {"price": "too_large"}),
        ({"price": Decimal("0.8235")}, {}),
        ({"producttype": "rent"}, {"producttype": "unknown_choice"}),
    ],
)
def test_articles(change, expected):
    article = {
        "articlenumber": "A1",
        "description": "El",
        "price": Decimal(1),
        "vat": Decimal(25),
        "account": 3041,
        "producttype": "service",
    }
    assert _codes(validate_article({**article, **change}, SPEC)) == expected


@pytest.mark.parametrize("code", TEXTS)
def test_every_text_takes_what_it_is_given(code):
    names = [
        "value",
        "expected",
        "allowed",
        "limit",
        "start",
        "invoice_date",
        "percent",
        "row",
        "given",
        "quantity",
        "method",
        "order_field",
        "other",
        "size",
    ]
    assert "orderrow[7].x" in broken_rule(code, "orderrow[7].x", **dict.fromkeys(names, "X")).message
