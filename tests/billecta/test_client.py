"""What the client sends for each call, and what it makes of Billecta's answers."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from integration import errors
from integration.billecta.amounts import Amount
from integration.billecta.client import BillectaClient
from integration.billecta.dunning import PaymentRegistration
from integration.billecta.enums import CommentTarget, DeliveryMethod, OvershootHandling
from integration.billecta.payments import PaymentMatch
from tests.billecta.files import CREDITOR, payload
from tests.http.server import Received, Reply, answer, reset, scripted

DEFAULT, OWN = "Basic dXNlcjpwYXNzd29yZA==", "SecureToken dG9rZW4="
SEK_100 = {"CurrencyCode": "SEK", "Value": 10000, "ValueForView": 100.0}
DEBTOR = {"DebtorPublicId": "d1", "CreditorPublicId": CREDITOR, "Name": "Anna Ek"}


def made(use: Callable[[BillectaClient], object], *replies: Reply, **options: Any) -> tuple[Any, list[Received]]:
    """What a use of the client returns, and the requests that it made."""
    with scripted(*replies) as server:
        client = BillectaClient(server.url, DEFAULT, **options)
        try:
            return use(client), server.requests
        finally:
            client.close()


@pytest.mark.parametrize(
    ("use", "request_line", "body"),
    [
        (lambda client: client.attest_invoice("75"), "PUT /v1/invoice/attest/75", None),
        (lambda client: client.delete_invoice("75"), "DELETE /v1/invoice/action/75", None),
        (lambda client: client.pause("75"), "PUT /v1/invoice/pause/75", None),
        (lambda client: client.pause_debt_collection("88"), "PUT /v1/debtcollection/pause/88", None),
        (lambda client: client.resume_debt_collection("88"), "PUT /v1/debtcollection/resume/88", None),
        (lambda client: client.withdraw_debt_collection("88"), "PUT /v1/debtcollection/cancel/88", None),
        (lambda client: client.undispute("75"), "DELETE /v1/invoice/dispute/75", None),
        (lambda client: client.postpone("75", date(2026, 3, 31)), "PUT /v1/invoice/postpone/75?duedate=2026-03-31", None),
        (lambda client: client.resend("75", DeliveryMethod.MAIL), "PUT /v1/invoice/resend/75?deliverymethod=Mail", None),
        (lambda client: client.resend("75"), "PUT /v1/invoice/resend/75", None),
        (
            lambda client: client.credit("75", Amount("SEK", 10000), "fel"),
            "POST /v1/invoice/credit",
            {"ActionPublicId": "75", "Value": SEK_100, "Comment": "fel"},
        ),
        (lambda client: client.credit("75"), "POST /v1/invoice/credit", {"ActionPublicId": "75"}),
        (
            lambda client: client.register_payment(
                "75",
                PaymentRegistration(paid_on=date(2026, 6, 1), amount=Amount("SEK", 10000), overshoot=OvershootHandling.AS_OVER_PAYMENTS),
            ),
            "POST /v1/invoice/payment",
            {
                "ActionPublicId": "75",
                "Date": "2026-06-01 00:00:00+02:00",
                "OvershootingAmountHandling": "AsOverPayments",
                "Amount": SEK_100,
            },
        ),
        (
            lambda client: client.remind("75", delivery_method=DeliveryMethod.EMAIL, fee=Amount("SEK", 10000), terms_days=10),
            "POST /v1/invoice/sendreminder",
            {"InvoiceActionPublicId": "75", "DeliveryMethod": "Email", "ReminderFee": SEK_100, "PaymentTermsInDays": 10},
        ),
        (
            lambda client: client.comment("75", "Hej", CommentTarget.TO_DEBTOR),
            "POST /v1/invoice/comment",
            {"ActionPublicId": "75", "Comment": "Hej", "Target": "ToDebtor"},
        ),
        (lambda client: client.update_debtor(DEBTOR), "PUT /v1/debtors/debtor", DEBTOR),
        (lambda client: client.delete_product("p1"), "DELETE /v1/products/product/p1", None),
        (lambda client: client.update_invoice("75", {"Message": "x"}), "PUT /v1/invoice/action/75", {"Message": "x"}),
    ],
)
def test_a_write_with_an_empty_answer(use: Callable[[BillectaClient], None], request_line: str, body: object):
    result, (request,) = made(use, answer(200))
    assert result is None
    assert f"{request.method} {request.target}" == request_line
    assert (request.json if request.body else None) == body


@pytest.mark.parametrize(
    ("use", "request_line"),
    [
        (lambda client: client.create_debtor({"CreditorPublicId": CREDITOR}), "POST /v1/debtors/debtor"),
        (lambda client: client.create_product({"CreditorPublicId": CREDITOR}), "POST /v1/products/product"),
        (lambda client: client.create_invoice({"CreditorPublicId": CREDITOR}), "POST /v1/invoice/action"),
        (lambda client: client.create_creditor({"Name": "AB"}), "POST /v1/creditors/creditor"),
        (lambda client: client.debt_collection_from_invoice("75", {}), "POST /v1/debtcollection/frominvoice"),
        (lambda client: client.swish_create("75", "46701234567", "Hyra"), "POST /v1/invoice/swish/75?phone=46701234567&message=Hyra"),
    ],
)
def test_a_create_returns_the_new_id(use: Callable[[BillectaClient], str], request_line: str):
    result, (request,) = made(use, answer(200, {"PublicId": "new"}))
    assert result == "new"
    assert f"{request.method} {request.target}" == request_line


@pytest.mark.parametrize("reply", [answer(200), answer(200, {}), answer(200, {"PublicId": ""}), answer(200, "<html>"), answer(500), reset])
def test_a_create_without_an_id_is_unknown(reply: Reply):
    with pytest.raises(errors.OutcomeUnknown) as raised:
        made(lambda client: client.create_invoice({"CreditorPublicId": CREDITOR}), reply)
    assert raised.value.params["operation"] == "create_invoice"


def test_a_split_invoice_is_not_taken_for_one():
    with pytest.raises(errors.NeedsDecision) as raised:
        made(
            lambda client: client.create_invoice({"CreditorPublicId": CREDITOR, "ExternalReference": "k:order:1:1"}),
            answer(200, {"PublicId": "1;2"}),
        )
    assert raised.value.params["operation"] == "create_invoice"
    assert "1, 2" in raised.value.message


def test_an_invoice_is_read():
    result, (request,) = made(
        lambda client: client.get_invoice("7545769088").external_reference, answer(200, payload("InvoiceActionView__sent"))
    )
    assert result == "kvittens:order:1001:1"
    assert request.target == "/v1/invoice/action/7545769088"


@pytest.mark.parametrize(
    ("reply", "expected"), [(answer(404), None), (answer(200), None), (answer(200, "null"), None), (answer(200, DEBTOR), "d1")]
)
def test_a_lookup_finds_one_or_nothing(reply: Reply, expected: str | None):
    def use(client: BillectaClient) -> str | None:
        found = client.debtor_by_external_id(CREDITOR, "10 17")
        return found.debtor_id if found else None

    result, (request,) = made(use, reply)
    assert result == expected
    assert request.target == f"/v1/debtors/debtorbyexternalid/{CREDITOR}?externalid=10%2017"


def test_an_ambiguous_external_id_is_told_in_billectas_words():
    with pytest.raises(errors.RemoteRejected) as raised:
        made(
            lambda client: client.debtor_by_external_id(CREDITOR, "7"),
            answer(400, {"Message": "Several debtors", "ExternalErrorCode": "E7"}),
        )
    assert raised.value.params == {"system": "Billecta", "status": 400, "detail": "Several debtors", "external_code": "E7"}


def test_incoming_payments_ask_for_whole_stockholm_days():
    payment = {"PaymentReferenceId": "p1", "CreditorPublicId": CREDITOR, "Amount": SEK_100, "PaymentDate": "2026-03-30 00:00:00+02:00"}
    result, (request,) = made(
        lambda client: client.incoming_payments(CREDITOR, date(2026, 3, 28), date(2026, 3, 30), ["75"]), answer(200, [payment])
    )
    assert request.method == "PUT"
    assert request.json == {
        "CreditorPublicId": CREDITOR,
        "From": "2026-03-28 00:00:00+01:00",
        "To": "2026-03-30 23:59:59+02:00",
        "ActionPublicIdFilter": ["75"],
    }
    (found,) = result
    assert (found.payment_reference_id, found.amount, found.payment_date) == ("p1", Amount("SEK", 10000), date(2026, 3, 30))


def test_closed_invoices_are_asked_for_by_day():
    _, (request,) = made(lambda client: client.closed_invoices(CREDITOR, date(2026, 1, 1), date(2026, 1, 31)), answer(200, []))
    assert request.target == f"/v1/invoice/closed/{CREDITOR}?from=2026-01-01&to=2026-01-31"


def test_matches_are_sent_as_an_array():
    replies = answer(200, [{"UnhandledPaymentPublicId": "u1", "Successfull": False, "ResponseMessage": "nej"}])
    result, (request,) = made(lambda client: client.match_payments(CREDITOR, [PaymentMatch("u1", "75", date(2026, 1, 2))]), replies)
    assert request.json == [{"UnhandledPaymentPublicId": "u1", "ActionPublicId": "75", "PaymentDate": "2026-01-02 00:00:00+01:00"}]
    assert [(one.succeeded, one.message) for one in result] == [(False, "nej")]


def test_a_file_is_bytes():
    result, (request,) = made(lambda client: client.get_file("f1"), answer(200, b"%PDF", content_type="application/pdf"))
    assert result == b"%PDF"
    assert request.target == "/v1/files/file/f1"


def test_a_creditors_own_credentials_are_used_where_it_is_named_or_bound():
    def use(client: BillectaClient) -> None:
        client.open_invoices(CREDITOR.upper())
        client.open_invoices("another")
        client.open_invoices_by_debtor("d1")
        client.for_creditor(CREDITOR).open_invoices_by_debtor("d1")

    _, requests = made(use, answer(200, []), authentication_by_creditor={CREDITOR: OWN})
    assert [request.headers["authorization"] for request in requests] == [OWN, DEFAULT, DEFAULT, OWN]


def test_a_404_on_an_assumed_path_says_that_the_path_may_be_wrong():
    with pytest.raises(errors.RemoteNotFound) as raised:
        made(lambda client: client.pause("75"), answer(404))
    assert raised.value.params["what"] == "Invoice 75 (or PUT /v1/invoice/pause/{action}, which is assumed)"
    with pytest.raises(errors.RemoteNotFound) as raised:
        made(lambda client: client.get_invoice("75"), answer(404))
    assert raised.value.params["what"] == "Invoice 75"


def test_an_overridden_path_is_called():
    _, (request,) = made(lambda client: client.credit("75"), answer(200), paths={"credit": "PUT /v1/invoice/credit/{action}"})
    assert (request.method, request.target) == ("PUT", "/v1/invoice/credit/75")
