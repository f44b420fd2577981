"""A payload about a debtor without the person: by where it stands, and by what it says."""

from __future__ import annotations

from typing import Any

import pytest

from integration.billecta.personal_data import neutral_fields, neutral_name, pattern_of, sought_texts, without_person
from integration.mapping.engine import changed, merge
from tests.billecta.files import payload

DEBTOR = "5b0c0000-1111-4222-8333-444444444444"
ANNA = {
    "DebtorPublicId": DEBTOR,
    "CreditorPublicId": "c",
    "Name": "Anna Andersson",
    "OrgNo": "19121212-1212",
    "Email": "anna@example.se",
    "Phone": "070-123 45 67",
    "City": "Lund",
    "ZipCode": "222 22",
    "Address": "Gatan 1",
    "DebtorNo": "77",
    "ProtectedIdentity": True,
    "Autogiro": {"AccountNo": "123456"},
    "DebtorType": "Private",
}


def test_a_debtor_keeps_what_is_no_persons_and_loses_the_rest():
    sent = merge(ANNA, neutral_fields(DEBTOR))
    assert (sent["Name"], sent["OrgNo"], sent["Autogiro"], sent["ProtectedIdentity"]) == ("Anonymiserad 5b0c0000", None, None, False)
    assert (sent["DebtorNo"], sent["DebtorType"], sent["CreditorPublicId"]) == ("77", "Private", "c")
    assert not changed(neutral_fields(DEBTOR), sent)


def test_a_view_is_cleaned_by_where_the_person_stands():
    view: dict[str, Any] = {
        "ActionPublicId": "75",
        "Debtor": ANNA,
        "YourReference": "Bo Berg",
        "Invoices": [{"InvoiceNumber": "1", "Name": "Anna A", "City": "Lund", "InvoiceFile": {"FileName": "1.pdf"}}],
        "Records": [{"ArticleDescription": "Hyra", "Name": "kept"}],
        "DeliveryAddressOverride": {"Name": "God man", "Address": "Box 1"},
    }
    cleaned = without_person(view, DEBTOR)
    assert cleaned["Debtor"]["Name"] == cleaned["Invoices"][0]["Name"] == neutral_name(DEBTOR)
    assert (cleaned["Debtor"]["Phone"], cleaned["Invoices"][0]["City"], cleaned["YourReference"]) == (None, None, None)
    assert cleaned["DeliveryAddressOverride"] == {"Name": neutral_name(DEBTOR), "Address": None}
    assert cleaned["Records"] == view["Records"]
    assert cleaned["Invoices"][0]["InvoiceFile"] == {"FileName": "1.pdf"}
    assert view["Debtor"]["Name"] == "Anna Andersson", "the original is as it was"


def test_another_debtor_and_the_creditor_are_left_alone():
    other = {**ANNA, "DebtorPublicId": "other"}
    assert without_person([other], DEBTOR) == [other]
    assert without_person({"DebtorPublicId": DEBTOR, "DebtorName": "Anna", "CreditorName": "AB"}, DEBTOR)["CreditorName"] == "AB"


def test_doing_it_again_changes_nothing():
    once = without_person({"Debtor": ANNA}, DEBTOR, pattern_of(sought_texts(ANNA)))
    assert without_person(once, DEBTOR, pattern_of(sought_texts(ANNA))) == once


@pytest.mark.parametrize(
    "text",
    [
        "Ring Anna Andersson",
        "ANDERSSON ringde",
        "nr 19121212-1212",
        "nr 191212121212",
        "nr 1212121212",
        "nr 121212-1212",
        "mejl anna@example.se",
        "bor på Gatan 1",
        "tel 070-123 45 67",
        "tel 0701234567",
        "loggat som A••• A•••",
        "loggat som 19121212-••••",
        "loggat som a•••@example.se",
    ],
)
def test_what_is_said_of_the_person_is_found_however_it_is_written(text):
    cleaned = without_person(text, DEBTOR, pattern_of(sought_texts(ANNA)))
    assert cleaned != text
    assert not any(part in cleaned.lower() for part in ("anna", "andersson", "1212", "gatan", "4567", "45 67"))


@pytest.mark.parametrize("text", ["Hyra Lund", "Annandag jul", "faktura 7545769088", "222 22"])
def test_what_is_nobodys_stays(text):
    assert without_person(text, DEBTOR, pattern_of(sought_texts(ANNA))) == text


def test_nothing_is_sought_for_one_who_is_anonymised():
    assert sought_texts({**ANNA, **neutral_fields(DEBTOR)}) == []
    assert pattern_of([]) is None


def test_a_whole_invoice_of_billecta_holds_nothing_of_its_debtor_afterwards():
    view = payload("InvoiceActionView__sent")
    debtor = view["Debtor"]
    cleaned = str(without_person(view, debtor["DebtorPublicId"], pattern_of(sought_texts(debtor))))
    told = [str(debtor[name]) for name in ("Name", "OrgNo", "Email", "Phone", "Address") if debtor.get(name)]
    assert told
    assert [text for text in told if text in cleaned] == []
