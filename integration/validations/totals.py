"""What an order sums to: net and VAT per row, rounded half up to öre, fees, and rounding to whole kronor.

Billecta's own rounding is not published. Per row the amount that the prices state (net, or gross when they include VAT) is
rounded first and its VAT taken from the rounded amount, so that anyone can check a row by what it prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from integration.money import ORE_PER_KRONA, kronor_to_ore, round_half_up

# Assumed: Billecta states no VAT for the fees of an invoice; 25 % is what Sweden asks of services that have no rate of their own.
FEE_VAT_PERCENT = Decimal(25)


@dataclass(frozen=True)
class OrderRow:
    """What a row is priced by. Prices and discount amount in kronor, with or without VAT as the order says; percentages as 25.

    A discount is either in per cent or an amount for the whole row (assumed), never both. A message row is worth nothing.
    `vat_included` is for a row whose own price includes VAT in an order whose prices do not. `deduction` is what the tax
    agency pays of the row instead of the customer (ROT/RUT), in kronor.
    """

    quantity: Decimal
    unit_price: Decimal
    vat_percent: Decimal
    discount_percent: Decimal = Decimal(0)
    discount_amount: Decimal = Decimal(0)
    is_message: bool = False
    vat_included: bool = False
    deduction: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        """Quantity times price less discount, in kronor, not rounded. Raises ValueError for a row with two discounts."""
        if self.is_message:
            return Decimal(0)
        if self.discount_percent and self.discount_amount:
            raise ValueError("a row has a discount in per cent or an amount, not both")
        return self.quantity * self.unit_price * (100 - self.discount_percent) / 100 - self.discount_amount


@dataclass(frozen=True)
class RateTotal:
    """Net and VAT in öre of all that has one VAT rate."""

    net_ore: int = 0
    vat_ore: int = 0

    def plus(self, net_ore: int, vat_ore: int) -> RateTotal:
        """This with one more row."""
        return RateTotal(self.net_ore + net_ore, self.vat_ore + vat_ore)


@dataclass(frozen=True)
class Totals:
    """An order's sums in öre: `total_ore` is net, VAT and rounding; `by_rate` is by VAT percentage, in rising order.

    `deduction_ore` is the part of the total that the tax agency pays (ROT/RUT).
    """

    net_ore: int
    vat_ore: int
    rounding_ore: int
    total_ore: int
    by_rate: Mapping[Decimal, RateTotal]
    deduction_ore: int = 0


def order_totals(
    rows: Sequence[OrderRow],
    *,
    vat_included: bool = False,
    invoice_fee: Decimal = Decimal(0),
    freight_fee: Decimal = Decimal(0),
    cent_rounding: bool = False,
    reverse_vat: bool = False,
) -> Totals:
    """Sums of an order; fees in kronor, with or without VAT as the prices are, at 25 % (assumed).

    `cent_rounding` rounds the total half up to whole kronor, kept apart in `rounding_ore`. With `reverse_vat` the buyer accounts
    for the VAT: rows and fees carry none. Raises ValueError for a row with two discounts.
    """
    lines = [(row.amount, row.vat_percent, vat_included or row.vat_included) for row in rows if not row.is_message]
    lines += [(fee, FEE_VAT_PERCENT, vat_included) for fee in (invoice_fee, freight_fee) if fee]
    by_rate: dict[Decimal, RateTotal] = {}
    for amount, stated_rate, included in lines:
        rate = Decimal(0) if reverse_vat else stated_rate
        by_rate[rate] = by_rate.get(rate, RateTotal()).plus(*net_and_vat(amount, rate, vat_included=included))
    net = sum(total.net_ore for total in by_rate.values())
    vat = sum(total.vat_ore for total in by_rate.values())
    rounding = _to_whole_kronor(net + vat) - (net + vat) if cent_rounding else 0
    deduction = sum(kronor_to_ore(row.deduction) for row in rows)
    return Totals(net, vat, rounding, net + vat + rounding, dict(sorted(by_rate.items())), deduction)


def net_and_vat(amount: Decimal, vat_percent: Decimal, *, vat_included: bool) -> tuple[int, int]:
    """(net, VAT) in öre of one row's amount in kronor, each rounded half up."""
    stated = kronor_to_ore(amount)
    if not vat_included:
        return stated, int(round_half_up(stated * vat_percent / 100))
    vat = int(round_half_up(stated * vat_percent / (100 + vat_percent)))
    return stated - vat, vat


def tolerance_ore(rows: Sequence[OrderRow], per_row_ore: int = 1) -> int:
    """How far Billecta's total may be from ours, in öre: so much per row that has a price, and for one row at least."""
    priced = sum(1 for row in rows if not row.is_message)
    return max(priced, 1) * per_row_ore


def _to_whole_kronor(ore: int) -> int:
    return int(round_half_up(Decimal(ore) / ORE_PER_KRONA)) * ORE_PER_KRONA
