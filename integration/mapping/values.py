"""Reading single values, wherever they come from, into the type that they stand for. Raises UnfitValueError with a code for people."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from integration.mapping.dates import STOCKHOLM, parse_time, stockholm_date, stockholm_midnight
from integration.mapping.problems import UnfitValueError
from integration.money import exact_decimal

# Sixteen digits before the point: what a JSON number holds exactly, and room for the decimals within Decimal's precision.
_LARGEST_MAGNITUDE = 15
_TRUE = frozenset({"true", "1", "yes", "ja"})
_FALSE = frozenset({"false", "0", "no", "nej"})
_IDENTITY_NUMBER = re.compile(r"(?:16)?(\d{6})([-+]?)(\d{4})|((?:18|19|20)\d{6})([-+]?)(\d{4})")


def is_empty(value: object) -> bool:
    """Whether nothing is said: None, blank text, or a Lime option that is not set."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict) and "key" in value:
        return option_of(value) is None
    return value is None or value == [] or value == {}


def option_of(value: dict[str, object]) -> str | None:
    """The key of an option as Lime's API shows it, `{"id", "key", "text"}`; None when it is unset (`empty`, or a bare id without text)."""
    key = str(value.get("key") or "").strip()
    unset = key.casefold() in ("", "empty") or (key.isdigit() and not value.get("text"))
    return None if unset else key


def read_text(value: object) -> str:
    """Trimmed text; a number is written without exponent or trailing zeros, a day as ISO, an option as its key."""
    if isinstance(value, dict) and "key" in value:
        return option_of(value) or ""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | date):
        raise UnfitValueError("not_a_text", value)
    if isinstance(value, str | date):
        return str(value).strip() if isinstance(value, str) else value.isoformat()
    return plain_number(exact_decimal(value))


def plain_number(number: Decimal) -> str:
    """A number as its shortest plain text: `10`, `0.125`; never an exponent, never minus zero."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def read_identity_number(value: object) -> str:
    """An organisation or personal number in one form: without spaces, a hyphen before the last four digits.

    `5560160680` and `16556016-0680` read `556016-0680`; a personal number keeps its century when it has one and its `+`.
    What is not Swedish is only rid of spaces.
    """
    text = "".join(read_text(value).split())
    found = _IDENTITY_NUMBER.fullmatch(text)
    if found is None:
        return text
    short, short_sign, short_end, long, long_sign, long_end = found.groups()
    return f"{short}{short_sign or '-'}{short_end}" if short else f"{long}{long_sign or '-'}{long_end}"


def read_decimal(value: object) -> Decimal:
    """A number from a Decimal, a JSON number, text with point or comma, or an option whose key is a number."""
    try:
        number = exact_decimal(option_of(value) if isinstance(value, dict) else value)
    except ValueError as error:
        raise UnfitValueError("not_a_number", value) from error
    if number.adjusted() > _LARGEST_MAGNITUDE:
        raise UnfitValueError("out_of_range", value)
    return number


def read_integer(value: object) -> int:
    """A whole number; one with decimals that are not zero is refused."""
    number = read_decimal(value)
    if number != number.to_integral_value():
        raise UnfitValueError("not_an_integer", value)
    return int(number)


def read_date(value: object) -> date | None:
    """The business date (Stockholm) of a date, moment or ISO text; None for Billecta's year 1."""
    if isinstance(value, datetime):
        return stockholm_date(value)
    if isinstance(value, date):
        return value
    moment = read_time(value)
    return None if moment is None else stockholm_date(moment)


def read_time(value: object) -> datetime | None:
    """The moment (UTC) of a moment, date (its midnight in Stockholm) or ISO text; None for Billecta's year 1."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
    if isinstance(value, date):
        return stockholm_midnight(value)
    if not isinstance(value, str):
        raise UnfitValueError("not_a_date", value)
    try:
        return parse_time(value)
    except (ValueError, OverflowError) as error:
        raise UnfitValueError("not_a_date", value) from error


def read_boolean(value: object) -> bool:
    """Yes or no from a boolean, 0 or 1, or the words for them."""
    word = str(value).strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise UnfitValueError("not_a_boolean", value)
