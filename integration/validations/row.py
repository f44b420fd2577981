"""Rules for one order row, and the row's prices as the totals need them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from integration.errors import Problem
from integration.mapping.values import plain_number
from integration.validations.formats import SWEDEN, SWEDISH_VAT_RATES, is_swedish_vat_rate
from integration.validations.record import MappedRecord
from integration.validations.texts import broken_rule
from integration.validations.totals import OrderRow

# Beyond these a keyboard slipped: no row of an invoice has a hundred million pieces or a price of a hundred million kronor.
LARGEST_QUANTITY = Decimal(100_000_000)
LARGEST_PRICE = Decimal(100_000_000)
_LIMITS = {"Quantity": LARGEST_QUANTITY, "UnitPrice": LARGEST_PRICE, "DiscountAmount": LARGEST_PRICE}


def is_message(row: MappedRecord) -> bool:
    """Whether a row only carries text."""
    return (row.text("RecordType") or "").casefold() == "message"


def priced_row(row: MappedRecord) -> OrderRow | None:
    """What the row is priced by, or None when quantity, price or VAT cannot be read."""
    if is_message(row):
        return OrderRow(Decimal(0), Decimal(0), Decimal(0), is_message=True)
    quantity, price, vat = row.number("Quantity"), row.number("UnitPrice"), row.percentage("VAT")
    if quantity is None or price is None or vat is None:
        return None
    percent = row.percentage("DiscountPercentage") or Decimal(0)
    amount = row.number("DiscountAmount") or Decimal(0)
    deduction = (row.number("RotRutAmount") or Decimal(0)) if row.flag("RotRutActivated") else Decimal(0)
    return OrderRow(quantity, price, vat, percent, amount, vat_included=row.flag("VatIsIncluded"), deduction=deduction)


def check_row(row: MappedRecord, country: str) -> Iterator[Problem]:
    """Rules for a row that has a price, and that a message row has none. `country` is the creditor's."""
    if is_message(row):
        yield from _check_message(row)
        return
    quantity, price = row.number("Quantity"), row.number("UnitPrice")
    if quantity == 0:
        yield broken_rule("quantity_zero", row.field("Quantity"))
    if quantity is not None and price is not None and quantity < 0 and price < 0:
        yield broken_rule("both_negative", row.field("UnitPrice"), value=plain_number(price), quantity=plain_number(quantity))
    for name in _LIMITS:
        yield from check_size(row, name)
    yield from check_vat_rate(row, country)
    yield from _check_discount(row)
    yield from _check_period(row)


def check_size(record: MappedRecord, billecta_field: str) -> Iterator[Problem]:
    """A quantity or price that is too large to be meant."""
    number, limit = record.number(billecta_field), _LIMITS[billecta_field]
    if number is not None and abs(number) > limit:
        yield broken_rule("too_large", record.field(billecta_field), value=plain_number(number), limit=plain_number(limit))


def check_vat_rate(record: MappedRecord, country: str) -> Iterator[Problem]:
    """A Swedish creditor's rates are 0, 6, 12 and 25 per cent; elsewhere any rate from 0 to 100."""
    rate = record.percentage("VAT")
    if rate is None:
        return
    swedish = country.upper() == SWEDEN
    if not (is_swedish_vat_rate(rate) if swedish else 0 <= rate <= 100):
        allowed = ", ".join(plain_number(known) for known in SWEDISH_VAT_RATES) if swedish else "0–100"
        yield broken_rule("vat_rate_not_allowed", record.field("VAT"), value=plain_number(rate), allowed=allowed)


def _check_discount(row: MappedRecord) -> Iterator[Problem]:
    percent, amount = row.percentage("DiscountPercentage"), row.number("DiscountAmount")
    if percent is not None and not 0 <= percent <= 100:
        yield broken_rule("discount_out_of_range", row.field("DiscountPercentage"), value=plain_number(percent))
    if amount is not None and amount < 0:
        yield broken_rule("negative", row.field("DiscountAmount"), value=plain_number(amount))
    if percent and amount:
        yield broken_rule("discount_twice", row.field("DiscountAmount"), value=plain_number(amount), percent=plain_number(percent))
    elif amount is not None and amount > 0:
        yield from _check_discount_amount(row, amount)
    yield from _check_discount_type(row, percent, amount)


def _check_discount_amount(row: MappedRecord, amount: Decimal) -> Iterator[Problem]:
    """An amount is taken off the whole row, so it is at most what the row comes to; from a row below zero nothing can be taken."""
    quantity, price = row.number("Quantity"), row.number("UnitPrice")
    if quantity is None or price is None:
        return
    full = quantity * price
    if full < 0:
        yield broken_rule("discount_on_negative_row", row.field("DiscountAmount"), value=plain_number(amount), row=plain_number(full))
    elif amount > full:
        yield broken_rule("discount_larger_than_row", row.field("DiscountAmount"), value=plain_number(amount), row=plain_number(full))


def _check_discount_type(row: MappedRecord, percent: Decimal | None, amount: Decimal | None) -> Iterator[Problem]:
    """A solution that names the kind of discount itself must give that kind: Billecta reads no other."""
    stated = (row.text("DiscountType") or "").casefold()
    if (stated == "amount" and percent) or (stated == "percentage" and amount):
        given = row.field("DiscountPercentage" if percent else "DiscountAmount")
        yield broken_rule("discount_of_other_type", row.field("DiscountType"), value=row.text("DiscountType"), given=given)


def _check_message(row: MappedRecord) -> Iterator[Problem]:
    for name in ("UnitPrice", "DiscountAmount", "RotRutAmount"):
        number = row.number(name)
        if number:
            yield broken_rule("message_with_price", row.field(name), value=plain_number(number))


def _check_period(row: MappedRecord) -> Iterator[Problem]:
    start, end = row.day("PeriodStart"), row.day("PeriodEnd")
    if start is not None and end is not None and end < start:
        yield broken_rule("period_ends_before_start", row.field("PeriodEnd"), value=end, start=start)
