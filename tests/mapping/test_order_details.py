"""What an order says beyond its mapped fields, and what an update leaves of the draft before it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integration.mapping.orders import order_currency, order_entry, updated_entry
from integration.mapping.spec import MappingSpec

ORDER = {"_id": 1, "invoicedate": date(2026, 3, 1), "duedate": date(2026, 3, 31), "vatincluded": False}
ROW: dict[str, Any] = {"_id": 7, "rownumber": 1, "description": "Hyra", "quantity": Decimal(1), "price": Decimal(100), "vat": Decimal(25)}
DEBTOR = {"_id": 30, "name": "Anna Andersson", "ssnregno": "191212121212", "vatnumber": "SE556016068001"}


def record(spec: MappingSpec, **changes: Any) -> dict[str, Any]:
    [found] = order_entry(spec, ORDER, [{**ROW, **changes}], debtor=DEBTOR).values["Records"]
    return dict(found)


@pytest.mark.parametrize(
    ("discounts", "percent", "kind"),
    [
        ({"discount": Decimal(10), "discountamount": None}, 10, "Percentage"),
        ({"discount": None, "discountamount": Decimal(10)}, 0, "Amount"),
        ({"discount": None, "discountamount": None}, 0, "Amount"),
        ({"discount": Decimal(0)}, 0, "Amount"),
        ({"discountamount": Decimal(5)}, None, "Amount"),
        ({}, None, None),
    ],
)
def test_the_kind_of_discount_is_always_said(spec, discounts, percent, kind):
    found = record(spec, **discounts)
    assert (found.get("DiscountPercentage"), found.get("DiscountType")) == (percent, kind)


def test_a_kind_of_discount_that_lime_names_stands(spec):
    data = spec.to_dict()
    data["to_billecta"]["orderrow"].append(["DiscountType", "discounttype"])
    named = MappingSpec.from_dict(data)
    assert record(named, discount=Decimal(10), discounttype="percentage")["DiscountType"] == "Percentage"
    assert record(named, discount=Decimal(10), discounttype=None)["DiscountType"] == "Percentage"


def test_an_emptied_row_type_is_an_ordinary_row_and_one_that_lime_lacks_is_not_said(spec):
    assert record(spec, rowtype=None)["RecordType"] == "Standard"
    assert record(spec, rowtype="message")["RecordType"] == "Message"
    assert "RecordType" not in record(spec)


def test_a_deduction_names_the_debtor_and_its_sum(spec):
    rut = {"rotrut": True, "rotruttype": "cleaning", "rotrutamount": Decimal("12.5")}
    rows = [{**ROW, **rut}, {**ROW, **rut, "_id": 8, "rownumber": 2}, {**ROW, "_id": 9, "rownumber": 3, "rotrut": False}]
    mapped = order_entry(spec, {**ORDER, "propertydesignation": "Berga 1:2"}, rows, debtor=DEBTOR, currency="EUR")
    customer = {
        "Name": "Anna Andersson",
        "SSN": "19121212-1212",
        "AskedAmount": {"CurrencyCode": "EUR", "Value": 2500, "ValueForView": 25},
    }
    assert mapped.values["RotRutDetails"] == {"PropertyDesignation": "Berga 1:2", "Customers": [customer]}
    assert order_entry(spec, ORDER, [{**ROW, "rotrut": False}], debtor=DEBTOR).values["RotRutDetails"] is None
    assert "RotRutDetails" not in order_entry(spec, ORDER, [ROW], debtor=DEBTOR).values


def test_reverse_vat_names_the_buyer_unless_the_order_does(spec):
    assert order_entry(spec, {**ORDER, "reversevat": True}, [ROW], debtor=DEBTOR).values["ReverseVATDetails"] == {
        "ReverseVATActivated": True,
        "ReceiverVATNumber": "SE556016068001",
    }
    assert order_entry(spec, {**ORDER, "reversevat": False}, [ROW], debtor=DEBTOR).values["ReverseVATDetails"] == {
        "ReverseVATActivated": False
    }
    data = spec.to_dict()
    data["to_billecta"]["order"].append(["ReverseVATDetails.ReceiverVATNumber", "receiver"])
    own = order_entry(MappingSpec.from_dict(data), {**ORDER, "reversevat": True, "receiver": "DK13585628"}, [ROW], debtor=DEBTOR)
    assert own.values["ReverseVATDetails"]["ReceiverVATNumber"] == "DK13585628"


@pytest.mark.parametrize(("value", "currency"), [("eur", "EUR"), (" NOK ", "NOK"), (None, "SEK"), ("", "SEK")])
def test_an_order_is_in_its_currency_or_in_kronor(spec, value, currency):
    assert order_currency(spec, {**ORDER, "currency": value}) == currency
    assert order_currency(spec, ORDER) == "SEK"


def test_an_update_keeps_what_is_not_mapped_and_leaves_nothing_of_what_is(spec):
    before = order_entry(spec, {**ORDER, "reversevat": True}, [{**ROW, "discount": Decimal(10), "rowtype": "package"}], debtor=DEBTOR)
    view = {**before.values, "SendByMailIfEmailNotViewedInDays": 3, "Attachments": [{"File": {"FileName": "a.pdf"}}]}
    view["Records"] = [{**view["Records"][0], "Hidden": True}]
    after = order_entry(spec, {**ORDER, "reversevat": False}, [{**ROW, "discount": None, "rowtype": None}], debtor=DEBTOR)
    sent = updated_entry(view, after.values)
    [row] = sent["Records"]
    assert (row["DiscountPercentage"], row["DiscountType"], row["RecordType"], row["Hidden"]) == (0, "Amount", "Standard", True)
    assert sent["ReverseVATDetails"]["ReverseVATActivated"] is False
    assert (sent["SendByMailIfEmailNotViewedInDays"], sent["Attachments"]) == (3, [{"File": {"FileName": "a.pdf"}}])
    assert updated_entry(view, {**after.values, "Attachments": []})["Attachments"] == []
