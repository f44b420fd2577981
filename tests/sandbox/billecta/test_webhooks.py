"""Webhooks: what is told, in which body, how often it is tried, and what faults do to it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.billecta.api import CREDITOR, DEBTOR, PRODUCT, Api
from tests.sandbox.billecta.receiver import Receiver
from tests.sandbox.billecta.view_check import problems


@pytest.fixture
def receiver(api: Api) -> Iterator[Receiver]:
    """A subscriber to everything, with short retries."""
    with Receiver() as receiver:
        _subscribe(api, receiver)
        yield receiver
        api.sandbox.control("PUT", "webhooks", {"subscriptions": []})


def _subscribe(api: Api, receiver: Receiver, **more: Any) -> None:
    api.sandbox.control("PUT", "webhooks", {"url": receiver.url, "headers": {"x-api-key": "k1"}, "retry_base_seconds": 0.001, **more})


def _deliveries(api: Api, event: str, count: int) -> list[dict[str, Any]]:
    """The journal's attempts for an event, once there are so many."""
    until = time.monotonic() + 60
    while True:
        found = [entry for entry in api.sandbox.journal("webhook") if entry["event"] == event]
        if len(found) >= count:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.01)


def _wait_until_all_is_attempted(api: Api) -> None:
    until = time.monotonic() + 60
    while api.sandbox.control("GET", "webhooks")["under_way"]:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_body_and_the_headers(api: Api, receiver: Receiver) -> None:
    action = api.draft()
    receiver.wait_for(1)
    body = receiver.bodies[0]
    assert set(body) == {"Event", "Data", "AlternateData", "CreditorPublicId", "Created"}
    assert (body["Event"], body["CreditorPublicId"], body["AlternateData"]) == ("InvoiceActionCreated", CREDITOR, None)
    assert body["Data"]["ActionPublicId"] == action
    assert list(problems("InvoiceActionView", body["Data"])) == []
    assert receiver.headers[0]["x-api-key"] == "k1"


def test_a_final_payment_raises_three(api: Api, receiver: Receiver) -> None:
    action = api.attested()
    assert receiver.wait_for(4) == [
        "InvoiceActionAttested",
        "InvoiceActionCreated",
        "InvoiceActionStateChanged",
        "InvoiceActionStateChanged",
    ]
    receiver.bodies.clear()
    api.control(action, "pay", amount_ore=1)
    assert receiver.wait_for(1) == ["InvoicePaymentReceived"]
    assert list(problems("IncomingPaymentView", receiver.bodies[0]["Data"])) == []
    receiver.bodies.clear()
    api.control(action, "pay")
    assert receiver.wait_for(3) == ["InvoiceActionPaid", "InvoiceActionStateChanged", "InvoicePaymentReceived"]


@pytest.mark.parametrize(("what", "event"), [("credit", "AmountCreditedOnInvoice"), ("write-off", "AmountWrittenOffOnInvoice")])
def test_credits_and_write_offs_carry_a_payment(api: Api, receiver: Receiver, what: str, event: str) -> None:
    action = api.attested()
    receiver.wait_for(4)
    receiver.bodies.clear()
    api.control(action, what)
    assert receiver.wait_for(2) == sorted([event, "InvoiceActionStateChanged"])
    data = next(body["Data"] for body in receiver.bodies if body["Event"] == event)
    assert list(problems("IncomingPaymentView", data)) == []
    assert data["Amount"]["Value"] == 316_250


def test_a_deleted_draft_is_told_by_its_id(api: Api, receiver: Receiver) -> None:
    action = api.draft()
    api.ok("delete_invoice", action=action)
    receiver.wait_for(2)
    body = next(body for body in receiver.bodies if body["Event"] == "InvoiceActionDeleted")
    assert (body["Data"], body["AlternateData"]) == (action, DEBTOR)


def test_parties_and_money_without_invoice(api: Api, receiver: Receiver) -> None:
    api.ok("update_debtor", {"DebtorPublicId": DEBTOR, "Name": "X"})
    api.ok("update_product", {"ProductPublicId": PRODUCT, "Description": "X"})
    api.ok("update_creditor", {"CreditorPublicId": CREDITOR, "Name": "X"})
    debtor = api.ok("create_debtor", {"CreditorPublicId": CREDITOR, "Name": "Y"})["PublicId"]
    api.ok("delete_debtor", debtor=debtor)
    api.ok("create_product", {"CreditorPublicId": CREDITOR, "Description": "Y"})
    api.ok("create_creditor", {"Name": "Y"})
    api.sandbox.control("POST", "unmatched-payment", {"creditor": CREDITOR, "amount_ore": 5})
    views = {
        "DebtorUpdated": "DebtorView",
        "ProductUpdated": "ProductView",
        "CreditorUpdated": "CreditorView",
        "DebtorCreated": "DebtorView",
        "ProductCreated": "ProductView",
        "CreditorCreated": "CreditorView",
        "UnmatchedPayment": "UnhandledPaymentView",
    }
    assert receiver.wait_for(8) == sorted([*views, "DebtorDeleted"])
    for body in receiver.bodies:
        if body["Event"] in views:
            assert list(problems(views[body["Event"]], body["Data"])) == []
        else:
            assert body["Data"] == debtor


