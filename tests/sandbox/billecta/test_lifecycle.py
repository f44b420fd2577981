"""The life of an invoice: stages, dates, flags and refusals."""

import time
from typing import Any

import pytest

from tests.sandbox.billecta.api import CREDITOR, DEBTOR, PRODUCT, Api, day, fixture


def _flags(api: Api, action: str) -> set[str]:
    return {name for name, is_set in api.invoice(action).items() if name.startswith("Can") and is_set}


def _money(api: Api, action: str) -> dict[str, int]:
    invoice = api.invoice(action)
    return {name: invoice[f"{name}Amount"]["Value"] for name in ("Current", "Paid", "Credited", "WriteOff")}


def test_a_draft_has_no_number_and_allows_nothing(api: Api) -> None:
    action = api.draft()
    invoice = api.invoice(action)
    assert len(action) == 10
    assert action.isdigit()
    assert invoice["State"]["Stage"] == "Created"
    assert (invoice["InvoiceNumber"], invoice["Invoices"], invoice["State"]["AttestedDate"]) == (None, [], None)
    assert _flags(api, action) == set()


def test_attest_books_locks_and_sends(api: Api) -> None:
    invoice = api.invoice(api.attested())
    assert invoice["InvoiceNumber"] == "1001"
    assert invoice["State"]["IsLocked"] is True
    assert invoice["State"]["Stage"] == "InvoiceSent"
    assert invoice["State"]["AttestedDate"] is not None
    assert invoice["State"]["InvoiceSentDate"] is not None
    assert api.invoice(api.attested())["InvoiceNumber"] == "1002"


def test_a_manual_invoice_waits_to_be_sent(api: Api) -> None:
    action = api.attested(DeliveryMethod="Manually")
    assert api.invoice(action)["State"]["Stage"] == "Attested"
    assert "CanSendManualInvoice" in _flags(api, action)
    api.control(action, "send")
    assert api.invoice(action)["State"]["Stage"] == "InvoiceSent"


def test_sending_waits_for_its_day(api: Api) -> None:
    action = api.attested(InvoiceSendDateOverride=day(3))
    state = api.invoice(action)["State"]
    assert (state["Stage"], state["NextEvent"]) == ("Attested", "WillSendInvoice")
    assert state["NextEventDate"].startswith(day(3))


@pytest.mark.parametrize("operation", ["attest_invoice", "update_invoice", "delete_invoice"])
def test_an_attested_invoice_is_locked(api: Api, operation: str) -> None:
    action = api.attested()
    status, message = api.refused(operation, {}, action=action)
    assert status == 400
    assert "already attested" in message


def test_a_deleted_draft_is_gone(api: Api) -> None:
    action = api.draft()
    api.ok("delete_invoice", action=action)
    assert api.refused("get_invoice", action=action)[0] == 404
    assert api.ok("open_invoices_by_debtor", debtor=DEBTOR) == []


def test_an_update_replaces_the_whole_draft(api: Api) -> None:
    action = api.draft()
    entry = {**fixture("invoice_entry"), "Records": fixture("invoice_entry")["Records"][:1]}
    del entry["Message"], entry["InvoiceFee"]
    api.ok("update_invoice", entry, action=action)
    invoice = api.invoice(action)
    assert (invoice["Message"], invoice["InvoiceFee"], len(invoice["Records"])) == (None, None, 1)
    assert invoice["InvoicedAmount"]["Value"] == 312_625


def test_a_payment_of_all_closes(api: Api) -> None:
    action = api.attested()
    api.control(action, "pay", date="2025-03-01", payment_mean="Swish")
    invoice = api.invoice(action)
    assert (invoice["State"]["Stage"], invoice["PaidAmount"]["Value"], invoice["CurrentAmount"]["Value"]) == ("Completed", 316_250, 0)
    assert invoice["State"]["ClosedDate"] is not None
    paid = next(event for event in invoice["Events"] if event["EventType"] == "Paid")
    payment = api.ok("incoming_payments", {"CreditorPublicId": CREDITOR, "From": "2025-03-01", "To": "2025-03-01"})[0]
    assert (payment["PaymentReferenceId"], payment["PaymentDate"]) == (paid["Reference"], paid["EventDate"])
    assert payment["PaymentMeanCode"] == "Swish"
    assert _flags(api, action) == set(), "closed, and paid before it was due"


