"""Rules for ROT and RUT: work in a home, whose buyer gets a part of its cost deducted from the tax.

Rates and yearly ceilings of the deduction change with the law and hang on what else the buyer had done: they are not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integration.errors import Problem
from integration.mapping.values import plain_number
from integration.money import kronor_to_ore, ore_to_kronor
from integration.validations.formats import IdentityNumber, identity_number_of, is_organisation_number
from integration.validations.record import MappedRecord
from integration.validations.row import is_message, priced_row
from integration.validations.texts import broken_rule
from integration.validations.totals import net_and_vat

ROT = frozenset({"construction", "electricity", "glassmetalwork", "grounddrainagework", "masonry", "paintingwallpapering", "hvac"})
_PROPERTY, _ASSOCIATION = "RotRutDetails.PropertyDesignation", "RotRutDetails.ResidenceAssociationOrgNo"
_AMOUNTS = ("RotRutAmount", "RotRutMaterialCostAmount", "RotRutHours")


def check_rot_rut(order: MappedRecord, rows: Sequence[MappedRecord], debtor: MappedRecord | None) -> Iterator[Problem]:
    """Rules for the rows with a deduction, the person who gets it and the home that the work was done in."""
    active = [row for row in rows if row.flag("RotRutActivated") and not is_message(row)]
    for row in rows:
        yield from _check_row(order, row)
    if active and debtor is not None:
        yield from _check_person(debtor)
    yield from order.check_text(_ASSOCIATION, is_organisation_number, "invalid_association")
    is_rot = any((row.text("RotRutType") or "").casefold() in ROT for row in active)
    if is_rot and order.text(_PROPERTY) is None and order.text(_ASSOCIATION) is None:
        yield broken_rule("rot_without_home", order.field(_PROPERTY), other=order.field(_ASSOCIATION))


def _check_row(order: MappedRecord, row: MappedRecord) -> Iterator[Problem]:
    for name in _AMOUNTS:
        number = row.number(name)
        if number is not None and number < 0:
            yield broken_rule("negative", row.field(name), value=plain_number(number))
    deduction = row.number("RotRutAmount")
    if is_message(row):
        return
    if not row.flag("RotRutActivated"):
        if deduction:
            yield broken_rule("deduction_not_activated", row.field("RotRutAmount"), value=plain_number(deduction))
        return
    if row.text("RotRutType") is None:
        yield broken_rule("deduction_without_type", row.field("RotRutType"))
    if not deduction:
        yield broken_rule("deduction_without_amount", row.field("RotRutAmount"))
        return
    yield from _check_size(order, row)


def _check_size(order: MappedRecord, row: MappedRecord) -> Iterator[Problem]:
    """The deduction is of the work, so it is less than the row with VAT without its material."""
    priced, deduction = priced_row(row), row.number("RotRutAmount")
    if priced is None or deduction is None or (priced.discount_percent and priced.discount_amount):
        return
    included = order.flag("VatIsIncluded") or priced.vat_included
    gross = sum(net_and_vat(priced.amount, priced.vat_percent, vat_included=included))
    material = row.number("RotRutMaterialCostAmount")
    work = gross - (kronor_to_ore(material) if material else 0)
    if kronor_to_ore(deduction) > work:
        yield broken_rule(
            "deduction_too_large", row.field("RotRutAmount"), value=plain_number(deduction), limit=f"{ore_to_kronor(work):.2f}"
        )


def _check_person(debtor: MappedRecord) -> Iterator[Problem]:
    number = debtor.text("OrgNo")
    if number is None:
        yield broken_rule("deduction_without_person", debtor.field("OrgNo"))
    elif identity_number_of(number) is IdentityNumber.ORGANISATION:
        yield broken_rule("deduction_for_organisation", debtor.field("OrgNo"), value=number)
