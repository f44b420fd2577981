"""Rules for what an order can hold beyond plain rows: discounts, messages, delivery, currency, reverse VAT, ROT and RUT."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from integration.mapping.spec import MappingSpec
from integration.validations.order import validate_order
from tests.validations.test_records import CREDITOR, DEBTOR, MESSAGE, ORDER, ROW, SPEC

REVERSED = {"order": {"reversevat": True}, "row": {"vat": Decimal(0)}, "debtor": {"vatnumber": "SE556016068001"}}
RUT = {"row": {"rotrut": True, "rotruttype": "cleaning", "rotrutamount": Decimal(3000), "rotruthours": 8}}
ROT = {"row": {**RUT["row"], "rotruttype": "masonry"}, "order": {"propertydesignation": "Berga 1:2"}}


def codes(*changes, spec: MappingSpec = SPEC) -> dict[str, str]:
    """The codes of all problems by field, of a good order with changes to `order`, `row`, `message` and `debtor` laid over it."""

    def changed(name: str, good: dict[str, Any]) -> dict[str, Any]:
        return {**good, **{key: value for change in changes for key, value in change.get(name, {}).items()}}

    rows = [changed("row", ROW), changed("message", MESSAGE)]
    problems = validate_order(changed("order", ORDER), rows, changed("debtor", DEBTOR), CREDITOR, spec)
    assert len({(found.field, found.code) for found in problems}) == len(problems)
    return {found.field: found.code for found in problems}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"discountamount": Decimal("7500.50")}, {}),
        ({"discountamount": Decimal("7500.51")}, {"orderrow[1012].discountamount": "discount_larger_than_row"}),
        ({"quantity": Decimal(-1), "discountamount": Decimal(5)}, {"orderrow[1012].discountamount": "discount_on_negative_row"}),
        ({"discount": Decimal("100.5")}, {"orderrow[1012].discount": "discount_out_of_range"}),
        ({"price": Decimal(-10), "quantity": Decimal(-900)}, {"orderrow[1012].price": "both_negative"}),
    ],
)
def test_signs_and_discounts(change, expected):
    found = codes({"row": change})
    found.pop("orderrow", None)  # a sum below zero is told of besides
    assert found == expected


@pytest.mark.parametrize(
    ("kind", "discounts", "code"),
    [
        ("amount", {"discount": Decimal(10)}, "discount_of_other_type"),
        ("percentage", {"discountamount": Decimal(10)}, "discount_of_other_type"),
        ("percentage", {"discount": Decimal(10)}, None),
        ("amount", {"discountamount": Decimal(10)}, None),
    ],
)
def test_a_solution_that_names_the_kind_of_discount_gives_that_kind(kind, discounts, code):
    data = SPEC.to_dict()
    data["to_billecta"]["orderrow"].append(["DiscountType", "discounttype"])
    found = codes({"row": {"discounttype": kind, **discounts}}, spec=MappingSpec.from_dict(data))
    assert found == ({"orderrow[1012].discounttype": code} if code else {})


@pytest.mark.parametrize("field", ["price", "discountamount", "rotrutamount"])
def test_a_message_has_no_price(field):
    assert codes({"message": {field: Decimal(1)}}) == {f"orderrow[1013].{field}": "message_with_price"}
    assert codes({"message": {field: Decimal(0)}}) == {}


@pytest.mark.parametrize(
    ("method", "lacking"),
    [
        ("email", {"email"}),
        ("mail", {"address", "zipcode", "city"}),
        ("SMS", {"maincontactphone"}),
        ("kivra", {"ssnregno"}),
        ("einvoice", {"ssnregno"}),
        ("manually", set()),
        ("avy", set()),
        (None, set()),
    ],
)
def test_the_debtor_can_be_reached_as_the_order_says(method, lacking):
    reached = {"email": "eva@exempel.se", "address": "Gatan 1", "zipcode": "111 22", "city": "Lund"}
    reached |= {"maincontactphone": "070-123 45 67", "ssnregno": "19121212-1212"}
    assert codes({"order": {"deliverymethod": method}, "debtor": reached}) == {}
    found = codes({"order": {"deliverymethod": method}, "debtor": dict.fromkeys(reached, "")})
    assert found == {f"debtor[30].{field}": "delivery_lacks" for field in lacking}


def test_an_address_of_the_orders_own_is_enough():
    data = SPEC.to_dict()
    data["to_billecta"]["order"].append(["DeliveryAddressOverride.Email", "invoiceemail"])
    change = {"order": {"invoiceemail": "ekonomi@exempel.se"}, "debtor": {"email": ""}}
    assert codes(change, spec=MappingSpec.from_dict(data)) == {}


def test_a_currency_has_two_decimals():
    assert codes({"order": {"currency": "eur"}}) == {}
    assert codes({"order": {"currency": "JPY"}}) == {"currency": "unknown_currency"}


def test_reverse_vat_needs_a_vat_number_and_no_vat():
    assert codes(REVERSED) == {}
    assert codes(REVERSED, {"debtor": {"vatnumber": ""}}) == {"debtor[30].vatnumber": "reverse_vat_without_number"}
    assert codes(REVERSED, {"debtor": {"vatnumber": "SE1"}}) == {"debtor[30].vatnumber": "invalid_vat_number"}
    assert codes(REVERSED, {"row": {"vat": Decimal(25)}}) == {"orderrow[1012].vat": "reverse_vat_with_vat"}
    assert codes(REVERSED, {"row": {**RUT["row"], "vat": Decimal(0)}})["orderrow[1012].rotrut"] == "reverse_vat_with_deduction"


def test_all_that_is_wrong_with_reverse_vat_is_told_at_once():
    found = codes(REVERSED, {"row": {"vat": Decimal(25)}, "debtor": {"vatnumber": ""}})
    assert found == {"debtor[30].vatnumber": "reverse_vat_without_number", "orderrow[1012].vat": "reverse_vat_with_vat"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"debtor": {"ssnregno": ""}}, {"debtor[30].ssnregno": "deduction_without_person"}),
        ({"debtor": {"ssnregno": "556016-0680"}}, {"debtor[30].ssnregno": "deduction_for_organisation"}),
        ({"row": {"rotruttype": None}}, {"orderrow[1012].rotruttype": "deduction_without_type"}),
        ({"row": {"rotrutamount": None}}, {"orderrow[1012].rotrutamount": "deduction_without_amount"}),
        ({"row": {"rotrut": False}}, {"orderrow[1012].rotrutamount": "deduction_not_activated"}),
        ({"row": {"rotrutamount": Decimal(-1)}}, {"orderrow[1012].rotrutamount": "negative"}),
        ({"row": {"rotrutamount": Decimal("9375.64")}}, {"orderrow[1012].rotrutamount": "deduction_too_large"}),
        ({"row": {"rotrutmaterial": Decimal(7000)}}, {"orderrow[1012].rotrutamount": "deduction_too_large"}),
        ({"row": {"rotrutmaterial": Decimal(6000)}}, {}),
        ({"order": {"residenceassociation": "12"}}, {"residenceassociation": "invalid_association"}),
    ],
)
def test_a_deduction_is_a_persons_and_of_work(change, expected):
    assert codes(RUT, change) == expected


def test_rot_is_done_on_a_home_and_rut_need_not_say_which():
    assert codes(ROT) == {}
    assert codes(ROT, {"order": {"propertydesignation": ""}}) == {"propertydesignation": "rot_without_home"}
    assert codes(ROT, {"order": {"propertydesignation": "", "residenceassociation": "556016-0680"}}) == {}
    assert codes(RUT, {"order": {"propertydesignation": ""}}) == {}


def test_a_problem_says_what_to_do():
    rows = [{**ROW, "discountamount": Decimal(8000)}, MESSAGE]
    with translation.override("en"):
        problems = validate_order(ORDER, rows, DEBTOR, CREDITOR, SPEC)
    [problem] = [found for found in problems if found.code == "discount_larger_than_row"]
    assert problem.message == (
        "orderrow[1012].discountamount is 8000, but the row comes to only 7500.5 before it. "
        "Lower the discount, or correct quantity or price."
    )
