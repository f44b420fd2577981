"""The catalogue of Billecta's fields."""

from __future__ import annotations

import pytest

from integration.mapping.catalogue import OBJECTS, BillectaField, Kind, enum_members, enum_name, fields, find_field


def _field(object_name: str, name: str) -> BillectaField:
    found = find_field(object_name, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("object_name", "field", "type_", "writable"),
    [
        ("debtor", "Name", "text", True),
        ("debtor", "OrgNo", "identity_number", True),
        ("debtor", "DebtorPublicId", "text", False),
        ("debtor", "DebtorExternalId", "text", False),
        ("creditor", "ContactName", "person_name", True),
        ("creditor", "ContactEmail", "text", True),
        ("creditor", "CreditorContact.Phone", "text", True),
        ("article", "UnitPrice", "decimal", True),
        ("article", "VAT", "percent", True),
        ("article", "BookKeepingAccount", "integer", True),
        ("order", "InvoiceDate", "date", True),
        ("order", "InvoiceSendDateOverride", "date", True),
        ("order", "ExternalReference", "text", False),
        ("order", "State.Stage", "enum:InvoiceActionStageTypeView", False),
        ("orderrow", "UnitPrice", "amount", True),
        ("orderrow", "TotalIncVAT", "amount", False),
        ("invoice", "State.ClosedDate", "datetime", False),
        ("invoice", "Invoices.0.OCR", "text", False),
        ("invoice", "Invoices.3.OCR", "text", False),
        ("invoice", "DueDate", "date", False),
        ("payment", "IsReminderPayment", "boolean", False),
    ],
)
def test_fields_have_the_type_that_billectas_models_give_them(object_name, field, type_, writable):
    found = find_field(object_name, field)
    assert found is not None
    assert (found.name, found.type, found.writable) == (field, type_, writable)


@pytest.mark.parametrize(
    ("object_name", "field"),
    [("debtor", "Nmae"), ("invoice", "State"), ("invoice", "Records"), ("order", "CanPause"), ("invoice", "Invoices.OCR")],
)
def test_what_cannot_be_mapped_is_not_a_field(object_name, field):
    assert find_field(object_name, field) is None


def test_an_index_leads_to_its_own_place():
    assert _field("invoice", "Invoices.2.OCR").path == ("Invoices", 2, "OCR")


def test_a_field_that_only_goes_out_cannot_be_read():
    assert not _field("order", "InvoiceSendDateOverride").readable
    assert _field("order", "DueDate").readable


@pytest.mark.parametrize("object_name", OBJECTS)
def test_every_field_has_a_label_in_both_languages(object_name):
    for field in fields(object_name).values():
        assert field.label("sv"), field.name
        assert field.label("en"), field.name
        assert (field.enum is not None) == (field.kind is Kind.ENUM)


def test_nested_labels_say_where():
    assert _field("invoice", "State.ClosedDate").label("sv-se") == "Tillstånd: Avslutad"
    assert _field("invoice", "Invoices.0.OCR").label("en") == "Invoice: OCR number"


def test_unknown_is_received_but_never_sent():
    assert "Unknown" not in enum_members("DeliveryMethodTypeView")
    assert enum_members("LanguageTypeView") == ("SV", "EN", "FI")
    assert enum_name("DeliveryMethodTypeView", -1) == "Unknown"
    assert enum_name("DeliveryMethodTypeView", 99) is None
