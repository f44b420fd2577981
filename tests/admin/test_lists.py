"""The lists: constant queries, read-only where only the portal writes, found by what an operator has at hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integration.admin.base import ReadOnlyAdmin
from integration.admin.batches import batch_status
from integration.commands.progress import progress
from integration.models import Batch, Debtor, MappingVersion
from tests.admin.conftest import MAKERS, creditor, debtor, event, invoice, order, payment, swish_request, unhandled_payment, work

EVERY_LIST = sorted(model.__name__.lower() for model in admin.site._registry if model._meta.app_label == "integration")
READ_ONLY = sorted(model.__name__.lower() for model, page in admin.site._registry.items() if isinstance(page, ReadOnlyAdmin))


def address(model: str) -> str:
    return f"/admin/integration/{model}/"


def rows(client, model: str, **query) -> list[Any]:
    return list(client.get(address(model), query).context["cl"].result_list)


@pytest.mark.parametrize("model", EVERY_LIST)
def test_every_list_opens(administrator, model):
    if model in MAKERS:
        MAKERS[model]()
    assert administrator.get(address(model), follow=True).status_code == 200


@pytest.mark.parametrize("model", sorted(MAKERS))
def test_a_list_costs_the_same_for_two_rows_and_for_ten(administrator, model):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            administrator.get(address(model))
        return len(captured)

    MAKERS[model]()
    MAKERS[model]()
    administrator.get(address(model))
    two = queries()
    for _ in range(8):
        MAKERS[model]()
    assert queries() == two


@pytest.mark.parametrize("model", sorted(MAKERS))
def test_every_page_opens(administrator, model):
    MAKERS[model]()
    row = rows(administrator, model)[0]
    assert administrator.get(f"{address(model)}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", [model for model in READ_ONLY if model in MAKERS])
def test_what_the_portal_writes_nobody_else_does(superuser, model):
    MAKERS[model]()
    row = rows(superuser, model)[0]
    assert superuser.get(f"{address(model)}add/").status_code == 403
    assert superuser.post(f"{address(model)}{row.pk}/change/", {"status": "paid"}).status_code == 403
    assert superuser.post(f"{address(model)}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_mirror_and_the_ledger_are_read_only():
    assert {"invoice", "order", "payment", "debtor", "article", "creditor", "ledgerentry", "syncrecord", "webhookevent"} <= set(READ_ONLY)
    assert {"unhandledpayment", "swishrequest"} <= set(READ_ONLY)
    assert {"batch", "recordlink", "eventlog", "mappingversion", "refuseddelivery", "heartbeat"} <= set(READ_ONLY)


def test_an_invoice_is_found_by_whatever_the_operator_has(administrator, db):
    wanted = invoice(invoice_number="100200", ocr="10020005", lime_id=77, debtor=debtor(name="Brf Solgläntan"))
    invoice()
    for text in ("100200", "10020005", "77", wanted.billecta_id, "solglänt", "100200 solglänt"):
        assert rows(administrator, "invoice", q=text) == [wanted], text
    assert rows(administrator, "invoice", q="10020") == []


def test_work_is_found_by_lime_id_billecta_id_and_number(administrator, db):
    wanted = work(lime_id=987_654, billecta_id="the-action")
    work()
    for text in ("987654", "the-action", str(wanted.pk)):
        assert wanted in rows(administrator, "syncrecord", q=text), text


def test_a_payment_is_found_by_its_ocr_and_its_invoice(administrator, db):
    wanted = payment()
    payment()
    for text in (wanted.ocr, wanted.invoice.invoice_number, wanted.billecta_id):
        assert rows(administrator, "payment", q=text) == [wanted], text


def test_an_unhandled_payment_is_found_by_its_sender_and_reference(administrator, db):
    wanted = unhandled_payment()
    unhandled_payment()
    for text in (wanted.sender, wanted.billecta_id, wanted.overpaid_action):
        assert rows(administrator, "unhandledpayment", q=text) == [wanted], text


def test_a_swish_request_is_found_by_its_id_and_its_invoice(administrator, db):
    wanted = swish_request()
    swish_request()
    for text in (wanted.request_id, wanted.invoice.billecta_id):
        assert rows(administrator, "swishrequest", q=text) == [wanted], text


def test_a_number_too_large_for_any_id_finds_nothing_and_breaks_nothing(administrator, db):
    order()
    assert rows(administrator, "order", q="9" * 30) == []


def test_amounts_are_kronor_the_swedish_way_and_aligned(administrator, db):
    invoice(current_ore=-123_456_789)
    page = administrator.get(address("invoice")).content.decode()
    assert '<span class="kv-figure">\u22121\u00a0234\u00a0567,89\u00a0kr</span>' in page
    assert "column-current_ore_figure" in page


def test_statuses_are_word_icon_and_colour(administrator, db):
    work("needs_decision")
    page = administrator.get(address("syncrecord")).content.decode()
    badge = re.search(r'<span class="kv-badge kv-tone-attention">(.*?)</span>([^<]*)</span>', page)
    assert badge
    assert "front_hand" in badge[1]
    assert badge[2] == "Needs decision"


def test_work_says_why_and_what_next_in_the_list(administrator, db):
    work("failed")
    page = administrator.get(address("syncrecord")).content.decode()
    assert "Billecta refused (400): Wrong due date" in page
    assert "Read what Billecta says, mend the data, then retry." in page


def test_an_attempt_shows_its_calls_folded_away(administrator, db):
    MAKERS["syncrecord"]()
    row = rows(administrator, "syncrecord")[0]
    page = administrator.get(f"{address('syncrecord')}{row.pk}/change/").content.decode()
    assert page.count("PUT /v1/attest") == 2
    assert "&quot;Amount&quot;: 1" in page
    assert '<details class="kv-fold kv-call">' in page


def test_a_delivery_is_shown_indented_and_masked(administrator, db):
    body = '{"Event": "X", "Data": {"DebtorName": "Anna Svensson", "Email": "anna@example.se", "SSN": "19121212-1212"}}'
    shown = event(body=body.encode(), headers={"x-api-key": "kv_secret", "content-type": "application/json"})
    page = administrator.get(f"{address('webhookevent')}{shown.pk}/change/").content.decode()
    for secret in ("Anna Svensson", "anna@example.se", "19121212-1212", "kv_secret"):
        assert secret not in page
    assert "A••• S•••" in page
    assert "application/json" in page


def test_a_delivery_that_is_no_json_is_shown_all_the_same(administrator, db):
    shown = event(status="unrecognised", body=b"\xff not json, anna@example.se")
    page = administrator.get(f"{address('webhookevent')}{shown.pk}/change/").content.decode()
    assert "not json, a•••@example.se" in page


@pytest.mark.parametrize("total", [None, 0, 2])
@pytest.mark.parametrize("states", [(), ("pending",), ("pending", "succeeded"), ("succeeded", "skipped"), ("succeeded", "failed")])
@pytest.mark.parametrize("cancelled", [False, True])
def test_a_task_has_the_status_that_its_caller_is_told(administrator, db, total, states, cancelled):
    made = Batch.objects.create(command="c", total=total, cancelled_at=timezone.now() if cancelled else None)
    for state in states:
        work(state, batch=made)
    (listed,) = rows(administrator, "batch")
    assert batch_status(listed) == progress(made).status


def test_a_published_mapping_shows_its_fields(administrator, db):
    version = MappingVersion.objects.create(number=900, status="draft")
    version.pairs.create(direction="to_lime", object="invoice", billecta_field="OCR", lime_field="ocrnumber")
    page = administrator.get(f"{address('mappingversion')}{version.pk}/change/").content.decode()
    assert "ocrnumber" in page


class TestProtectedIdentity:
    """A debtor with protected identity shows nothing of itself, and the search tells nothing either."""

    @pytest.fixture
    def hidden(self, db) -> Debtor:
        return debtor(name="Hemlig Person", org_no="19800101-1234", email="h@example.se", city="Dolda", protected_identity=True)

    def test_it_is_masked_in_list_and_page(self, operator, hidden):
        pages = operator.get(address("debtor")).content + operator.get(f"{address('debtor')}{hidden.pk}/change/").content
        for secret in ("Hemlig", "19800101", "h@example.se", "Dolda"):
            assert secret not in pages.decode()

    def test_it_is_found_by_id_and_not_by_what_is_masked(self, operator, hidden):
        assert rows(operator, "debtor", q="hemlig") == []
        assert rows(operator, "debtor", q="19800101-1234") == []
        invoice(debtor=hidden)
        assert rows(operator, "invoice", q="hemlig") == []
        assert rows(operator, "debtor", q=hidden.billecta_id) == [hidden]

    def test_it_is_masked_on_its_invoices_too(self, operator, hidden):
        made = invoice(debtor=hidden)
        pages = operator.get(address("invoice")).content + operator.get(f"{address('invoice')}{made.pk}/change/").content
        assert "Hemlig" not in pages.decode()

    def test_the_permission_unmasks_it(self, administrator, hidden):
        assert "Hemlig Person" in administrator.get(address("debtor")).content.decode()
        assert rows(administrator, "debtor", q="hemlig") == [hidden]

    def test_others_are_not_masked(self, operator, hidden):
        debtor(name="Öppet AB")
        assert "Öppet AB" in operator.get(address("debtor")).content.decode()
        assert creditor().name in operator.get(address("creditor")).content.decode()
