"""Money at the edges: integer öre inside, Decimal kronor where people and Lime see it, AmountView on Billecta's wire.

An `int` is always minor units (öre), a `Decimal` always major units (kronor). All currencies are taken to have two decimals,
which holds for those that Billecta invoices in.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypedDict

SEK = "SEK"
ORE_PER_KRONA = 100

_NO_BREAK_SPACE = "\u00a0"
_MINUS = "\u2212"


class AmountView(TypedDict):
    """Billecta's amount: `Value` in minor units is the truth, `ValueForView` the same in major units for display."""

    CurrencyCode: str
    Value: int
    ValueForView: int | float


def round_half_up(value: Decimal, decimals: int = 0) -> Decimal:
    """Round to `decimals` places, halves away from zero, as Swedish invoices do."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def kronor_to_ore(kronor: Decimal) -> int:
    """Whole öre of an amount in kronor; parts of an öre are rounded half up."""
    return int(round_half_up(kronor * ORE_PER_KRONA))


def ore_to_kronor(ore: int) -> Decimal:
    """Kronor with exactly two decimals of an amount in öre."""
    return Decimal(ore).scaleb(-2)


def has_parts_of_ore(kronor: Decimal) -> bool:
    """Whether an amount in kronor cannot be said in whole öre."""
    return kronor * ORE_PER_KRONA != (kronor * ORE_PER_KRONA).to_integral_value()


def exact_decimal(value: object) -> Decimal:
    """The Decimal that a number from JSON was written as: a float goes by its shortest text, never by its binary value.

    Text may use a comma as decimal sign and spaces between thousands. Raises ValueError when it is no finite number.
    """
    text = "".join(str(value).split()).replace(",", ".").replace(_MINUS, "-")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error
    if "_" in text or not number.is_finite():
        raise ValueError(f"not a plain, finite number: {value!r}")
    return number


def wire_number(value: Decimal) -> int | float:
    """A Decimal as a JSON number: an integer when it is whole, else the float with the same shortest text."""
    return int(value) if value == value.to_integral_value() else float(value)


def amount_view(amount: Decimal | int, currency: str = SEK) -> AmountView:
    """AmountView of `amount`: an `int` is öre, a `Decimal` is kronor and is rounded half up to whole öre."""
    ore = kronor_to_ore(amount) if isinstance(amount, Decimal) else amount
    return {"CurrencyCode": currency, "Value": ore, "ValueForView": wire_number(ore_to_kronor(ore))}


def amount_from_view(view: Mapping[str, object]) -> tuple[int, str]:
    """(öre, currency code) of an AmountView; only `Value` is read. Raises ValueError when `Value` is not a whole number."""
    value = exact_decimal(view.get("Value"))
    if value != value.to_integral_value():
        raise ValueError(f"AmountView.Value is not whole minor units: {value}")
    return int(value), str(view.get("CurrencyCode") or SEK)


def format_kronor(kronor: Decimal, language: str, currency: str = SEK) -> str:
    """An amount in kronor for people: `1 234,50 kr` in Swedish (no-break spaces), `SEK 1,234.50` in other languages."""
    rounded = round_half_up(kronor, 2)
    digits = f"{abs(rounded):,.2f}"
    if language.lower().startswith("sv"):
        unit = "kr" if currency == SEK else currency
        swedish = digits.replace(",", _NO_BREAK_SPACE).replace(".", ",")
        return f"{_MINUS if rounded < 0 else ''}{swedish}{_NO_BREAK_SPACE}{unit}"
    return f"{'-' if rounded < 0 else ''}{currency}{_NO_BREAK_SPACE}{digits}"