def test_part_payment_credit_and_write_off_close_together(api: Api) -> None:
    action = api.attested()
    api.control(action, "pay", amount_ore=100_000)
    api.control(action, "credit", amount_ore=200_000)
    assert api.invoice(action)["State"]["Stage"] == "InvoiceSent"
    api.control(action, "write-off")
    assert api.invoice(action)["State"]["Stage"] == "Completed"
    assert _money(api, action) == {"Current": 0, "Paid": 100_000, "Credited": 200_000, "WriteOff": 16_250}


def test_only_payments_are_incoming_payments(api: Api) -> None:
    action = api.attested()
    api.control(action, "credit", amount_ore=100)
    api.control(action, "write-off", amount_ore=100)
    query = {"CreditorPublicId": CREDITOR, "From": day(-1), "To": day(1), "ActionPublicIdFilter": [action]}
    assert api.ok("incoming_payments", query) == []


def test_what_is_too_much_becomes_an_overpayment(api: Api) -> None:
    action = api.attested()
    answer = api.control(action, "pay", amount_ore=316_250 + 7)
    unhandled = api.ok("unhandled_payments", creditor=CREDITOR)
    assert [answer["overpayment"]] == unhandled
    assert (unhandled[0]["UnhandledPaymentType"], unhandled[0]["Amount"]["Value"]) == ("OverPayment", 7)
    assert unhandled[0]["OverpaymentDetails"]["ActionPublicId"] == action


@pytest.mark.parametrize("what", ["credit", "write-off"])
def test_no_more_than_is_left_is_given_up(api: Api, what: str) -> None:
    action = api.attested()
    answer = api.session.post(f"{api.sandbox.url}/_sandbox/invoices/{action}/{what}", json={"amount_ore": 316_251})
    assert answer.status_code == 400
    assert "3\u00a0162,50 SEK is left" in answer.json()["Message"]


REGISTERED: list[tuple[dict[str, Any], dict[str, int] | int]] = [
    ({"Amount": 100, "WriteOff": 50}, {"Current": 316_100, "Paid": 100, "Credited": 0, "WriteOff": 50}),
    ({"WriteOff": 316_250}, {"Current": 0, "Paid": 0, "Credited": 0, "WriteOff": 316_250}),
    ({"Amount": 400_000, "OvershootingAmountHandling": 2}, {"Current": 0, "Paid": 316_250, "Credited": 0, "WriteOff": 0}),
    ({"Amount": 400_000, "OvershootingAmountHandling": 1}, {"Current": 0, "Paid": 316_250, "Credited": 0, "WriteOff": 0}),
    ({"Amount": 400_000}, 400),
    ({"Amount": 316_250, "WriteOff": 1}, 400),
    ({}, 400),
]


@pytest.mark.parametrize(("given", "outcome"), REGISTERED)
def test_registered_payments(api: Api, given: dict[str, Any], outcome: dict[str, int] | int) -> None:
    action = api.attested()
    body = {name: {"CurrencyCode": "SEK", "Value": ore} if name in {"Amount", "WriteOff"} else ore for name, ore in given.items()}
    answer = api.call("register_payment", {"ActionPublicId": action, **body})
    assert outcome == (answer.status_code if answer.status_code != 200 else _money(api, action))


def test_a_registered_overshoot_is_kept_only_when_asked(api: Api) -> None:
    for handling in ("AsCurrencyDifference", "AsOverPayments"):
        body = {"Amount": {"CurrencyCode": "SEK", "Value": 316_251}, "OvershootingAmountHandling": handling}
        api.ok("register_payment", {"ActionPublicId": api.attested(), **body})
    assert [one["Amount"]["Value"] for one in api.ok("unhandled_payments", creditor=CREDITOR)] == [1]


