"""Webhooks are read whatever their wrapping, and never break the reader."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.billecta.envelope import read_envelope
from integration.billecta.events import KNOWN_EVENTS, known_event

NAMES = {
    "event": ("Event", "EventType", "EventName", "Trigger", "WebhookTriggerType", "Type"),
    "data": ("Data", "Payload", "Entity", "Object"),
    "alternate": ("AlternateData", "AlternatePayload"),
}
INVOICE = {"ActionPublicId": "7545769088", "CreditorPublicId": "c1", "Debtor": {"DebtorPublicId": "d1"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["Event", "Data", "CreditorPublicId"]), inner, max_size=3)
    ),
)


def test_the_sandboxes_own_wrapping():
    found = read_envelope(
        {"Event": "InvoiceActionPaid", "Data": INVOICE, "AlternateData": None, "CreditorPublicId": "c1", "Created": "x"}, NAMES
    )
    assert (found.event, found.data, found.alternate) == ("InvoiceActionPaid", INVOICE, None)
    assert (found.creditor_id, found.entity_id) == ("c1", "7545769088")


@pytest.mark.parametrize("event", ["event", "EVENTTYPE", "eventName", "trigger", "WebhookTriggerType", "type"])
@pytest.mark.parametrize("data", ["data", "PAYLOAD", "entity", "Object"])
def test_every_name_in_any_case(event: str, data: str):
    found = read_envelope({event: "InvoiceActionPaid", data: INVOICE}, NAMES)
    assert (found.event, found.entity_id, found.creditor_id) == ("InvoiceActionPaid", "7545769088", "c1")


def test_the_first_name_that_is_there_wins():
    assert read_envelope({"Type": "x", "Trigger": "InvoiceActionPaid"}, NAMES).event == "InvoiceActionPaid"


@pytest.mark.parametrize(
    "data", ["7545769088", " 7545769088 ", 7545769088, '{"actionpublicid": "7545769088"}', {"actionPublicId": 7545769088}]
)
def test_a_bare_id_or_an_object_as_text(data: object):
    assert read_envelope({"Event": "InvoiceActionDeleted", "Data": data}, NAMES).entity_id == "7545769088"


@pytest.mark.parametrize(
    ("data", "entity"),
    [
        ({"DebtorPublicId": "d1", "CreditorPublicId": "c1"}, "d1"),
        ({"ProductPublicId": "p1", "CreditorPublicId": "c1"}, "p1"),
        ({"UnhandledPaymentPublicId": "u1", "DebtorPublicId": "d1"}, "u1"),
        ({"PaymentReferenceId": "r1", "ActionPublicId": "75", "DebtorPublicId": "d1"}, "75"),
        ({"CreditorPublicId": "c1"}, "c1"),
        ({"ActionPublicId": "75\u0000"}, ""),
        ({"ActionPublicId": "7" * 65}, ""),
        ({}, ""),
    ],
)
def test_the_most_telling_id_is_the_hint(data: dict[str, Any], entity: str):
    assert read_envelope({"Event": "x", "Data": data}, NAMES).entity_id == entity


def test_the_second_payload_helps_when_the_first_has_no_id():
    found = read_envelope({"Event": "InvoiceCommented", "Data": {"Comment": "x"}, "AlternateData": INVOICE}, NAMES)
    assert (found.entity_id, found.creditor_id) == ("7545769088", "c1")


@pytest.mark.parametrize("event", [None, 5, "", "a b", "x" * 101, "<script>", {"Name": "x"}, ["InvoiceActionPaid"]])
def test_no_event_name_is_empty(event: object):
    assert read_envelope({"Event": event, "Data": INVOICE}, NAMES).event == ""


@given(st.dictionaries(st.sampled_from(["Event", "data", "Data", "AlternateData", "CreditorPublicId"]) | st.text(), JSON, max_size=5))
def test_nothing_breaks_the_reader(body: dict[str, Any]):
    found = read_envelope(body, NAMES)
    assert len(found.entity_id) <= 64
    assert len(found.event) <= 100


def test_known_events_are_met_in_any_spelling():
    assert len(KNOWN_EVENTS) == 55
    assert known_event("OverPayment") == KNOWN_EVENTS["Overpayment"]
    assert known_event("SomethingNew") is None
    assert KNOWN_EVENTS["InvoiceActionDeleted"].payload == KNOWN_EVENTS["InvoiceActionDeleted"].alternate == "id"
