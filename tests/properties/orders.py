"""Any order as Lime may hold it, with values that a person could mean: the strategies that the tests of totals share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

RATES = st.sampled_from([Decimal(0), Decimal(6), Decimal(12), Decimal(25)])
FEES = st.one_of(st.none(), st.decimals(0, 500, places=2))
ROT_RUT_TYPES = st.sampled_from(["construction", "Cleaning", "itservices"])
ORDER = {"_id": 1, "invoicedate": date(2026, 3, 1), "duedate": date(2026, 3, 31), "deliverymethod": "manually", "language": "sv"}
DEBTOR = {"_id": 30, "name": "Anna Andersson", "ssnregno": "19121212-1212", "vatnumber": "SE556016068001"}


@st.composite
def rows_of(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """One row: priced, a package or a message; discounted in per cent, by an amount or not; with a deduction or not."""
    row: dict[str, Any] = {
        "_id": 100 + number,
        "rownumber": number,
        "rowtype": draw(st.sampled_from(["standard", "package", None])),
        "description": "Hyra",
        "quantity": draw(st.decimals(-1000, 1000, places=3).filter(bool)),
        "price": draw(st.decimals(0, 10**6, places=2)),
        "vat": draw(RATES),
        "discount": None,
        "discountamount": None,
        "rotrut": False,
        "rotrutamount": None,
        "rotruttype": None,
    }
    kind = draw(st.sampled_from(["none", "none", "percent", "amount", "deduction", "message"]))
    full = row["quantity"] * row["price"]
    if kind == "message":
        return {**row, "rowtype": "message", "quantity": None, "price": None, "vat": None}
    if kind == "percent":
        return {**row, "discount": draw(st.decimals(0, 100, places=2))}
    if kind == "amount" and full > 1:
        return {**row, "discountamount": draw(st.decimals(0, int(full), places=2))}
    if kind == "deduction" and full > 1:
        return {**row, "rotrut": True, "rotrutamount": draw(st.decimals(0, int(full), places=2)), "rotruttype": draw(ROT_RUT_TYPES)}
    return row


@st.composite
def orders(draw: st.DrawFn, *, most_rows: int = 6) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(order, rows) with Lime's field names: prices with VAT or without, fees, reverse VAT (then no row has VAT)."""
    rows = [draw(rows_of(number)) for number in range(1, draw(st.integers(1, most_rows)) + 1)]
    is_reversed = draw(st.booleans())
    if is_reversed:
        rows = [{**row, "vat": row["vat"] and Decimal(0), "rotrut": False, "rotrutamount": None} for row in rows]
    order = {
        **ORDER,
        "vatincluded": draw(st.booleans()),
        "reversevat": is_reversed,
        "invoicefee": draw(FEES),
        "freightfee": draw(FEES),
        "currency": draw(st.sampled_from([None, "eur"])),
    }
    return order, rows
