"""Input: every form that Billecta takes, and refusals that name the property."""

from decimal import Decimal
from typing import Any

import pytest

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.numbering import luhn_digit, ocr_reference
from integration.sandbox.billecta.schema import amount, complete, models, read

WRONG: list[tuple[str, Any, str]] = [
    ("DebtorView", {"Name": 5}, "Name must be a string"),
    ("DebtorView", {"ProtectedIdentity": None}, "ProtectedIdentity cannot be null"),
    ("DebtorView", {"ProtectedIdentity": "yes"}, "ProtectedIdentity must be a boolean"),
    ("DebtorView", {"DebtorPublicId": "x"}, "DebtorPublicId is not a valid guid"),
    ("DebtorView", {"DebtorType": "Ghost"}, "DebtorType is not a DebtorTypeView"),
    ("DebtorView", {"DebtorType": True}, "DebtorType is not a DebtorTypeView"),
    ("DebtorView", {"Autogiro": []}, "Autogiro must be a JSON object"),
    ("ProductView", {"UnitPrice": "10"}, "UnitPrice must be a number"),
    ("ProductView", {"BookKeepingAccount": Decimal("1.5")}, "BookKeepingAccount must be an integer"),
    ("ProductView", {"BookKeepingAccount": 2**40}, "BookKeepingAccount is too large"),
    ("InvoiceActionEntryView", {"DueDate": "soon"}, "DueDate is not a valid date-time"),
    ("InvoiceActionEntryView", {"Records": {}}, "Records must be an array"),
    ("InvoiceActionEntryView", {"Records": [{"VAT": 25}, {"VAT": "25"}]}, "Records[1].VAT must be a number"),
    ("InvoiceActionEntryView", {"Records": [None]}, "Records[0] cannot be null"),
    ("InvoiceActionEntryView", {"InvoiceFee": {"Value": Decimal("1.5")}}, "InvoiceFee.Value must be an integer"),
    ("FileView", {"Data": "not base64!"}, "Data is not a valid byte"),
    ("DebtorView", [], "The request body must be a JSON object"),
]


@pytest.mark.parametrize(("view", "body", "message"), WRONG)
def test_a_wrong_type_is_refused_by_name(view: str, body: Any, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(view, body)
    assert (refusal.value.status, refusal.value.message) == (400, message)


def test_names_are_taken_in_any_case_and_unknown_ones_ignored() -> None:
    assert read("DebtorView", {"name": "Ek", "NAMN": "Ask", "CareOf": None}) == {"Name": "Ek", "CareOf": None}


@pytest.mark.parametrize("given", ["Mail", "mail", 1])
def test_enums_are_taken_by_name_or_number(given: Any) -> None:
    assert read("InvoiceActionEntryView", {"DeliveryMethod": given}) == {"DeliveryMethod": "Mail"}


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("2025-07-01 12:30:05+02:00", "2025-07-01 12:30:05+02:00"),
        ("2025-07-01T10:30:05Z", "2025-07-01 12:30:05+02:00"),
        ("2025-07-01T12:30:05", "2025-07-01 12:30:05+02:00"),
        ("2025-01-01T12:30:05.1234567", "2025-01-01 12:30:05+01:00"),
        ("2025-01-01", "2025-01-01 00:00:00+01:00"),
        ("20250701", "2025-07-01 00:00:00+02:00"),
        ("0001-01-01T00:00:00", dates.UNSET),
    ],
)
def test_dates_are_taken_in_every_known_form(given: str, wire: str) -> None:
    assert read("InvoiceActionEntryView", {"DueDate": given}) == {"DueDate": wire}


def test_days_are_local_days_across_summer_time() -> None:
    assert dates.days_later("2025-03-29 00:00:00+01:00", 1) == "2025-03-30 00:00:00+01:00"
    assert dates.days_later("2025-03-29 00:00:00+01:00", 2) == "2025-03-31 00:00:00+02:00"


@pytest.mark.parametrize(
    ("given", "ore"), [({"Value": 1050}, 1050), ({"ValueForView": Decimal("10.5")}, 1050), ({"value": 7, "ValueForView": 9}, 7)]
)
def test_amounts_are_taken_in_minor_units_or_else_major(given: Any, ore: int) -> None:
    assert read("InvoiceActionEntryView", {"InvoiceFee": given})["InvoiceFee"] == amount(ore)


def test_an_answer_with_a_property_of_its_own_is_a_bug() -> None:
    with pytest.raises(KeyError):
        complete("DebtorView", {"Nickname": "Pelle"})


@pytest.mark.parametrize("view", models()["models"])
def test_every_view_can_be_completed_from_nothing(view: str) -> None:
    assert set(complete(view, {})) == set(models()["models"][view])


@pytest.mark.parametrize(("digits", "check"), [("7992739871", "3"), ("411111111111111", "1"), ("0", "0")])
def test_check_digits(digits: str, check: str) -> None:
    assert luhn_digit(digits) == check


def test_an_ocr_number_passes_its_own_test() -> None:
    ocr = ocr_reference("7545769088", "F-1001")
    assert ocr[:-1] == "6908801001"
    assert luhn_digit(ocr[:-1]) == ocr[-1]