def test_another_currency_is_refused(api: Api) -> None:
    amount = {"CurrencyCode": "EUR", "Value": 100}
    assert api.refused("credit", {"ActionPublicId": api.attested(), "Value": amount}) == (400, "Value must be in SEK")


def test_a_credit_invoice_credits_what_it_names(api: Api) -> None:
    action = api.attested()
    row = {"ArticleDescription": "Kredit", "Quantity": -1, "UnitPrice": {"CurrencyCode": "SEK", "Value": 10000}, "VAT": 25}
    credit = api.attested(ActionType="CreditInvoiceAction", CreditingInvoicePublicId=action, Records=[row], InvoiceFee=None)
    assert _money(api, action) == {"Current": 303_750, "Paid": 0, "Credited": 12_500, "WriteOff": 0}
    view = api.invoice(credit)
    assert (view["State"]["Stage"], view["ActionType"]) == ("Completed", "CreditInvoiceAction")
    assert view["CreditingInvoice"] == {"SourcePublicId": action, "SourceInvoiceId": "1001"}


def _unmatched(api: Api, ore: int) -> str:
    money = api.sandbox.control("POST", "unmatched-payment", {"creditor": CREDITOR, "amount_ore": ore})
    public_id: str = money["UnhandledPaymentPublicId"]
    return public_id


def test_matching_uses_money_where_it_belongs(api: Api) -> None:
    action = api.attested()
    ids = [_unmatched(api, 100_000), _unmatched(api, 300_000)]
    matches = [{"UnhandledPaymentPublicId": one, "ActionPublicId": action} for one in [*ids, ids[0]]]
    results = api.ok("match_payments", matches, creditor=CREDITOR)
    assert [result["Successfull"] for result in results] == [True, True, False]
    assert "UsedOnInvoice" in results[2]["ResponseMessage"]
    assert _money(api, action)["Paid"] == 316_250
    assert [one["Amount"]["Value"] for one in api.ok("unhandled_payments", creditor=CREDITOR)] == [83_750]


OPEN = {"CanPause", "CanCreateCreditInvoice", "CanRegisterPayment", "CanMakeManual", "CanPostpone", "CanDispute"}
SENT = OPEN | {"CanResendManualInvoice", "CanCreateAutogiroWithdrawal"}
DUE = SENT | {"CanSendManualReminderInvoice", "CanSendToDebtCollection"}


def test_flags_follow_the_state(api: Api) -> None:
    assert _flags(api, api.attested()) == SENT | {"CanSell"}
    action = api.overdue()
    assert _flags(api, action) == DUE
    api.ok("pause", action=action)
    assert _flags(api, action) == DUE - {"CanPause"} | {"CanResume"}
    api.ok("resume", action=action)
    api.ok("dispute", action=action)
    assert _flags(api, action) == SENT - {"CanDispute"} | {"CanUnDispute"}
    api.ok("undispute", action=action)
    api.ok("remind", {"InvoiceActionPublicId": action})
    assert api.invoice(action)["State"]["Stage"] == "ReminderInvoiceSent"
    case = api.ok("debt_collection_from_invoice", {"SourcePublicId": action})["PublicId"]
    assert _flags(api, action) == SENT - {"CanPostpone", "CanMakeManual"}
    assert api.invoice(action)["DebtCollectionActionPublicId"] == case
    api.control(action, "pay")
    assert _flags(api, action) == {"CanCreateInterestInvoice"}
    assert api.ok("get_debt_collection", action=case)["State"]["Stage"] == "Completed"


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("pause", None),
        ("resume", None),
        ("dispute", None),
        ("undispute", None),
        ("resend", None),
        ("cancel_autogiro", None),
        ("credit", "ActionPublicId"),
        ("register_payment", "ActionPublicId"),
        ("remind", "InvoiceActionPublicId"),
        ("debt_collection_from_invoice", "SourcePublicId"),
    ],
)
def test_a_draft_refuses_what_its_flags_deny(api: Api, operation: str, body: str | None) -> None:
    action = api.draft()
    sek = {"CurrencyCode": "SEK", "Value": 100}
    assert api.refused(operation, body and {body: action, "Amount": sek}, action=action)[0] == 400


