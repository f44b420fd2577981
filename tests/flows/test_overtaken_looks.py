"""Looks at one invoice that overlap: an answer that may be older than what is known is never stored, and no look is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration.errors import StaleAnswer
from integration.ledger import drain
from integration.ledger.submit import Subject, submit_collapsed
from integration.models import Debtor, Invoice, LedgerEntry, Payment, SyncAttempt, SyncRecord
from integration.sync.invoices import fetch_and_store
from integration.sync.lime_writes import WRITE_PAYMENT
from integration.sync.systems import billecta
from tests.flows.test_main_job import ATTEST, UPSERT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meanwhile(monkeypatch) -> Callable[..., None]:
    """Have things happen between an answer about an invoice and its arrival: one call for each of the next looks."""
    client = type(billecta())
    ask = client.get_invoice
    waiting: list[Callable[[], None]] = []

    def slow(self, action_id):
        view = ask(self, action_id)
        if waiting:
            waiting.pop(0)()
        return view

    monkeypatch.setattr(client, "get_invoice", slow)
    return lambda *things: waiting.extend(things)


@pytest.fixture
def quiet(world):
    """A world whose Billecta tells of nothing, so that only the test looks."""
    world.billecta.control("PUT", "webhooks", {"url": None})
    return world


def drafted(world, ask, settle) -> str:
    ask(UPSERT, world.ids["order"])
    settle()
    [invoice] = world.invoices()
    return str(invoice["ActionPublicId"])


def attested(world, ask, settle) -> str:
    action = drafted(world, ask, settle)
    ask(ATTEST, world.ids["order"])
    settle()
    return action


def test_a_late_answer_of_before_the_attest_does_not_undo_it(quiet, ask, settle, meanwhile):
    action = drafted(quiet, ask, settle)

    def attest() -> None:
        ask(ATTEST, quiet.ids["order"])
        settle()

    meanwhile(attest)
    fetch_and_store(action)
    settle()
    assert Invoice.objects.get().attested_at is not None
    assert quiet.order_status() in ("attested", "sent")
    assert len(quiet.lime_objects("invoice")) == 1


def test_a_late_answer_posts_no_reversal(quiet, ask, settle, meanwhile):
    action = attested(quiet, ask, settle)

    def credit() -> None:
        quiet.credit(action, 100_00)
        fetch_and_store(action)

    meanwhile(credit)
    fetch_and_store(action)
    assert Invoice.objects.get().credited_ore == 100_00
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["invoiced", "credit"]


def test_a_look_that_is_overtaken_twice_is_tried_again_later(quiet, ask, settle, meanwhile):
    action = attested(quiet, ask, settle)
    meanwhile(lambda: fetch_and_store(action), lambda: None, lambda: fetch_and_store(action))
    with pytest.raises(StaleAnswer):
        fetch_and_store(action)
    fetch_and_store(action)


def test_an_answer_of_before_the_draft_was_deleted_does_not_bring_it_back(webhooks, ask, settle, meanwhile):
    from integration.errors import RemoteNotFound

    action = drafted(webhooks, ask, settle)

    def delete() -> None:
        webhooks.delete_draft(action)
        settle()

    meanwhile(delete)
    with pytest.raises(RemoteNotFound):
        fetch_and_store(action)
    assert Invoice.objects.get().deleted_at is not None


def test_a_payment_of_an_invoice_that_is_not_attested_waits_its_turn(quiet, ask, settle):
    drafted(quiet, ask, settle)
    invoice = Invoice.objects.get()
    Payment.objects.create(billecta_id="p1", invoice=invoice, amount_ore=100, view={"Amount": {"Value": 100, "CurrencyCode": "SEK"}})
    subject = Subject(entity_key="lime:payment:p1", limetype="payment", billecta_id="p1", creditor_id=invoice.creditor.billecta_id)
    submit_collapsed(WRITE_PAYMENT, [subject])
    drain(threads=0, seconds=1)
    record = SyncRecord.objects.get(kind=WRITE_PAYMENT)
    assert (record.status, record.error_code) == ("waiting_retry", "invoice_not_attested")
    assert SyncAttempt.objects.filter(record=record, outcome="waiting").count() == 0


def test_what_an_issued_invoice_says_of_its_debtor_takes_nothing_from_what_is_known_now(webhooks, attested):
    """The invoice holds the debtor as it was when it was issued; since then its identity was protected."""
    Debtor.objects.update(protected_identity=True, name="Någon Annan")
    fetch_and_store(attested)
    assert list(Debtor.objects.values_list("protected_identity", "name")) == [(True, "Någon Annan")]
