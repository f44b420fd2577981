"""Totals: worked examples, and what must hold for every invoice."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.sandbox.base import Refusal
from integration.sandbox.billecta.schema import amount
from integration.sandbox.billecta.totals import calculate, half_up
from tests.sandbox.billecta.api import Api


def _row(price: int, quantity: str = "1", vat: str = "25", **more: Any) -> dict[str, Any]:
    return {"UnitPrice": amount(price), "Quantity": Decimal(quantity), "VAT": Decimal(vat), **more}


TEN = Decimal(10)

EXAMPLES: list[tuple[str, dict[str, Any], tuple[int, int, int]]] = [
    ("one row", {"Records": [_row(10000)]}, (10000, 2500, 12500)),
    ("part of a unit, half an öre up", {"Records": [_row(333, "1.5")]}, (500, 125, 625)),
    ("VAT is rounded per row", {"Records": [_row(1, vat="12")] * 10 + [_row(5, vat="12")]}, (15, 1, 16)),
    ("VAT included", {"VatIsIncluded": True, "Records": [_row(10000)]}, (8000, 2000, 10000)),
    ("VAT included in one row", {"Records": [_row(10000, VatIsIncluded=True), _row(10000, vat="6")]}, (18000, 2600, 20600)),
    ("VAT included, not even", {"VatIsIncluded": True, "Records": [_row(9999, vat="12")]}, (8928, 1071, 9999)),
    (
        "discount in percent",
        {"Records": [_row(10000, "3", DiscountType="Percentage", DiscountPercentage=TEN)]},
        (27000, 6750, 33750),
    ),
    ("discount in kronor", {"Records": [_row(10000, "3", DiscountType="Amount", DiscountAmount=amount(550))]}, (29450, 7363, 36813)),
    ("a percentage without its type does nothing", {"Records": [_row(10000, DiscountPercentage=TEN)]}, (10000, 2500, 12500)),
    ("fees carry 25 %", {"Records": [], "InvoiceFee": amount(2900), "FreightFee": amount(9900)}, (12800, 3200, 16000)),
    ("fees with VAT included", {"VatIsIncluded": True, "InvoiceFee": amount(2500)}, (2000, 500, 2500)),
    ("a message has no price", {"Records": [_row(10000, RecordType="Message"), {"ArticleDescription": "Hej"}]}, (0, 0, 0)),
    ("reversed VAT", {"Records": [_row(10000)], "ReverseVATDetails": {"ReverseVATActivated": True}}, (10000, 0, 10000)),
    ("a credit", {"Records": [_row(-333, "1.5")]}, (-500, -125, -625)),
]


@pytest.mark.parametrize(("entry", "expected"), [pytest.param(entry, expected, id=name) for name, entry, expected in EXAMPLES])
def test_examples(entry: dict[str, Any], expected: tuple[int, int, int]) -> None:
    totals = calculate(entry, use_cent_rounding=False)
    assert (totals.net, totals.vat, totals.invoiced) == expected
    assert totals.rounding == 0


@pytest.mark.parametrize(("price", "invoiced", "rounding"), [(10040, 12600, 50), (10039, 12500, -49), (8000, 10000, 0)])
def test_cent_rounding_goes_to_the_nearest_krona(price: int, invoiced: int, rounding: int) -> None:
    totals = calculate({"Records": [_row(price)]}, use_cent_rounding=True)
    assert (totals.invoiced, totals.rounding) == (invoiced, rounding)


def test_a_priced_row_needs_a_quantity() -> None:
    with pytest.raises(Refusal, match=r"Records\[0\].Quantity"):
        calculate({"Records": [{"UnitPrice": amount(100)}]}, use_cent_rounding=False)


def test_the_tax_agencys_part_is_not_the_debtors() -> None:
    totals = calculate({"Records": [_row(10000, RotRutActivated=True, RotRutAmount=amount(3000))]}, use_cent_rounding=False)
    assert (totals.invoiced, totals.deduction) == (12500, 3000)


rows = st.lists(
    st.builds(
        _row,
        st.integers(-10_000_000, 10_000_000),
        st.decimals("-1000", "1000", places=3).map(str),
        st.sampled_from(["0", "6", "12", "25"]),
        VatIsIncluded=st.booleans(),
        DiscountType=st.just("Percentage"),
        DiscountPercentage=st.decimals("0", "100", places=2),
    ),
    max_size=8,
)


@given(rows, st.booleans(), st.booleans())
def test_the_parts_always_add_up(records: list[dict[str, Any]], is_included: bool, is_rounded: bool) -> None:
    totals = calculate({"Records": records, "VatIsIncluded": is_included}, use_cent_rounding=is_rounded)
    assert totals.invoiced == totals.net + totals.vat + totals.rounding
    assert (totals.net, totals.vat) == (sum(row.net for row in totals.rows), sum(row.vat for row in totals.rows))
    assert abs(totals.rounding) <= 50
    assert not is_rounded or totals.invoiced % 100 == 0


@given(st.integers(-(10**9), 10**9))
def test_halves_go_away_from_zero(whole: int) -> None:
    half = Decimal(whole) + Decimal("0.5").copy_sign(whole)
    assert half_up(half) == whole + (1 if whole >= 0 else -1)


def test_the_invoice_shows_them(api: Api) -> None:
    creditor = api.ok("list_creditors")[0]
    api.ok("update_creditor", {**creditor, "UseCentRounding": True})
    invoice = api.invoice(api.draft(InvoiceFee=None))
    shown = {name: invoice[name]["Value"] for name in ("InvoicedAmount", "TotalVATAmount", "CentRoundingAmount", "CurrentAmount")}
    assert shown == {"InvoicedAmount": 312_600, "TotalVATAmount": 62_525, "CentRoundingAmount": -25, "CurrentAmount": 312_600}
    row = invoice["Records"][0]
    assert [row[name]["Value"] for name in ("TotalExclVAT", "TotalIncVAT", "TotalExclVATNoDiscount")] == [250_100, 312_625, 250_100]
