"""Formats that Swedish invoicing goes by: identity numbers, postcodes, countries, e-mail, VAT numbers and rates."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from stdnum import luhn
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.se import personnummer

from integration.mapping.values import read_identity_number

SWEDEN = "SE"
SWEDISH_VAT_RATES = (Decimal(0), Decimal(6), Decimal(12), Decimal(25))
COORDINATION_DAY_OFFSET = 60

_SWEDISH_ZIP = re.compile(r"(?:SE?[- ]?)?[1-9]\d{2} ?\d{2}", re.IGNORECASE)
_SWISH_NUMBER = re.compile(r"467[02369]\d{7}", re.ASCII)
_SHORT_NUMBER = re.compile(r"(\d{6})-(\d{4})")
_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG
CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL
GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA
LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP
NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_COUNTRIES = frozenset(_COUNTRY_CODES.split())


class IdentityNumber(StrEnum):
    """What a Swedish identity number identifies."""

    ORGANISATION = "organisation"
    PERSON = "person"
    COORDINATION = "coordination"


def identity_number_of(text: str) -> IdentityNumber | None:
    """What a Swedish number identifies, or None when its form, date or check digit is wrong. With or without hyphen and century."""
    number = read_identity_number(text)
    if is_organisation_number(number):
        return IdentityNumber.ORGANISATION
    if is_personal_number(number):
        return IdentityNumber.PERSON
    return IdentityNumber.COORDINATION if is_coordination_number(number) else None


def is_organisation_number(text: str) -> bool:
    """Ten digits with a check digit, the third at least 2, so that it is never taken for a date of birth."""
    found = _SHORT_NUMBER.fullmatch(read_identity_number(text))
    return found is not None and found[1][2] >= "2" and luhn.is_valid(found[1] + found[2])


def is_personal_number(text: str) -> bool:
    """A date of birth, with or without century, and four digits of which the last is the check digit."""
    return bool(personnummer.is_valid(read_identity_number(text)))


def is_coordination_number(text: str) -> bool:
    """A personal number with 60 added to the day, for a person who is not registered in Sweden."""
    number = read_identity_number(text)
    digits = re.sub(r"[-+]", "", number)
    if not re.fullmatch(r"(?:\d{2})?\d{10}", digits) or not luhn.is_valid(digits[-10:]):
        return False
    day = int(digits[-6:-4]) - COORDINATION_DAY_OFFSET
    if not 1 <= day <= 31:
        return False
    return _is_date_of_birth(f"{number[:-7]}{day:02d}{number[-5:]}")


def _is_date_of_birth(number: str) -> bool:
    try:
        personnummer.get_birth_date(number)
    except NumberError:
        return False
    return True


def is_swedish_zip(text: str) -> bool:
    """Five digits, a space after the third or not, `SE-` before them or not."""
    return _SWEDISH_ZIP.fullmatch(text.strip()) is not None


def swish_number(text: str) -> str:
    """A mobile number as Swish takes it, `46701234567`: without plus sign, spaces and hyphens."""
    return re.sub(r"[\s-]", "", text.strip().removeprefix("+"))


def is_swish_number(text: str) -> bool:
    """A Swedish mobile number with its country code: `46701234567`, `+46 70-123 45 67`."""
    return _SWISH_NUMBER.fullmatch(swish_number(text)) is not None


def is_country(text: str) -> bool:
    """A two-letter code of ISO 3166-1, in either case."""
    return text.strip().upper() in _COUNTRIES


def is_email(text: str) -> bool:
    """One e-mail address."""
    try:
        validate_email(text.strip())
    except ValidationError:
        return False
    return True


def is_vat_number(text: str) -> bool:
    """A VAT number of the EU with its country and check digits; other countries' are not judged."""
    number = "".join(text.split()).upper()
    if not number[:2].isalpha():
        return False
    return bool(eu_vat.is_valid(number)) if number[:2].lower() in _EU_PREFIXES else True


_EU_PREFIXES = frozenset((*eu_vat.MEMBER_STATES, "el"))


def is_swedish_vat_rate(rate: Decimal) -> bool:
    """Whether a percentage is one of the rates that Sweden has."""
    return rate in SWEDISH_VAT_RATES
