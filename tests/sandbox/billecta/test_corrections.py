"""What was booked wrong is put right: payments taken back and moved."""

import requests

from tests.sandbox.billecta.api import CREDITOR, Api, day

ALL_DAYS = {"CreditorPublicId": CREDITOR, "From": day(-1), "To": day(1)}


def test_a_payment_that_is_taken_back_opens_the_invoice_again(api: Api) -> None:
    action = api.attested()
    api.control(action, "pay")
    api.control(action, "take-back")
    invoice = api.invoice(action)
    assert (invoice["State"]["Stage"], invoice["State"]["ClosedDate"]) == ("InvoiceSent", None)
    assert (invoice["PaidAmount"]["Value"], invoice["CurrentAmount"]["Value"]) == (0, 316_250)
    assert api.ok("incoming_payments", ALL_DAYS) == []


def test_the_named_payment_is_taken_back_else_the_latest(api: Api) -> None:
    action = api.attested()
    first = api.control(action, "pay", amount_ore=100)["payment"]["PaymentReferenceId"]
    for ore in (200, 300):
        api.control(action, "pay", amount_ore=ore)
    api.control(action, "take-back", payment=first)
    api.control(action, "take-back")
    assert [payment["Amount"]["Value"] for payment in api.ok("incoming_payments", ALL_DAYS)] == [200]


def test_a_payment_that_is_moved_keeps_its_reference(api: Api) -> None:
    action, other = api.attested(), api.attested()
    reference = api.control(action, "pay", amount_ore=100)["payment"]["PaymentReferenceId"]
    api.control(action, "move", to=other)
    [payment] = api.ok("incoming_payments", ALL_DAYS)
    assert (payment["PaymentReferenceId"], payment["ActionPublicId"]) == (reference, other)
    assert [api.invoice(one)["PaidAmount"]["Value"] for one in (action, other)] == [0, 100]


def test_what_was_not_paid_cannot_be_taken_back_or_moved(api: Api) -> None:
    action, other = api.attested(), api.attested()
    for what in ("take-back", "move"):
        assert _refused(api, action, what, to=other).status_code == 404


def test_a_payment_is_not_moved_to_where_it_does_not_fit(api: Api) -> None:
    action, other = api.attested(), api.attested()
    api.control(action, "pay", amount_ore=316_250)
    api.control(other, "pay", amount_ore=1)
    assert _refused(api, action, "move", to=other).status_code == 400
    assert api.invoice(action)["PaidAmount"]["Value"] == 316_250


def _refused(api: Api, action: str, what: str, **data: str) -> requests.Response:
    return api.session.post(f"{api.sandbox.url}/_sandbox/invoices/{action}/{what}", json=data, timeout=60)
