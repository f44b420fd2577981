"""Formats that Swedish invoicing goes by."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.validations.formats import (
    SWEDISH_VAT_RATES,
    identity_number_of,
    is_country,
    is_email,
    is_swedish_vat_rate,
    is_swedish_zip,
    is_vat_number,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("556016-0680", "organisation"),
        ("5560160680", "organisation"),
        ("16556016-0680", "organisation"),
        (" 556016 0680 ", "organisation"),
        ("880320-0016", "person"),
        ("19121212-1212", "person"),
        ("191212121212", "person"),
        ("121212+1212", "person"),
        ("701063-2391", "coordination"),
        ("19701063-2391", "coordination"),
        ("556016-0681", None),
        ("880320-0018", None),
        ("880399-0013", None),
        ("881320-0014", None),
        ("701063-2392", None),
        ("701093-2397", None),
        ("55601606", None),
        ("SE556016068001", None),
        ("abc", None),
        ("", None),
    ],
)
def test_identity_numbers(text, kind):
    assert identity_number_of(text) == kind


@pytest.mark.parametrize("text", ["111 22", "11122", "SE-111 22", "S-111 22", " 984 99 ", "se 11122"])
def test_swedish_postcodes(text):
    assert is_swedish_zip(text)


@pytest.mark.parametrize("text", ["1112", "011 22", "111  22", "1112A", "DK-111 22", "111222"])
def test_what_is_no_swedish_postcode(text):
    assert not is_swedish_zip(text)


def test_countries():
    assert all(is_country(text) for text in ("SE", "se", " NO ", "AX"))
    assert not any(is_country(text) for text in ("UK", "SWE", "Sverige", "XX", ""))


def test_email_addresses():
    assert all(is_email(text) for text in ("a@b.se", "anna.berg+faktura@exempel.co.uk", "åsa@exempel.se".replace("å", "a")))
    assert not any(is_email(text) for text in ("a@b", "a b@c.se", "a@b.se, c@d.se", "ab.se", "@b.se"))


def test_vat_numbers():
    assert all(is_vat_number(text) for text in ("SE556016068001", "se 556016068001", "GB123", "CHE-123"))
    assert not any(is_vat_number(text) for text in ("SE556016068101", "556016068001", "DE1"))


def test_vat_rates():
    assert all(is_swedish_vat_rate(rate) for rate in SWEDISH_VAT_RATES)
    assert not any(is_swedish_vat_rate(Decimal(text)) for text in ("0.25", "20", "12.5", "-25"))
