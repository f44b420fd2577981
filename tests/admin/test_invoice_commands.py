"""Commands on invoices in the admin: offered by what Billecta allows, given with their options; debt collection shown beside."""

from __future__ import annotations

import re

import pytest

from integration.models import Batch, DebtCollectionCase, Invoice
from tests.admin.conftest import invoice
from tests.admin.test_commands import text

PAGE, INVOICES = "/admin/commands/invoice/", "/admin/integration/invoice/"
PAUSE, POSTPONE, SEND = "pause-invoices-in-billecta", "postpone-invoices-in-billecta", "send-invoices-to-debt-collection"
ALWAYS = {"refresh-invoices-from-billecta", "comment-invoices-in-billecta"}


def offered(client, row: Invoice) -> set[str]:
    page = text(client.get(f"{INVOICES}{row.pk}/change/"))
    return set(re.findall(r'name="command" value="([^"]+)"', page))


def a_case(row: Invoice, **values: object) -> DebtCollectionCase:
    return DebtCollectionCase.objects.create(
        billecta_id=f"case-{row.pk}", invoice=row, creditor=row.creditor, stage="SentToBailiff", debt_ore=98_765_00, **values
    )


def give(client, step: str, command: str, ids: str = "5001", **options: str):
    data = {"step": step, "command": command, "ids": ids} | {f"{command}.{name}": value for name, value in options.items()}
    return client.post(PAGE, data)


@pytest.mark.parametrize(
    ("flags", "more"),
    [
        ({}, set()),
        ({"CanPause": True, "CanResume": False, "CanSendToDebtCollection": True}, {PAUSE, SEND}),
        ({"CanSendManualInvoice": True}, {"resend-invoices-in-billecta"}),
        ({"CanPostpone": True, "CanUnDispute": True}, {POSTPONE, "undispute-invoices-in-billecta"}),
    ],
)
def test_an_invoices_page_offers_what_billecta_allows(administrator, flags, more):
    assert offered(administrator, invoice(flags=flags)) == ALWAYS | more


@pytest.mark.parametrize(("is_paused", "step"), [(False, "pause-debt-collection"), (True, "resume-debt-collection")])
def test_an_invoice_in_debt_collection_offers_what_its_case_allows(administrator, is_paused, step):
    row = invoice()
    case = a_case(row, is_paused=is_paused)
    assert offered(administrator, row) == ALWAYS | {step, "withdraw-debt-collection"}
    DebtCollectionCase.objects.filter(pk=case.pk).update(closed_at=row.attested_at)
    assert offered(administrator, row) == ALWAYS


def test_an_invoice_that_lime_does_not_have_offers_nothing(administrator):
    assert offered(administrator, invoice(lime_id=None, flags={"CanPause": True})) == set()


@pytest.mark.parametrize("who", ["operator", "accountant"])
def test_who_only_looks_sees_the_case_and_no_way_to_act(request, db, who):
    row = invoice(flags={"CanPause": True})
    a_case(row)
    client = request.getfixturevalue(who)
    page = text(client.get(f"{INVOICES}{row.pk}/change/"))
    assert ("SentToBailiff" in page, PAUSE in page) == (True, False)
    assert client.get(f"{INVOICES}act/").status_code == 403


def test_the_list_leads_to_the_page_for_invoices(administrator, db):
    assert administrator.get(f"{INVOICES}act/")["Location"] == PAGE
    assert administrator.get(PAGE).status_code == 200


def test_chosen_invoices_are_asked_about_without_those_that_lime_does_not_have(administrator):
    one, other = invoice(), invoice(lime_id=None)
    page = text(administrator.post(INVOICES, {"action": PAUSE, "_selected_action": [one.pk, other.pk]}))
    assert f'value="{one.lime_id}"' in page
    assert "Pause the chosen invoices (1)?" in page


def test_an_option_that_one_command_needs_is_not_asked_of_another(administrator, db):
    assert give(administrator, "start", PAUSE).status_code == 302
    assert "This field is required." in text(give(administrator, "start", POSTPONE))
    assert give(administrator, "start", POSTPONE, due_date="2099-01-31").status_code == 302
    assert list(Batch.objects.order_by("created_at").values_list("command", flat=True)) == [PAUSE, POSTPONE]


def test_a_fee_is_given_in_kronor(administrator, db):
    remind = "remind-invoices-in-billecta"
    assert "“60.505” is no amount in kronor: write it as 60 or 60.00." in text(give(administrator, "start", remind, fee="60.505"))
    give(administrator, "start", remind, fee="60,50")
    assert Batch.objects.get().body["options"] == {"fee": "60,50"}


@pytest.mark.parametrize(("command", "looks_dangerous"), [(SEND, True), ("withdraw-debt-collection", True), (PAUSE, False)])
def test_what_cannot_be_undone_looks_so(administrator, db, command, looks_dangerous):
    assert ("kv-button-danger" in text(give(administrator, "confirm", command))) is looks_dangerous