def test_a_reminder_waits_for_the_due_date(api: Api) -> None:
    assert api.refused("remind", {"InvoiceActionPublicId": api.attested()})[0] == 400


def test_postponing_moves_the_due_date(api: Api) -> None:
    action = api.overdue()
    api.ok("postpone", action=action, query={"duedate": day(20)})
    invoice = api.invoice(action)
    assert invoice["DueDate"].startswith(day(20))
    assert not invoice["CanSendManualReminderInvoice"]
    assert api.refused("postpone", action=action, query={"duedate": day(-300)})[0] == 400


def test_a_paused_invoice_is_sent_when_it_is_resumed(api: Api) -> None:
    api.sandbox.control("PUT", "settings", {"send_delay": 1.5})
    action = api.attested()
    api.ok("pause", action=action)
    time.sleep(1.7)
    assert api.invoice(action)["State"]["InvoiceSentDate"] is None
    api.ok("resume", action=action)
    assert api.invoice(action)["State"]["InvoiceSentDate"] is not None


def test_staff_can_cancel_what_nobody_paid(api: Api) -> None:
    action = api.attested()
    api.control(action, "cancel")
    assert api.invoice(action)["State"]["Stage"] == "Cancelled"
    assert api.refused("credit", {"ActionPublicId": action})[0] == 400


def test_swish_is_paid_by_the_phone(api: Api) -> None:
    action = api.attested()
    request = api.ok("swish_create", action=action, query={"phone": "0701234567", "message": "Hyra"})["PublicId"]
    assert api.ok("swish_status", request=request)["Status"] == "Created"
    api.sandbox.control("POST", f"swish/{request}", {"status": "Paid"})
    status = api.ok("swish_status", request=request)
    assert (status["Status"], status["Amount"]["Value"]) == ("Paid", 316_250)
    assert api.invoice(action)["State"]["Stage"] == "Completed"


@pytest.mark.parametrize(
    "query", [{"phone": "070"}, {"message": "Hyra"}, {"phone": "0" * 21, "message": "x"}, {"phone": "1", "message": "x" * 51}]
)
def test_swish_needs_phone_and_message(api: Api, query: dict[str, str]) -> None:
    assert api.refused("swish_create", action=api.attested(), query=query)[0] == 400


def test_the_debtor_is_kept_as_it_was_when_attested(api: Api) -> None:
    action, draft = api.attested(), api.draft()
    api.ok("update_debtor", {"DebtorPublicId": DEBTOR, "CreditorPublicId": CREDITOR, "Name": "Ny ägare"})
    assert api.invoice(action)["Debtor"]["Name"] == "Åkerö Handel (Norr) AB"
    assert api.invoice(draft)["Debtor"]["Name"] == "Ny ägare"


BAD_DRAFTS: list[tuple[dict[str, Any], str]] = [
    ({"CreditorPublicId": PRODUCT}, "CreditorPublicId does not name a creditor"),
    ({"DebtorPublicId": PRODUCT}, "DebtorPublicId does not name a debtor of the creditor"),
    ({"CreditingInvoicePublicId": "1"}, "CreditingInvoicePublicId does not name an invoice of the creditor"),
    ({"Records": [{"ProductPublicId": DEBTOR}]}, "Records[0].ProductPublicId does not name a product of the creditor"),
    (
        {"Records": [{"Quantity": 1, "UnitPrice": {"Value": 1, "CurrencyCode": currency}} for currency in ("SEK", "EUR")]},
        "Records are in several currencies: EUR, SEK",
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD_DRAFTS)
def test_a_draft_must_fit_the_books(api: Api, changes: dict[str, Any], message: str) -> None:
    assert api.refused("create_invoice", {**fixture("invoice_entry"), **changes}) == (400, message)
    assert api.ok("open_invoices", creditor=CREDITOR) == []
