"""What an invoice comes to: each row's net and VAT rounded half up to öre, then added. Written anew here, so that it can disagree.

Billecta does not publish its rounding. Assumed: rounding per row; where prices include VAT, the VAT is what is rounded and the net
is the rest; a discount amount is per row and in the same terms as the price; fees carry 25 % VAT; a package row is priced like any
other; cent rounding is to the nearest whole krona, half up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from integration.sandbox.base import Refusal

FEE_VAT = Decimal(25)
HUNDRED = Decimal(100)


@dataclass
class RowTotals:
    """One row in öre: net before and after discount, and VAT."""

    undiscounted: int
    net: int
    vat: int


@dataclass
class Totals:
    """An invoice in öre. `invoiced` is with VAT and cent rounding; `deduction` is what the tax agency pays of it (ROT/RUT)."""

    rows: list[RowTotals] = field(default_factory=list)
    net: int = 0
    vat: int = 0
    rounding: int = 0
    invoiced: int = 0
    deduction: int = 0


def calculate(entry: Mapping[str, Any], *, use_cent_rounding: bool) -> Totals:
    """The totals of an InvoiceActionEntryView as read by `schema.read`. Raises Refusal (400) for a priced row without a quantity."""
    is_included = bool(entry.get("VatIsIncluded"))
    is_reversed = bool((entry.get("ReverseVATDetails") or {}).get("ReverseVATActivated"))
    records = entry.get("Records") or []
    rows = [_row(record, number, is_included, is_reversed) for number, record in enumerate(records)]
    fees = [_split(_ore(entry.get(name)), Decimal(0) if is_reversed else FEE_VAT, is_included) for name in ("InvoiceFee", "FreightFee")]
    net = sum(row.net for row in rows) + sum(fee_net for fee_net, _ in fees)
    vat = sum(row.vat for row in rows) + sum(fee_vat for _, fee_vat in fees)
    exact = net + vat
    invoiced = half_up(exact / HUNDRED) * 100 if use_cent_rounding else exact
    deduction = sum(int(_ore(record.get("RotRutAmount"))) for record in records if record.get("RotRutActivated"))
    return Totals(rows, net, vat, invoiced - exact, invoiced, deduction)


def half_up(value: Decimal) -> int:
    """The nearest integer; halves go away from zero."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _row(record: Mapping[str, Any], number: int, is_included: bool, is_reversed: bool) -> RowTotals:
    price = _ore(record.get("UnitPrice"))
    if record.get("RecordType", "Standard") == "Message" or not price:
        return RowTotals(0, 0, 0)
    if record.get("Quantity") is None:
        raise Refusal(400, f"Records[{number}].Quantity is required on a row with a price")
    rate = Decimal(0) if is_reversed else Decimal(record.get("VAT", 0))
    included = is_included or bool(record.get("VatIsIncluded"))
    full = Decimal(record["Quantity"]) * price
    undiscounted, _ = _split(full, rate, included)
    net, vat = _split(full - _discount(record, full), rate, included)
    return RowTotals(undiscounted, net, vat)


def _discount(record: Mapping[str, Any], full: Decimal) -> Decimal:
    if record.get("DiscountType", "Amount") == "Percentage":
        return full * Decimal(record.get("DiscountPercentage", 0)) / HUNDRED
    return _ore(record.get("DiscountAmount"))


def _split(amount: Decimal, rate: Decimal, is_included: bool) -> tuple[int, int]:
    """Net and VAT in öre of an amount in öre that does or does not include VAT of `rate` percent."""
    if is_included:
        gross = half_up(amount)
        vat = half_up(gross * rate / (HUNDRED + rate))
        return gross - vat, vat
    net = half_up(amount)
    return net, half_up(net * rate / HUNDRED)


def _ore(amount: Mapping[str, Any] | None) -> Decimal:
    return Decimal(amount["Value"]) if amount else Decimal(0)
