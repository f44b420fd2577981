"""Our own sums and the pretended Billecta's, written apart from each other: for any order they are the same to the öre."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from integration.billecta.client import BillectaClient
from integration.http import Timeouts
from integration.mapping.orders import order_currency, order_entry, updated_entry
from integration.mapping.spec import default_mapping
from integration.sandbox.billecta.schema import read
from integration.sandbox.billecta.totals import calculate
from integration.validations.order import totals_of_order
from integration.validations.totals import Totals
from tests.properties.orders import DEBTOR, orders
from tests.sandbox.process import SandboxProcess

SPEC = default_mapping()
AUTHENTICATION = "Basic c2FuZGJveDpzYW5kYm94"
CREDITORS = {True: "0c0c0c0c-1111-4222-8333-444444444444", False: "0d0d0d0d-1111-4222-8333-444444444444"}


def entry_of(order: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The order as the portal sends it."""
    return order_entry(SPEC, order, rows, debtor=DEBTOR, currency=order_currency(SPEC, order)).values


def ours(order: dict[str, Any], rows: list[dict[str, Any]], *, cent_rounding: bool) -> Totals:
    return totals_of_order(order, rows, SPEC, cent_rounding=cent_rounding)[0]


@settings(max_examples=400)
@given(orders(), st.booleans())
def test_the_pretended_billecta_adds_as_we_do(one, cent_rounding):
    order, rows = one
    sent = json.loads(json.dumps(entry_of(order, rows)), parse_float=Decimal)
    theirs = calculate(read("InvoiceActionEntryView", sent), use_cent_rounding=cent_rounding)
    mine = ours(order, rows, cent_rounding=cent_rounding)
    assert (theirs.net, theirs.vat, theirs.rounding, theirs.invoiced) == (mine.net_ore, mine.vat_ore, mine.rounding_ore, mine.total_ore)
    assert theirs.deduction == mine.deduction_ore
    assert not order["reversevat"] or mine.vat_ore == 0


@given(orders(most_rows=1))
def test_a_row_alone_agrees_in_net_and_vat(one):
    order, rows = one
    order = {**order, "invoicefee": None, "freightfee": None}
    sent = json.loads(json.dumps(entry_of(order, rows)), parse_float=Decimal)
    [row] = calculate(read("InvoiceActionEntryView", sent), use_cent_rounding=False).rows
    mine = ours(order, rows, cent_rounding=False)
    assert (row.net, row.vat) == (mine.net_ore, mine.vat_ore)


@pytest.fixture(scope="module")
def billecta() -> Iterator[BillectaClient]:
    """A pretended Billecta in a process of its own, with a creditor that rounds to whole kronor and one that does not."""
    with SandboxProcess("billecta") as process:
        creditors = [
            {"CreditorPublicId": public_id, "Name": "Värd AB", "OrgNo": "5560160680", "UseCentRounding": rounds}
            for rounds, public_id in CREDITORS.items()
        ]
        process.control("POST", "seed", {"creditors": creditors})
        process.control("PUT", "limits", {"enabled": False})
        client = BillectaClient(process.url, AUTHENTICATION, timeouts=Timeouts(read=5, total=10))
        yield client
        client.close()


@pytest.fixture(scope="module")
def debtors(billecta: BillectaClient) -> dict[bool, str]:
    return {
        rounds: billecta.create_debtor({"CreditorPublicId": creditor, "Name": "Anna Ek", "OrgNo": "191212121212"})
        for rounds, creditor in CREDITORS.items()
    }


@pytest.mark.flow
@settings(max_examples=80, deadline=None)
@given(orders(), st.booleans(), st.booleans())
def test_a_draft_comes_back_with_our_sums(billecta, debtors, one, vat_first, cent_rounding):
    """Made over HTTP and fetched again, and the same after an update of a draft that said something else before."""
    order, rows = one
    event(f"rounding {cent_rounding}, reverse {order['reversevat']}, included {order['vatincluded']}, currency {order['currency']}")
    ids = {"CreditorPublicId": CREDITORS[cent_rounding], "DebtorPublicId": debtors[cent_rounding], "ActionType": "InvoiceAction"}
    before = _something_else(order, rows, vat_first=vat_first)
    action = billecta.create_invoice({**entry_of(*before), **ids})
    assert_agrees(billecta, action, before, cent_rounding=cent_rounding)
    view = billecta.get_invoice(action)
    billecta.update_invoice(action, updated_entry(view.raw, {**entry_of(order, rows), **ids}))
    assert_agrees(billecta, action, one, cent_rounding=cent_rounding)
    billecta.delete_invoice(action)


def _something_else(order: dict[str, Any], rows: list[dict[str, Any]], *, vat_first: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An order with the same row ids of which nothing may be left after the update."""
    plain = {"rowtype": "standard", "quantity": Decimal(3), "price": Decimal("99.90"), "vat": Decimal(12)}
    discounted = {"discount": Decimal(10), "discountamount": None, "rotrut": True, "rotruttype": "masonry", "rotrutamount": Decimal(5)}
    other = {"vatincluded": vat_first, "reversevat": not order["reversevat"], "invoicefee": Decimal(29), "freightfee": Decimal("59.5")}
    return {**order, **other}, [{**row, **plain, **discounted} for row in rows]


def assert_agrees(billecta: BillectaClient, action: str, one: tuple[dict[str, Any], list[dict[str, Any]]], *, cent_rounding: bool) -> None:
    """The fetched draft's totals, deduction and rounding are ours, in the order's currency."""
    order, rows = one
    raw = billecta.get_invoice(action).raw
    mine = ours(order, rows, cent_rounding=cent_rounding)
    shown = [raw[name]["Value"] for name in ("InvoicedAmount", "TotalVATAmount", "CentRoundingAmount", "RotRutDeductionAmount")]
    assert shown == [mine.total_ore, mine.vat_ore, mine.rounding_ore, mine.deduction_ore]
    fees = sum(total.net_ore for total in ours(order, [], cent_rounding=False).by_rate.values())
    assert sum(record["TotalExclVAT"]["Value"] for record in raw["Records"]) == mine.net_ore - fees
    if any(record["UnitPrice"] for record in raw["Records"]):
        assert raw["InvoicedAmount"]["CurrencyCode"] == order_currency(SPEC, order)