def test_an_overpayment_is_told(api: Api, receiver: Receiver) -> None:
    action = api.attested()
    receiver.wait_for(4)
    receiver.bodies.clear()
    api.control(action, "pay", amount_ore=400_000)
    assert "Overpayment" in receiver.wait_for(4)
    assert list(problems("UnhandledPaymentView", next(body["Data"] for body in receiver.bodies if body["Event"] == "Overpayment"))) == []


def test_any_event_can_be_raised(api: Api, receiver: Receiver) -> None:
    action = api.draft()
    api.control(action, "raise", event="InvoiceActionViewed")
    assert "InvoiceActionViewed" in receiver.wait_for(2)


def test_a_subscription_can_be_narrow(api: Api, receiver: Receiver) -> None:
    _subscribe(api, receiver, events=["InvoiceActionDeleted"], creditors=[CREDITOR])
    api.ok("delete_invoice", action=api.draft())
    other = api.ok("create_creditor", {"Name": "Annan"})["PublicId"]
    api.ok("delete_creditor", creditor=other)
    _wait_until_all_is_attempted(api)
    assert receiver.events() == ["InvoiceActionDeleted"]


def test_an_error_is_tried_five_times_more_and_never_again(api: Api, receiver: Receiver) -> None:
    receiver.answers = [500, 503, 404, 302, 429, 500, 500, 500]
    api.draft()
    attempts = _deliveries(api, "InvoiceActionCreated", 6)
    time.sleep(0.1)
    assert [(entry["attempt"], entry["status"]) for entry in attempts] == [(1, 500), (2, 503), (3, 404), (4, 302), (5, 429), (6, 500)]
    assert len(receiver.bodies) == 6


def test_success_ends_the_retries(api: Api, receiver: Receiver) -> None:
    receiver.answers = [500, 500]
    api.draft()
    assert [entry["status"] for entry in _deliveries(api, "InvoiceActionCreated", 3)] == [500, 500, 200]


def test_nobody_listening_is_journalled_without_a_status(api: Api) -> None:
    with Receiver() as gone:
        url = gone.url
    api.sandbox.control("PUT", "webhooks", {"url": url, "retry_base_seconds": 60})
    api.draft()
    assert _deliveries(api, "InvoiceActionCreated", 1)[0]["status"] is None


def test_what_is_under_way_is_counted_until_it_was_attempted(api: Api, receiver: Receiver) -> None:
    _subscribe(api, receiver, held_seconds=60)
    api.sandbox.control("POST", "faults", {"kind": "webhook_reorder", "event": "InvoiceActionCreated", "times": 1})
    action = api.draft()
    assert api.sandbox.control("GET", "webhooks")["under_way"] == 1
    receiver.answers = [500]
    _subscribe(api, receiver, retry_base_seconds=60)
    api.ok("delete_invoice", action=action)
    _wait_until_all_is_attempted(api)
    assert len(receiver.bodies) == 2


def test_a_duplicate_comes_twice(api: Api, receiver: Receiver) -> None:
    api.sandbox.control("POST", "faults", {"kind": "webhook_duplicate", "event": "InvoiceActionCreated", "times": 1})
    api.draft()
    api.draft()
    assert receiver.wait_for(3) == ["InvoiceActionCreated"] * 3
    ids = [body["Data"]["ActionPublicId"] for body in receiver.bodies]
    assert len(set(ids)) == 2


def test_a_reordered_one_is_overtaken_by_the_next(api: Api, receiver: Receiver) -> None:
    _subscribe(api, receiver, held_seconds=60)
    api.sandbox.control("POST", "faults", {"kind": "webhook_reorder", "event": "InvoiceActionCreated", "times": 1})
    action = api.draft()
    api.ok("delete_invoice", action=action)
    receiver.wait_for(2)
    assert receiver.events() == ["InvoiceActionDeleted", "InvoiceActionCreated"]


def test_a_reordered_one_comes_late_when_nothing_follows(api: Api, receiver: Receiver) -> None:
    api.sandbox.control("POST", "faults", {"kind": "webhook_reorder", "times": 1})
    api.draft()
    assert receiver.wait_for(1) == ["InvoiceActionCreated"]


def test_a_lost_one_never_comes(api: Api, receiver: Receiver) -> None:
    api.sandbox.control("POST", "faults", {"kind": "webhook_lose", "event": "InvoiceActionCreated", "times": 1})
    action = api.draft()
    api.ok("delete_invoice", action=action)
    assert receiver.wait_for(1) == ["InvoiceActionDeleted"]
    assert _deliveries(api, "InvoiceActionCreated", 1)[0]["fault"] == "webhook_lose"


@pytest.mark.parametrize(
    "data",
    [
        {"retry_base_seconds": "soon"},
        {"held_seconds": -1},
        {"url": "x", "headers": [1]},
        {"subscriptions": [{}]},
        {"url": "x", "events": 1},
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(api: Api, data: dict[str, Any]) -> None:
    assert api.session.put(f"{api.sandbox.url}/_sandbox/webhooks", json=data).status_code == 400


def test_a_reset_gives_up_what_was_still_to_come(api: Api, receiver: Receiver) -> None:
    _subscribe(api, receiver, retry_base_seconds=0.2)
    receiver.answers = [500]
    api.draft()
    _deliveries(api, "InvoiceActionCreated", 1)
    api.sandbox.control("POST", "reset")
    time.sleep(0.4)
    assert len(receiver.bodies) == 1
