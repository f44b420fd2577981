"""What an order says beyond its mapped fields: what an emptied field of a row falls back to, and what only the debtor can tell.

A draft is updated row by row over what Billecta shows, and Billecta's numbers, flags and choices cannot be null. A discount that
was removed in Lime, or a message row that became an ordinary one, would stay as it was unless the row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integration.mapping.problems import UnfitValueError
from integration.mapping.spec import Direction, MappingSpec
from integration.mapping.values import is_empty, read_identity_number, read_text
from integration.money import SEK, amount_view

_FALLBACK: Mapping[str, object] = {
    "RecordType": "Standard",
    "DiscountPercentage": 0,
    "RotRutActivated": False,
    "RotRutHours": 0,
}
_DISCOUNTS = ("DiscountPercentage", "DiscountAmount")


def complete_row(spec: MappingSpec, row: Mapping[str, object], values: dict[str, Any]) -> None:
    """Add to a row's values what its mapped but empty fields mean. Fields that the Lime solution lacks are left alone.

    Left out, `DiscountType` would be read as its first member, Amount, and a percentage be lost (assumed, as .NET reads enums).
    """
    for name, fallback in _FALLBACK.items():
        if name not in values and _is_emptied(spec, row, name):
            values[name] = fallback
    if "DiscountType" not in values and any(_lime_field(spec, name) in row for name in _DISCOUNTS):
        values["DiscountType"] = "Percentage" if values.get("DiscountPercentage") else "Amount"


def add_party_details(
    spec: MappingSpec, values: dict[str, Any], rows: Sequence[Mapping[str, object]], debtor: Mapping[str, object]
) -> None:
    """Add what the order needs of its debtor: the VAT number under reverse VAT, the person who gets the deduction under ROT/RUT.

    `values` are the order's with its Records, changed in place. That Billecta takes the debtor as the one customer of the deduction,
    by `RotRutDetails.Customers`, is assumed. An order whose rows no longer ask for a deduction says that it has none.
    """
    reverse = values.get("ReverseVATDetails")
    if reverse and reverse.get("ReverseVATActivated") and is_empty(reverse.get("ReceiverVATNumber")):
        reverse["ReceiverVATNumber"] = _of_debtor(spec, debtor, "VatNumber", read_text)
    active = [record for record in values["Records"] if record.get("RotRutActivated")]
    if active:
        values["RotRutDetails"] = {**(values.get("RotRutDetails") or {}), "Customers": [_customer(spec, debtor, active)]}
    elif any(_lime_field(spec, "RotRutActivated") in row for row in rows):
        values["RotRutDetails"] = None


def _customer(spec: MappingSpec, debtor: Mapping[str, object], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """RotRutCustomerView: who asks the tax agency for how much."""
    amounts = [record["RotRutAmount"] for record in records if record.get("RotRutAmount")]
    currency = amounts[0]["CurrencyCode"] if amounts else SEK
    return {
        "Name": _of_debtor(spec, debtor, "Name", read_text),
        "SSN": _of_debtor(spec, debtor, "OrgNo", read_identity_number),
        "AskedAmount": amount_view(sum(amount["Value"] for amount in amounts), currency),
    }


def _of_debtor(spec: MappingSpec, debtor: Mapping[str, object], name: str, read: Callable[[object], str]) -> str | None:
    """What the debtor says in the field behind one of Billecta's, or None; what cannot be read is told of with the debtor."""
    value = debtor.get(spec.lime_field(Direction.TO_BILLECTA, "debtor", name) or "")
    try:
        return None if is_empty(value) else read(value)
    except UnfitValueError:
        return None


def _is_emptied(spec: MappingSpec, row: Mapping[str, object], name: str) -> bool:
    field = _lime_field(spec, name)
    return field in row and is_empty(row[field])


def _lime_field(spec: MappingSpec, name: str) -> str:
    return spec.lime_field(Direction.TO_BILLECTA, "orderrow", name) or ""
