"""Rules for an order under reverse VAT: the buyer accounts for the VAT, so the order has none and names the buyer's VAT number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integration.errors import Problem
from integration.mapping.values import plain_number
from integration.validations.formats import is_vat_number
from integration.validations.record import MappedRecord
from integration.validations.row import is_message
from integration.validations.texts import broken_rule

ACTIVATED, NUMBER = "ReverseVATDetails.ReverseVATActivated", "ReverseVATDetails.ReceiverVATNumber"


def is_reversed(order: MappedRecord) -> bool:
    """Whether the order says that the buyer accounts for the VAT."""
    return order.flag(ACTIVATED)


def check_reverse_vat(order: MappedRecord, rows: Sequence[MappedRecord], debtor: MappedRecord) -> Iterator[Problem]:
    """Rows with VAT or with a tax deduction, and a buyer without a VAT number; nothing for an order with ordinary VAT."""
    if not is_reversed(order):
        yield from order.check_text(NUMBER, is_vat_number, "invalid_vat_number")
        return
    if order.text(NUMBER) is None and debtor.text("VatNumber") is None:
        yield broken_rule("reverse_vat_without_number", debtor.field("VatNumber"), order_field=order.field(ACTIVATED))
    yield from order.check_text(NUMBER, is_vat_number, "invalid_vat_number")
    for row in rows:
        rate = row.percentage("VAT")
        if rate and not is_message(row):
            yield broken_rule("reverse_vat_with_vat", row.field("VAT"), value=plain_number(rate), order_field=order.field(ACTIVATED))
        if row.flag("RotRutActivated"):
            yield broken_rule("reverse_vat_with_deduction", row.field("RotRutActivated"), order_field=order.field(ACTIVATED))
