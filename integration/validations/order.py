"""Rules for a whole order before it is sent: its parties, dates, rows, fees and sum, with all problems told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from integration.errors import Problem
from integration.mapping.engine import record_name
from integration.mapping.lime_schema import LimeSchema
from integration.mapping.orders import order_currency, order_entry
from integration.mapping.spec import MappingSpec
from integration.mapping.values import plain_number
from integration.money import ore_to_kronor
from integration.validations.creditor import validate_creditor
from integration.validations.debtor import validate_debtor
from integration.validations.delivery import check_delivery
from integration.validations.formats import SWEDEN
from integration.validations.record import MappedRecord
from integration.validations.reverse_vat import check_reverse_vat, is_reversed
from integration.validations.rot_rut import check_rot_rut
from integration.validations.row import check_row, is_message, priced_row
from integration.validations.texts import broken_rule
from integration.validations.totals import OrderRow, Totals, order_totals

LimeRecord = Mapping[str, object]
CURRENCIES = ("SEK", "EUR", "NOK", "DKK", "USD", "GBP", "CHF", "PLN")
_FEES = ("InvoiceFee", "FreightFee")


def validate_order(
    order: LimeRecord,
    rows: Sequence[LimeRecord],
    debtor: LimeRecord | None,
    creditor: LimeRecord | None,
    spec: MappingSpec,
    *,
    schema: LimeSchema | None = None,
) -> list[Problem]:
    """Every problem with an order, its rows, debtor and creditor; empty when it may be sent.

    All are Lime records with normalised values and their `_id` where known; amounts in kronor. The order's own fields are named
    bare, the others with their record (`orderrow[1012].vat`).
    """
    whole = MappedRecord(spec, "order", order, schema=schema)
    mapped_rows = _mapped_rows(spec, rows, schema)
    country = _country(spec, creditor)
    buyer = MappedRecord(spec, "debtor", debtor or {}, record_name("debtor", debtor or {}))
    problems = [*order_entry(spec, order, rows, debtor=debtor, schema=schema).problems]
    problems += _check_parties(whole, debtor, creditor)
    problems += _check_dates(whole)
    problems += _check_currency(whole)
    problems += _check_fees(whole)
    problems += _check_rows(whole, mapped_rows, country)
    problems += check_reverse_vat(whole, mapped_rows, buyer)
    problems += check_rot_rut(whole, mapped_rows, buyer if debtor is not None else None)
    problems += check_delivery(whole, buyer) if debtor is not None else ()
    problems += _check_one_creditor(whole, mapped_rows, debtor, creditor)
    problems += _check_sum(whole, mapped_rows)
    if debtor is not None:
        problems += validate_debtor(debtor, spec, record=record_name("debtor", debtor))
    if creditor is not None:
        problems += validate_creditor(creditor, spec, record=record_name("creditor", creditor))
    return list(dict.fromkeys(problems))


def totals_of_order(
    order: LimeRecord, rows: Sequence[LimeRecord], spec: MappingSpec, *, cent_rounding: bool = False, schema: LimeSchema | None = None
) -> tuple[Totals, list[OrderRow]]:
    """(sums, priced rows) of an order of Lime records, for comparing with Billecta's total; `tolerance_ore` takes the rows.

    Raises ValueError when a row's quantity, price or VAT cannot be read or it has two discounts: validate the order first.
    """
    priced = [priced_row(row) for row in _mapped_rows(spec, rows, schema)]
    readable = [row for row in priced if row is not None]
    if len(readable) < len(priced):
        raise ValueError("a row lacks a readable quantity, price or VAT rate")
    return _totals(MappedRecord(spec, "order", order, schema=schema), readable, cent_rounding=cent_rounding), readable


def _totals(order: MappedRecord, rows: Sequence[OrderRow], *, cent_rounding: bool = False) -> Totals:
    invoice_fee, freight_fee = (order.number(name) or Decimal(0) for name in _FEES)
    included = order.flag("VatIsIncluded")
    return order_totals(
        rows,
        vat_included=included,
        invoice_fee=invoice_fee,
        freight_fee=freight_fee,
        cent_rounding=cent_rounding,
        reverse_vat=is_reversed(order),
    )


def _mapped_rows(spec: MappingSpec, rows: Sequence[LimeRecord], schema: LimeSchema | None) -> list[MappedRecord]:
    numbered = enumerate(rows, start=1)
    return [MappedRecord(spec, "orderrow", row, record_name("orderrow", row, number), schema) for number, row in numbered]


def _country(spec: MappingSpec, creditor: LimeRecord | None) -> str:
    return (creditor and MappedRecord(spec, "creditor", creditor).text("CountryCode")) or SWEDEN


def _check_parties(order: MappedRecord, debtor: LimeRecord | None, creditor: LimeRecord | None) -> Iterator[Problem]:
    if debtor is None:
        yield broken_rule("debtor_missing", order.link_field("debtor"))
    if creditor is None:
        yield broken_rule("creditor_missing", order.link_field("creditor"))


def _check_dates(order: MappedRecord) -> Iterator[Problem]:
    invoice_date, due_date = order.day("InvoiceDate"), order.day("DueDate")
    if invoice_date is not None and due_date is not None and due_date < invoice_date:
        yield broken_rule("due_before_invoice_date", order.field("DueDate"), value=due_date, invoice_date=invoice_date)


def _check_currency(order: MappedRecord) -> Iterator[Problem]:
    """Only currencies of two decimals, since all amounts are sent as hundredths."""
    currency = order_currency(order.spec, order.lime)
    if currency not in CURRENCIES:
        yield broken_rule("unknown_currency", order.link_field("currency"), value=currency, allowed=", ".join(CURRENCIES))


def _check_fees(order: MappedRecord) -> Iterator[Problem]:
    for name in _FEES:
        fee = order.number(name)
        if fee is not None and fee < 0:
            yield broken_rule("negative", order.field(name), value=plain_number(fee))


def _check_rows(order: MappedRecord, rows: Sequence[MappedRecord], country: str) -> Iterator[Problem]:
    if all(is_message(row) for row in rows):
        yield broken_rule("no_rows", order.named("orderrow"))
    numbers: set[Decimal] = set()
    for row in rows:
        yield from check_row(row, country)
        number = row.number("SequenceNo")
        if number is not None and number in numbers:
            yield broken_rule("row_number_twice", row.field("SequenceNo"), value=plain_number(number))
        numbers |= {number} if number is not None else set()


def _check_one_creditor(
    order: MappedRecord, rows: Sequence[MappedRecord], debtor: LimeRecord | None, creditor: LimeRecord | None
) -> Iterator[Problem]:
    """The order points at the parties that it is checked with, and every row at the order; links that are not known are not judged."""
    yield from _check_link(order, "creditor", (creditor or {}).get("_id"), "other_creditor")
    yield from _check_link(order, "debtor", (debtor or {}).get("_id"), "other_debtor")
    own_creditor = order.link("creditor") or (creditor or {}).get("_id")
    creditor_field = order.spec.link("order", "creditor") or "creditor"
    for row in rows:
        yield from _check_link(row, "order", order.lime.get("_id"), "other_order")
        stated = row.lime.get(creditor_field)
        if stated is not None and own_creditor is not None and stated != own_creditor:
            yield broken_rule("other_creditor", row.named(creditor_field), value=stated, expected=own_creditor)


def _check_link(record: MappedRecord, role: str, expected: object, code: str) -> Iterator[Problem]:
    linked = record.link(role)
    if linked is not None and expected is not None and linked != expected:
        yield broken_rule(code, record.link_field(role), value=linked, expected=expected)


def _check_sum(order: MappedRecord, rows: Sequence[MappedRecord]) -> Iterator[Problem]:
    """Judged only when every row can be priced; rows that cannot are told of already."""
    priced = [priced_row(row) for row in rows]
    readable = [row for row in priced if row is not None and not (row.discount_percent and row.discount_amount)]
    if readable and len(readable) == len(priced):
        total = _totals(order, readable).total_ore
        if total < 0:
            yield broken_rule("order_total_negative", order.named("orderrow"), value=f"{ore_to_kronor(total):.2f}")
