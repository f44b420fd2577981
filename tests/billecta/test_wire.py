"""Billecta's views: read in every form they come in, refused with a name when they cannot be, true to the published schemas."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import integration.billecta
from integration.billecta import payment_views, wire
from integration.billecta.action_events import ActionEventType
from integration.billecta.amounts import Amount
from integration.billecta.enums import DebtCollectionLevel, DebtorType, InvoiceStage
from integration.billecta.reading import View, fields_of, read_list
from integration.billecta.wire_enum import WireEnum
from integration.errors import RemoteUnavailable
from tests.billecta.files import CREDITOR, payload

SCHEMAS = json.loads((Path(integration.billecta.__path__[0]) / "data" / "models.json").read_text())
VIEWS = [
    cls
    for module in (wire, payment_views)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, View) and cls is not View
]


def test_an_invoice_is_read():
    invoice = wire.InvoiceAction.from_wire(payload("InvoiceActionView__sent"))
    assert invoice.action_id == "7545769088"
    assert invoice.state.stage is InvoiceStage.INVOICE_SENT
    assert invoice.state.attested == datetime(2026, 3, 1, 11, 0, 0, 123456, UTC)
    assert invoice.state.next_event_date == datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert invoice.due_date == date(2026, 3, 31)
    assert invoice.paid_amount == Amount("SEK", 25000)
    assert invoice.credited_amount is None
    assert (invoice.ocr, invoice.file_id) == ("100426", "3f0c5a52-6c0a-4c8e-9d0e-4b6f1a1c0003")
    assert invoice.may == {"CanPause": True, "CanResume": False}
    assert invoice.raw == payload("InvoiceActionView__sent")


def test_rows_debtor_and_history_are_read():
    invoice = wire.InvoiceAction.from_wire(payload("InvoiceActionView__sent"))
    (row,) = invoice.records
    assert (row.quantity, row.vat_percent, row.total_excl_vat) == (Decimal("0.1"), Decimal(25), Amount("SEK", 100000))
    assert invoice.debtor is not None
    assert invoice.debtor.debtor_type is DebtorType.PRIVATE
    assert invoice.debtor.created is None
    assert [event.event_type.is_known for event in invoice.events] == [True, False]
    assert invoice.events[1].event_type == "SomethingThatBillectaAddedLater"


def test_a_debt_collection_case_is_read():
    case = payment_views.DebtCollectionCase.from_wire(payload("DebtCollectionActionStateChanged__paused"))
    assert (case.action_id, case.source_action_id, case.reason) == ("8811223344", "7545769088", "Hyra april")
    assert (case.start_level, case.end_level) == (DebtCollectionLevel.REMINDERS, DebtCollectionLevel.BAILIFF)
    assert case.debtor_id == "3f0c5a52-6c0a-4c8e-9d0e-4b6f1a1c0002"
    assert case.state.debt_collection_invoice_sent == datetime(2026, 5, 4, 22, tzinfo=UTC)
    assert (case.state.is_paused, case.state.closed, case.can_cancel) == (True, None, True)
    assert (case.fee_amount, case.current_amount) == (Amount("SEK", 18000), Amount("SEK", 144234))


def test_personal_data_is_not_in_the_representation():
    invoice = wire.InvoiceAction.from_wire(payload("InvoiceActionView__sent"))
    assert "APropertyThatBillectaAddedLater" not in repr(invoice)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ActionPublicId": None}, "InvoiceActionView.ActionPublicId is null: it is required"),
        ({"ActionPublicId": ""}, 'InvoiceActionView.ActionPublicId is "": it is required'),
        ({"DueDate": "next week"}, 'InvoiceActionView.DueDate is "next week"'),
        ({"PaidAmount": {"Value": 1.5}}, "InvoiceActionView.PaidAmount is"),
        ({"PaidAmount": 25000}, "InvoiceActionView.PaidAmount is 25000"),
        ({"State": {"Stage": True}}, "InvoiceActionStateView.Stage is true"),
        ({"State": None}, "InvoiceActionView.State is null"),
        ({"Records": {}}, "InvoiceActionRecordView.(list)"),
        ({"Debtor": {"DebtorPublicId": 7, "CreditorPublicId": CREDITOR}}, "DebtorView.DebtorPublicId is 7: not a text"),
        ({"VatIsIncluded": "yes"}, "InvoiceActionView.VatIsIncluded"),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, object], told: str):
    with pytest.raises(RemoteUnavailable) as raised:
        wire.InvoiceAction.from_wire(payload("InvoiceActionView__sent") | change)
    assert told in str(raised.value)


def test_an_unreadable_personal_value_is_masked():
    with pytest.raises(RemoteUnavailable) as raised:
        wire.Debtor.from_wire({"DebtorPublicId": "1", "CreditorPublicId": "2", "OrgNo": ["191212121212"]})
    assert "19121212-••••" in str(raised.value)


@pytest.mark.parametrize("data", [[], "x", None, 5])
def test_an_answer_that_is_no_object_is_named(data: object):
    with pytest.raises(RemoteUnavailable, match="DebtorView"):
        wire.Debtor.from_wire(data)


def test_a_list_is_a_bare_array():
    assert read_list(wire.InvoiceSub, None) == []
    with pytest.raises(RemoteUnavailable, match="InvoiceActionSubView"):
        read_list(wire.InvoiceSub, {"InvoiceActions": []})


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_field_is_in_the_published_schema(view: type[View]):
    schema = SCHEMAS["models"][view.view]
    for name, kind in fields_of(view):
        assert kind == kind_of(schema[name]), f"{view.view}.{name}"


def kind_of(row: dict[str, object]) -> object:
    items = row.get("items")
    if isinstance(items, dict):
        return f"[{items['ref']}]"
    if row.get("format") == "date-time":
        return "date-time"
    return row.get("enum") or row.get("ref") or row["type"]


def subclasses() -> list[type[WireEnum]]:
    return WireEnum.__subclasses__()


@pytest.mark.parametrize("kind", subclasses(), ids=lambda kind: kind.__name__)
def test_every_enum_has_the_published_members(kind: type[WireEnum]):
    assert {member.value: member.number for member in kind} == SCHEMAS["enums"][kind.view]


@pytest.mark.parametrize("raw", ["Attested", "attested", " ATTESTED ", 13])
def test_an_enum_is_read_by_name_and_number(raw: Any):
    assert InvoiceStage(raw) is InvoiceStage.ATTESTED


@pytest.mark.parametrize(("raw", "kept"), [("Frozen", "Frozen"), (99, "99")])
def test_an_unknown_enum_member_is_kept(raw: Any, kept: str):
    member = InvoiceStage(raw)
    assert isinstance(member, InvoiceStage)
    assert member == kept
    assert not member.is_known
    assert InvoiceStage.ATTESTED.is_known


def test_the_event_type_of_payment_history_is_known():
    assert ActionEventType("Paid").is_known
