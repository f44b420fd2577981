"""The client against the pretended Billecta, a process of its own that shares no code with it: a whole invoice's life, and faults."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from integration import errors
from integration.billecta.amounts import Amount
from integration.billecta.client import BillectaClient
from integration.billecta.dates import day_to_wire
from integration.billecta.dunning import PaymentRegistration
from integration.billecta.enums import CommentTarget, DebtCollectionLevel, InvoiceStage, UnhandledPaymentType
from integration.billecta.payments import PaymentMatch
from integration.http import Timeouts
from tests.billecta.files import CREDITOR
from tests.sandbox.process import SandboxProcess

pytestmark = pytest.mark.flow
AUTHENTICATION = "Basic c2FuZGJveDpzYW5kYm94"
TODAY = date(2026, 3, 2)
"""An invoice date in the past, so that dunning is allowed."""


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    with SandboxProcess("billecta", "--send-delay", "0") as running:
        yield running


@pytest.fixture
def client(process: SandboxProcess) -> Iterator[BillectaClient]:
    process.control("POST", "reset")
    process.control("POST", "seed", {"creditors": [{"CreditorPublicId": CREDITOR, "Name": "Värd AB", "OrgNo": "5566778899"}]})
    billecta = BillectaClient(process.url, AUTHENTICATION, timeouts=Timeouts(read=5, total=10))
    yield billecta
    billecta.close()


@pytest.fixture
def debtor(client: BillectaClient) -> str:
    return client.create_debtor({"CreditorPublicId": CREDITOR, "Name": "Anna Ek", "OrgNo": "191212121212", "DebtorExternalId": "1017"})


def entry(debtor: str, **changes: Any) -> dict[str, Any]:
    """An order of one row: 1,000 kr and 25 % VAT."""
    row = {
        "SequenceNo": 1,
        "RecordType": "Standard",
        "ArticleDescription": "Hyra",
        "Quantity": 1,
        "UnitPrice": Amount("SEK", 100_000).to_wire(),
        "VAT": 25,
    }
    return {
        "ActionType": "InvoiceAction",
        "CreditorPublicId": CREDITOR,
        "DebtorPublicId": debtor,
        "InvoiceDate": day_to_wire(TODAY),
        "DueDate": day_to_wire(TODAY + timedelta(days=30)),
        "DeliveryMethod": "Email",
        "CommunicationLanguage": "SV",
        "ExternalReference": "kvittens:order:1001:1",
        "Records": [row],
    } | changes


@pytest.fixture
def invoice(client: BillectaClient, debtor: str) -> str:
    action = client.create_invoice(entry(debtor))
    client.attest_invoice(action)
    return action


def test_a_debtor_lives(client: BillectaClient, debtor: str):
    found = client.debtor_by_external_id(CREDITOR, "1017")
    assert found is not None
    assert (found.debtor_id, found.name, found.org_no) == (debtor, "Anna Ek", "191212121212")
    client.update_debtor({**found.raw, "City": "Lund"})
    assert client.get_debtor(debtor).city == "Lund"
    assert [one.debtor_id for one in client.list_debtors(CREDITOR)] == [debtor]
    assert [one.debtor_id for one in client.debtors_by_orgno(CREDITOR, "191212121212")] == [debtor]
    assert client.debtor_by_external_id(CREDITOR, "1018") is None
    client.delete_debtor(debtor)
    with pytest.raises(errors.RemoteNotFound):
        client.get_debtor(debtor)


def test_a_product_lives(client: BillectaClient):
    product = client.create_product(
        {
            "CreditorPublicId": CREDITOR,
            "ArticleNumber": "HYRA",
            "Description": "Hyra",
            "ProductExternalId": "7",
            "UnitPrice": 99.95,
            "VAT": 25,
        }
    )
    found = client.product_by_external_id(CREDITOR, "7")
    assert found is not None
    assert str(found.unit_price) == "99.95"
    client.update_product({**found.raw, "Description": "Hyra lokal"})
    assert client.get_product(product).description == "Hyra lokal"
    client.delete_product(product)
    assert client.list_products(CREDITOR) == []


def test_a_creditor_lives(client: BillectaClient):
    other = client.create_creditor({"Name": "Hyra AB", "OrgNo": "5599887766"})
    client.update_creditor({**client.get_creditor(other).raw, "City": "Lund"})
    assert {one.creditor_id: one.city for one in client.list_creditors()}[other] == "Lund"


def test_a_draft_is_changed_and_deleted(client: BillectaClient, debtor: str):
    action = client.create_invoice(entry(debtor))
    client.update_invoice(action, entry(debtor, Message="Hej"))
    draft = client.get_invoice(action)
    assert (draft.state.stage, draft.state.attested, draft.external_reference) == (InvoiceStage.CREATED, None, "kvittens:order:1001:1")
    assert (draft.invoiced_amount, draft.raw["Message"]) == (Amount("SEK", 125_000), "Hej")
    assert [one.action_id for one in client.open_invoices(CREDITOR)] == [action]
    client.delete_invoice(action)
    assert client.open_invoices_by_debtor(debtor) == []


def test_an_invoice_is_paid_in_two_parts(client: BillectaClient, process: SandboxProcess, debtor: str, invoice: str):
    attested = client.get_invoice(invoice)
    assert attested.state.attested is not None
    assert attested.ocr
    assert client.get_file(attested.file_id).startswith(b"%PDF")
    client.register_payment(invoice, PaymentRegistration(paid_on=TODAY, amount=Amount("SEK", 25_000)))
    client.register_payment(invoice, PaymentRegistration(paid_on=TODAY, amount=Amount("SEK", 95_000), write_off=Amount("SEK", 5_000)))
    closed = client.get_invoice(invoice)
    assert (closed.paid_amount, closed.write_off_amount, closed.current_amount) == (
        Amount("SEK", 120_000),
        Amount("SEK", 5_000),
        Amount("SEK", 0),
    )
    assert closed.state.stage is InvoiceStage.COMPLETED
    payments = client.incoming_payments(CREDITOR, TODAY, TODAY, [invoice])
    assert sorted(payment.amount.minor_units for payment in payments) == [25_000, 95_000]
    assert len({payment.payment_reference_id for payment in payments}) == 2
    assert client.closed_invoices_by_debtor(debtor, date(2026, 1, 1), date(2099, 1, 1))[0].action_id == invoice
    assert [one.action_id for one in client.search_actions(CREDITOR, {"SearchValue": closed.ocr}).invoices] == [invoice]


def test_a_credit_of_a_part(client: BillectaClient, invoice: str):
    client.credit(invoice, Amount("SEK", 25_000), "för mycket")
    credited = client.get_invoice(invoice)
    assert (credited.credited_amount, credited.current_amount) == (Amount("SEK", 25_000), Amount("SEK", 100_000))


def test_an_overpayment_is_put_on_another_invoice(client: BillectaClient, process: SandboxProcess, debtor: str, invoice: str):
    process.control("POST", f"invoices/{invoice}/pay", {"amount_ore": 130_000})
    (unhandled,) = client.unhandled_payments(CREDITOR)
    assert (unhandled.kind, unhandled.amount) == (UnhandledPaymentType.OVER_PAYMENT, Amount("SEK", 5_000))
    other = client.create_invoice(entry(debtor, ExternalReference="kvittens:order:1002:1"))
    client.attest_invoice(other)
    results = client.match_payments(CREDITOR, [PaymentMatch(unhandled.unhandled_payment_id, other), PaymentMatch(CREDITOR, other)])
    assert [result.succeeded for result in results] == [True, False]
    assert client.get_invoice(other).paid_amount == Amount("SEK", 5_000)


def test_dunning_to_debt_collection(client: BillectaClient, invoice: str):
    client.pause(invoice)
    assert client.get_invoice(invoice).state.is_paused
    client.resume(invoice)
    client.dispute(invoice)
    assert client.get_invoice(invoice).state.disputed is not None
    client.undispute(invoice)
    client.comment(invoice, "Ringde", CommentTarget.PRIVATE)
    client.resend(invoice)
    client.remind(invoice, fee=Amount("SEK", 6_000), terms_days=10)
    levels = {"StartDebtCollectionActionLevel": DebtCollectionLevel.REMINDERS, "EndDebtCollectionActionLevel": DebtCollectionLevel.BAILIFF}
    case = client.debt_collection_from_invoice(invoice, levels)
    assert client.get_debt_collection(case).source_action_id == invoice
    assert client.get_invoice(invoice).state.sent_to_debt_collection is not None


def test_a_due_date_moves(client: BillectaClient, invoice: str):
    client.postpone(invoice, date(2099, 1, 31))
    assert client.get_invoice(invoice).due_date == date(2099, 1, 31)


def test_a_request_by_swish(client: BillectaClient, invoice: str):
    request = client.swish_create(invoice, "46701234567", "Hyra mars")
    assert client.swish_status(request).amount == Amount("SEK", 125_000)


def test_wrong_credentials_are_refused(process: SandboxProcess):
    stranger = BillectaClient(process.url, "Basic YTpi")
    with pytest.raises(errors.CredentialsRefused):
        stranger.list_creditors()
    stranger.close()


def test_refusals_are_told_in_billectas_words(client: BillectaClient, debtor: str):
    with pytest.raises(errors.RemoteRejected) as raised:
        client.credit(client.create_invoice(entry(debtor)))
    assert raised.value.params["detail"] not in ("", "no reason given")


@pytest.mark.parametrize("kind", ["reset_after_write", "timeout_after_write", "invalid_json", "html"])
def test_a_create_that_was_done_but_not_answered_is_unknown_and_can_be_found(
    client: BillectaClient, process: SandboxProcess, debtor: str, kind: str
):
    process.control("POST", "faults", {"kind": kind, "operation": "create_invoice", "times": 1, "perform": True})
    with pytest.raises(errors.OutcomeUnknown):
        client.create_invoice(entry(debtor))
    (sub,) = client.open_invoices_by_debtor(debtor)
    assert client.get_invoice(sub.action_id).external_reference == "kvittens:order:1001:1"


def test_a_read_survives_one_lost_connection(client: BillectaClient, process: SandboxProcess, invoice: str):
    process.control("POST", "faults", {"kind": "status", "status": 503, "operation": "get_invoice", "times": 1})
    assert client.get_invoice(invoice).action_id == invoice
