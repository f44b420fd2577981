"""Money as Billecta writes it: a currency and a whole number of minor units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MINOR_PER_MAJOR = 100
"""All currencies that Billecta invoices in have two decimals (assumed)."""


@dataclass(frozen=True)
class Amount:
    """So many öre (or cents) of one currency."""

    currency: str
    minor_units: int

    @classmethod
    def from_kronor(cls, kronor: Decimal, currency: str = "SEK") -> Amount:
        """From major units, rounded half up (away from zero) to the minor unit."""
        return cls(currency, int((kronor * MINOR_PER_MAJOR).quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    @property
    def kronor(self) -> Decimal:
        """Major units, with two decimals."""
        return Decimal(self.minor_units).scaleb(-2)

    def to_wire(self) -> dict[str, Any]:
        """Billecta's AmountView. `ValueForView` is the wire's number of major units; nothing here ever reads it."""
        return {"CurrencyCode": self.currency, "Value": self.minor_units, "ValueForView": self.minor_units / MINOR_PER_MAJOR}


def amount_from_wire(value: Any) -> Amount:
    """Reads an AmountView, taking its integer `Value` only. A missing currency is SEK. Raises TypeError."""
    minor = value.get("Value") if isinstance(value, dict) else None
    if isinstance(minor, float) and minor.is_integer():
        minor = int(minor)
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise TypeError("not an amount with a whole Value")
    currency = value.get("CurrencyCode") or "SEK"
    if not isinstance(currency, str):
        raise TypeError("not an amount with a CurrencyCode")
    return Amount(currency.upper(), minor)


def decimal_from_wire(value: Any) -> Decimal:
    """A JSON number, such as a quantity, a VAT rate or a product's price in major units, without float's noise. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError("not a number")
    return Decimal(str(value))
