"""Applying a mapping, both ways."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integration.mapping.engine import changed, content_hash, merge, record_name, to_billecta, to_lime
from integration.mapping.orders import entry_from_view, merge_records, order_entry
from integration.mapping.spec import MappingSpec

ROW = {"_id": 1012, "description": "Hyra", "quantity": Decimal(1), "price": Decimal("7500.50"), "vat": Decimal(25), "rowtype": "standard"}


def _codes(mapped) -> dict[str, str]:
    return {found.field: found.code for found in mapped.problems}


def test_a_debtor_goes_out_as_billecta_writes_it(spec):
    lime = {
        "ssnregno": " 556016 0680 ",
        "name": " Bolaget AB ",
        "contactname": "Eva Berg",
        "email": "eva@bolaget.se",
        "zipcode": "111 22",
        "city": "",
        "address": None,
    }
    mapped = to_billecta(spec, "debtor", lime)
    assert mapped.problems == []
    assert mapped.values == {
        "OrgNo": "556016-0680",
        "Name": "Bolaget AB",
        "ContactName": "Eva Berg",
        "ContactEmail": "eva@bolaget.se",
        "Email": "eva@bolaget.se",
        "ZipCode": "111 22",
        "City": None,
        "Address": None,
    }


def test_a_creditors_flat_contact_is_nested_at_billecta_and_flat_again_in_lime(spec, view):
    sent = to_billecta(spec, "creditor", {"ssnregno": "5560160680", "name": "B", "contactname": "Max von Sydow", "email": "m@b.se"})
    assert sent.values["CreditorContact"] == {"FirstName": "Max", "LastName": "von Sydow", "Email": "m@b.se"}
    merged = merge(view("CreditorView__fetched"), sent.values)
    assert merged["CreditorContact"] == {"FirstName": "Max", "LastName": "von Sydow", "Email": "m@b.se", "Phone": "070-123 45 67"}
    assert merged["CreditorBankInfo"] == {"BankgiroNo": "5555-5551"}
    both = MappingSpec.from_dict({"to_lime": {"creditor": [["ContactName", "contactname"], ["ContactEmail", "email"]]}})
    assert to_lime(both, "creditor", merged).values == {"contactname": "Max von Sydow", "email": "m@b.se"}


def test_an_articles_price_is_a_bare_number_in_kronor(spec):
    mapped = to_billecta(
        spec,
        "article",
        {
            "articlenumber": "A1",
            "description": "El",
            "price": Decimal("0.8235"),
            "vat": Decimal("25.00"),
            "producttype": "SERVICE",
            "active": True,
            "account": "3041",
        },
    )
    assert mapped.problems == []
    assert json.loads(json.dumps(mapped.values)) == {
        "ArticleNumber": "A1",
        "Description": "El",
        "UnitPrice": 0.8235,
        "VAT": 25,
        "ProductType": "Service",
        "IsActive": True,
        "BookKeepingAccount": 3041,
    }


def test_an_order_goes_out_with_its_rows(spec):
    order = {
        "invoicedate": date(2026, 3, 1),
        "duedate": date(2026, 3, 31),
        "deliverymethod": "email",
        "language": "sv",
        "vatincluded": True,
    }
    rows = [{**ROW, "discount": Decimal(10)}, {"_id": 1013, "rowtype": "message", "description": "Tack"}]
    mapped = order_entry(spec, order, rows)
    assert mapped.problems == []
    assert mapped.values == {
        "InvoiceDate": "2026-03-01 00:00:00+01:00",
        "DueDate": "2026-03-31 00:00:00+02:00",
        "DeliveryMethod": "Email",
        "CommunicationLanguage": "SV",
        "VatIsIncluded": True,
        "Records": [
            {
                "SequenceNo": 1,
                "RecordType": "Standard",
                "ArticleDescription": "Hyra",
                "Quantity": 1,
                "UnitPrice": {"CurrencyCode": "SEK", "Value": 750050, "ValueForView": 7500.5},
                "DiscountPercentage": 10,
                "DiscountType": "Percentage",
                "VAT": 25,
                "VatIsIncluded": True,
                "ExternalReference": "1012",
            },
            {"SequenceNo": 2, "RecordType": "Message", "ArticleDescription": "Tack", "VatIsIncluded": True, "ExternalReference": "1013"},
        ],
    }


def test_every_problem_is_told_at_once_by_record_and_field(spec):
    order = {"invoicedate": "1/3 2026", "duedate": None, "deliverymethod": "pigeon", "vatincluded": "maybe", "yourreference": "x" * 300}
    rows = [
        {**ROW, "quantity": "two", "price": Decimal("0.125"), "rownumber": Decimal("1.5")},
        {"rowtype": "standard", "vat": Decimal("1e30")},
    ]
    assert _codes(order_entry(spec, order, rows)) == {
        "invoicedate": "not_a_date",
        "duedate": "required",
        "deliverymethod": "unknown_choice",
        "vatincluded": "not_a_boolean",
        "yourreference": "too_long",
        "orderrow[1012].quantity": "not_a_number",
        "orderrow[1012].price": "parts_of_ore",
        "orderrow[1012].rownumber": "not_an_integer",
        "orderrow[#2].description": "required",
        "orderrow[#2].quantity": "required",
        "orderrow[#2].price": "required",
        "orderrow[#2].vat": "out_of_range",
    }


def test_an_unknown_choice_names_those_allowed(spec):
    [problem] = to_billecta(spec, "order", {"invoicedate": date(2026, 1, 1), "duedate": date(2026, 1, 1), "language": "no"}).problems
    assert "SV, EN, FI" in problem.message
    assert "no" in problem.message


def test_parts_of_an_ore_are_rounded_half_up_and_told(spec):
    mapped = to_billecta(spec, "orderrow", {**ROW, "price": Decimal("0.125")})
    assert mapped.values["UnitPrice"]["Value"] == 13
    assert "0.125" in mapped.problems[0].message
    assert "0.13" in mapped.problems[0].message


def test_empty_clears_what_may_be_empty_and_leaves_out_the_rest(spec):
    empty = {"deliverydate": None, "message": "", "deliverymethod": None, "invoicefee": None, "vatincluded": None}
    assert to_billecta(spec, "order", empty).values == {"DeliveryDate": None, "Message": None, "InvoiceFee": None}


def test_fields_that_lime_does_not_have_are_left_out(spec):
    assert to_billecta(spec, "order", {}).values == {}


def test_limes_percent_is_a_fraction(spec, schema):
    mapped = to_billecta(spec, "orderrow", {**ROW, "vat": Decimal("0.25"), "discount": Decimal("0.1")}, schema=schema)
    assert (mapped.values["VAT"], mapped.values["DiscountPercentage"]) == (25, 10)


def test_the_id_of_a_related_record_is_never_printed_as_a_text(spec, schema):
    assert _codes(to_billecta(spec, "orderrow", {**ROW, "project": 1017}, schema=schema)) == {"project": "relation_without_name"}
    assert to_billecta(spec, "orderrow", {**ROW, "project": "P17"}, schema=schema).values["Project"] == "P17"


def test_an_option_as_lime_shows_it_is_understood(spec):
    option = {"id": 7, "key": "eInvoice", "text": "E-faktura"}
    assert to_billecta(spec, "order", {"deliverymethod": option}).values == {"DeliveryMethod": "EInvoice"}
    assert to_billecta(spec, "order", {"deliverymethod": {"id": 1, "key": "empty", "text": ""}}).values == {}
    assert to_billecta(spec, "order", {"deliverymethod": {"id": 1, "key": "21031", "text": ""}}).values == {}


def test_when_empty_keeps_what_the_target_has():
    rows = [["Name", "name", {"overwrite": "when_empty"}], ["City", "city", {"overwrite": "when_empty"}]]
    both = {"debtor": {"name": "lime", "city": "lime"}}
    spec = MappingSpec.from_dict({"to_billecta": {"debtor": rows}, "to_lime": {"debtor": rows}, "both_ways": both})
    assert to_billecta(spec, "debtor", {"name": "New", "city": "Lund"}, current={"Name": "Old", "City": ""}).values == {"City": "Lund"}
    assert to_lime(spec, "debtor", {"Name": "New", "City": "Lund"}, current={"name": "Old", "city": None}).values == {"city": "Lund"}


def test_an_invoice_comes_home(spec, view):
    mapped = to_lime(spec, "invoice", view("InvoiceActionView__sent"))
    assert mapped.problems == []
    assert mapped.values == {
        "invoicenumber": "10042",
        "invoicedate": date(2026, 3, 1),
        "duedate": date(2026, 3, 31),
        "amount": Decimal("9375.63"),
        "vatamount": Decimal("1875.13"),
        "balance": Decimal("9375.63"),
        "paidamount": Decimal(0),
        "creditedamount": Decimal(0),
        "writeoffamount": None,
        "invoicestatus": "invoicesent",
        "closeddate": None,
        "ocr": "100424",
        "deliverymethod": "email",
    }


def test_a_payment_comes_home(spec, view):
    assert to_lime(spec, "payment", view("IncomingPaymentView__bankgiro")).values == {
        "amount": Decimal("9375.63"),
        "paymentdate": date(2026, 3, 27),
        "createddate": datetime(2026, 3, 27, 22, 30, tzinfo=UTC),
        "paymentmean": "BG",
        "ocr": "100424",
        "isreminderpayment": False,
        "createdby": "Bankgirot",
    }


def test_values_fit_the_lime_solution(spec, view, schema):
    mapped = to_lime(
        spec,
        "invoice",
        {**view("InvoiceActionView__sent"), "State": {"Stage": "invoicesent", "ClosedDate": "2026-03-31 23:30:00Z"}},
        schema=schema,
    )
    assert mapped.values == {
        "invoicedate": date(2026, 3, 1),
        "duedate": datetime(2026, 3, 30, 22, 0, tzinfo=UTC),
        "amount": Decimal("9375.63"),
        "invoicestatus": "InvoiceSent",
        "closeddate": date(2026, 4, 1),
    }
    assert _codes(mapped) == {"InvoiceNumber": "too_long", "CurrentAmount": "not_a_boolean", "DeliveryMethod": "no_such_option"}


def test_what_a_view_does_not_tell_is_left_alone_and_null_is_cleared(spec):
    assert to_lime(spec, "invoice", {"InvoiceNumber": None, "Invoices": [], "State": None}).values == {
        "invoicenumber": "",
        "ocr": "",
        "invoicestatus": None,
        "closeddate": None,
    }


def test_enums_as_numbers_are_understood(spec):
    assert to_lime(spec, "invoice", {"State": {"Stage": 12}, "DeliveryMethod": -1}).values["invoicestatus"] == "invoicesent"
    assert to_lime(spec, "invoice", {"DeliveryMethod": -1}).values == {"deliverymethod": None}
    assert _codes(to_lime(spec, "invoice", {"DeliveryMethod": 77})) == {"DeliveryMethod": "unknown_choice"}


@pytest.mark.parametrize("amount", ["many", {"CurrencyCode": "SEK", "Value": "x"}, {"Value": None}])
def test_an_amount_that_cannot_be_read_is_told(spec, amount):
    assert _codes(to_lime(spec, "invoice", {"PaidAmount": amount})) == {"PaidAmount": "not_an_amount"}


def test_merging_changes_neither_argument(view):
    fetched = view("CreditorView__fetched")
    values = {"CreditorContact": {"Email": "new@b.se"}, "Name": "New"}
    merged = merge(fetched, values)
    merged["CreditorContact"]["Phone"] = "1"
    assert fetched == view("CreditorView__fetched")
    assert values == {"CreditorContact": {"Email": "new@b.se"}, "Name": "New"}


def test_an_amount_is_replaced_as_a_whole():
    assert merge({"Fee": {"CurrencyCode": "EUR", "Value": 1, "Odd": 1}}, {"Fee": {"CurrencyCode": "SEK", "Value": 2}}) == {
        "Fee": {"CurrencyCode": "SEK", "Value": 2}
    }


def test_rows_keep_what_the_mapping_does_not_touch():
    fetched = [{"ExternalReference": "1", "RotRutActivated": True, "VAT": 25}, {"ExternalReference": "2", "VAT": 12}]
    assert merge_records(fetched, [{"ExternalReference": "3", "VAT": 6}, {"ExternalReference": "1", "VAT": 6}]) == [
        {"ExternalReference": "3", "VAT": 6},
        {"ExternalReference": "1", "RotRutActivated": True, "VAT": 6},
    ]


def test_a_fetched_invoice_becomes_what_put_takes(view):
    entry = entry_from_view(view("InvoiceActionView__sent"))
    assert entry["DebtorPublicId"] == "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert (entry["IsLocked"], entry["UseDebtorBalance"]) == (True, True)
    assert not {"Debtor", "State", "Invoices", "CanPause", "PaidAmount", "ActionPublicId"} & entry.keys()
    assert entry["Records"][0]["ArticleDescription"] == "Hyra april"


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (Decimal("10.0"), Decimal("10.00")),
        (Decimal(10), 10.0),
        ("", None),
        (" x ", "x"),
        (None, {"id": 1, "key": "empty", "text": ""}),
        ("email", {"id": 7, "key": "email", "text": "E-post"}),
        (date(2026, 7, 1), "2026-07-01T00:00:00+02:00"),
        (date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-07-01 12:00:00+02:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ({"CurrencyCode": "SEK", "Value": 100, "ValueForView": 1.0}, {"CurrencyCode": "SEK", "Value": 100, "ValueForView": 1}),
    ],
)
def test_the_same_said_differently_is_not_a_change(value, same):
    assert changed({"a": value}, {"a": same}) == {}
    assert content_hash({"a": value}) == content_hash({"a": same})


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ("10", 10),
        (True, 1),
        (False, None),
        (0, None),
        ("a", "A"),
        (date(2026, 7, 1), date(2026, 7, 2)),
        ({"CurrencyCode": "SEK", "Value": 100}, {"CurrencyCode": "EUR", "Value": 100}),
    ],
)
def test_what_differs_is_a_change(value, other):
    assert changed({"a": value}, {"a": other}) == {"a": value}
    assert content_hash({"a": value}) != content_hash({"a": other})


def test_only_the_keys_that_differ_are_changed():
    current = {"Name": "A", "Contact": {"Email": "a@b.se", "Phone": "1"}, "City": "Lund"}
    assert changed({"Name": "A", "Contact": {"Email": "x@b.se", "Phone": "1"}}, current) == {"Contact": {"Email": "x@b.se"}}
    assert changed({"New": "x"}, current) == {"New": "x"}


def test_the_hash_does_not_change_between_releases():
    assert content_hash({"b": Decimal("1.50"), "a": "x"}) == "480864528f6a5df7a0e746127adedd4563404b565247efa7d762a32a1bb9031b"


def test_a_record_is_named_by_its_id_or_its_place():
    assert record_name("orderrow", {"_id": 7}, 2) == "orderrow[7]"
    assert record_name("orderrow", {}, 2) == "orderrow[#2]"
    assert record_name("debtor", {}) == "debtor"


@pytest.mark.parametrize(
    ("fetched", "values"),
    [
        ({"a": {"CurrencyCode": "SEK", "Value": 0, "ValueForView": 0}}, {"a": {}}),
        ({"a": {"b": 1}}, {"a": {}}),
        ({"a": {}}, {"a": {"CurrencyCode": "SEK", "Value": 5}}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
    ],
)
def test_what_was_merged_says_what_it_should_and_merging_again_changes_nothing(fetched, values):
    merged = merge(fetched, values)
    assert changed(values, merged) == {}
    assert merge(merged, values) == merged
