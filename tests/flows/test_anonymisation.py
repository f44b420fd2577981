"""A debtor is anonymised in Billecta and in every table here, once nothing forbids it; killed anywhere it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from integration import ledger
from integration.commands import batches
from integration.commands.batches import Asker
from integration.commands.dry_run import dry_run
from integration.commands.progress import progress
from integration.commands.refusals import InvalidRequest
from integration.commands.selection import CommandRequest
from integration.ledger import sweep
from integration.models import (
    Anonymisation,
    DebtCollectionCase,
    Debtor,
    EventLog,
    Invoice,
    LedgerEntry,
    RecordLink,
    SwishRequest,
    SyncAttempt,
    SyncRecord,
    UnhandledPayment,
    WebhookEvent,
)
from integration.sync import anonymising
from integration.sync.debt_collection import fetch_and_store_case
from integration.sync.invoices import fetch_and_store, known_creditor
from tests.flows.test_main_job import ATTEST, UPSERT, play
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)
ANONYMISE, UPSERT_DEBTORS = "anonymize-debtors-in-billecta", "upsert-debtors-in-billecta"
PERSON = Asker(actor="test")
REASON = "Anna Andersson asked for it"
PERSONAL = ("anna", "andersson", "1212-1212", "12121212", "gatan 1", "a••• a•••", "a•••@")


@pytest.fixture
def debtor(world: World, ask, settle) -> str:
    """The tenant is a debtor in Billecta and linked, and has no invoice; its public id."""
    known_creditor(CREDITOR)
    ask(UPSERT_DEBTORS, world.ids["debtor"])
    settle()
    world.billecta.control("DELETE", "journal")
    return RecordLink.objects.get(limetype="debtor").billecta_id


@pytest.fixture
def paid(webhooks: World, ask, settle) -> str:
    """An invoice of the tenant that is paid; its action id."""
    return play(webhooks, ask, settle)


@pytest.fixture
def years_later() -> Iterator[None]:
    """Long enough after today that the law keeps nothing of today's invoices."""
    later = timezone.now().replace(year=timezone.localdate().year + 8, month=1, day=2)
    with time_machine.travel(later, tick=True):
        yield


def anonymised(world: World, settle) -> SyncRecord:
    batch = batches.start(ANONYMISE, CommandRequest(ids=(world.ids["debtor"],), options={"reason": REASON}), asker=PERSON)
    settle()
    record: SyncRecord = batch.records.get()
    return record


def in_billecta(world: World, debtor: str) -> dict[str, Any]:
    view: dict[str, Any] = world._billecta("GET", f"/v1/debtors/debtor/{debtor}")
    return view


def tried(world: World) -> dict[str, Any]:
    [shown] = dry_run(ANONYMISE, CommandRequest(ids=(world.ids["debtor"],), options={"reason": REASON}), asker=PERSON)
    return shown


def where_the_person_is() -> set[str]:
    """The tables and columns of the whole portal that still hold anything of the person."""
    found = set()
    for model in apps.get_app_config("integration").get_models():
        for row in model._default_manager.values():
            for column, value in row.items():
                text = (bytes(value).decode() if isinstance(value, bytes | memoryview) else str(value)).lower()
                if any(part in text for part in PERSONAL):
                    found.add(f"{model.__name__}.{column}")
    return found


def assert_anonymised(world: World, debtor: str) -> None:
    view, row = in_billecta(world, debtor), Debtor.objects.get(billecta_id=debtor)
    name = f"Anonymiserad {debtor[:8]}"
    assert (view["Name"], row.name) == (name, name)
    assert not any(view[field] for field in ("OrgNo", "Address", "ZipCode", "City", "Phone", "Email", "ContactName", "ContactEmail"))
    assert view["DebtorExternalId"] == f"kvittens:debtor:{world.ids['debtor']}"
    assert not any((row.org_no, row.email, row.phone, row.address, row.zip_code, row.city))
    assert row.anonymised_at is not None
    assert where_the_person_is() == set()
    record = Anonymisation.objects.get(debtor_id=debtor)
    assert (record.finished_at is not None, record.sought) == (True, [])
    assert world.lime_object("debtor", world.ids["debtor"])["name"] == "Anna Andersson"


def test_a_debtor_without_invoices_is_anonymised_everywhere(world, debtor, settle):
    assert where_the_person_is()
    done = anonymised(world, settle)
    assert (done.status, done.billecta_id, done.result["note"]) == ("succeeded", debtor, "debtor_anonymised")
    assert_anonymised(world, debtor)
    record = Anonymisation.objects.get()
    assert (record.lime_id, record.creditor_id) == (world.ids["debtor"], CREDITOR)
    assert "asked for it" in record.reason
    assert record.requested_by == "test"
    logged = EventLog.objects.get(action="debtor.anonymised")
    assert (logged.billecta_id, logged.actor) == (debtor, "test")


def test_old_invoices_stay_without_the_person_and_a_refresh_does_not_bring_it_back(webhooks, paid, settle, years_later):
    debtor = Debtor.objects.get().billecta_id
    amounts = list(LedgerEntry.objects.order_by("pk").values_list("kind", "amount_ore"))
    assert {"Invoice.view", "WebhookEvent.body", "SyncAttempt.exchanges"} <= where_the_person_is()
    done = anonymised(webhooks, settle)
    assert done.status == "succeeded", done.message
    assert_anonymised(webhooks, debtor)
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", "amount_ore")) == amounts
    assert Anonymisation.objects.get().kept == {"invoices": 1, "payments": 2, "entries": 3}
    assert Invoice.objects.get().view["Records"][0]["ArticleDescription"] == "Hyra"
    body = webhooks.invoice(paid)
    assert body["Debtor"]["Name"] == "Anna Andersson", "Billecta's issued invoice keeps it"
    fetch_and_store(paid)
    assert where_the_person_is() == set()


def test_a_closed_case_stays_without_the_person(webhooks, overdue, run, settle, years_later):
    """Its reason is free text about the person; a look at it afterwards brings nothing back."""
    run("send-invoices-to-debt-collection", reason="Anna Andersson har inte betalat hyran")
    run("withdraw-debt-collection")
    run("credit-invoices-in-billecta")
    assert {"DebtCollectionCase.view", "DebtCollectionCase.reason"} <= where_the_person_is()
    assert anonymised(webhooks, settle).status == "succeeded"
    assert where_the_person_is() == set()
    fetch_and_store_case(DebtCollectionCase.objects.get().billecta_id)
    assert where_the_person_is() == set()


def test_the_second_time_there_is_nothing_to_do_and_nobody_is_asked(world, debtor, settle):
    anonymised(world, settle)
    world.billecta.control("DELETE", "journal")
    again = anonymised(world, settle)
    assert (again.status, again.result["nothing_to_do"], again.result["note"]) == ("succeeded", True, "debtor_anonymised_before")
    assert world.billecta.journal("call") == []
    assert Anonymisation.objects.count() == 1


def test_a_debtor_that_was_never_sent_is_left_alone(world, settle):
    known_creditor(CREDITOR)
    done = anonymised(world, settle)
    assert (done.status, done.result["note"]) == ("succeeded", "debtor_not_in_billecta")


class TestGuards:
    """Each thing that forbids it is named with what to do, and nothing is changed."""

    def refused(self, world: World, settle) -> SyncRecord:
        record = anonymised(world, settle)
        assert (record.status, record.error_code) == ("failed", "guard_refused")
        assert record.error_params["remedy"]
        assert not Anonymisation.objects.exists()
        assert in_billecta(world, Debtor.objects.get().billecta_id)["Name"] == "Anna Andersson"
        assert [problem["code"] for problem in tried(world)["problems"]] == ["guard_refused"]
        return record

    def test_an_open_invoice(self, webhooks, attested, settle):
        record = self.refused(webhooks, settle)
        assert f"{Invoice.objects.get().invoice_number} (8625.00 SEK)" in record.message

    def test_an_invoice_that_only_billecta_knows_of(self, webhooks, attested, settle):
        Invoice.objects.update(debtor=None)
        assert "8625.00 SEK" in self.refused(webhooks, settle).message

    def test_a_draft_and_its_order(self, world, ask, settle):
        ask(UPSERT, world.ids["order"])
        settle()
        message = self.refused(world, settle).message
        assert world.invoices()[0]["ActionPublicId"] in message
        assert str(world.ids["order"]) in message

    def test_bookkeeping_within_the_years_of_the_law(self, webhooks, paid, settle):
        until = f"{timezone.localdate().year + 7}-12-31"
        assert until in self.refused(webhooks, settle).message

    def test_bookkeeping_to_the_last_day(self, webhooks, paid, settle):
        year = timezone.localdate().year + 7
        with time_machine.travel(timezone.now().replace(year=year, month=12, day=31, hour=10), tick=True):
            assert f"{year}-12-31" in self.refused(webhooks, settle).message
        with time_machine.travel(timezone.now().replace(year=year + 1, month=1, day=1, hour=10), tick=True):
            assert anonymised(webhooks, settle).status == "succeeded"

    def test_bookkeeping_that_only_billecta_knows_of(self, webhooks, paid, settle):
        LedgerEntry.objects.all()._raw_delete("default")
        Invoice.objects.update(debtor=None)
        assert f"{timezone.localdate().year + 7}-12-31" in self.refused(webhooks, settle).message

    def test_money_of_the_debtor_that_is_on_no_invoice(self, world, debtor, settle):
        money = {"creditor": CREDITOR, "amount_ore": 500_00, "debtor": debtor}
        world.billecta.control("POST", "unmatched-payment", money)
        assert "500.00 SEK" in self.refused(world, settle).message

    def test_a_running_case(self, webhooks, ask, settle):
        past = {name: (timezone.localdate() - timedelta(days=days)).isoformat() for name, days in (("invoicedate", 40), ("duedate", 10))}
        webhooks.lime.control("PUT", f"objects/order/{webhooks.ids['order']}", past)
        ask(UPSERT, webhooks.ids["order"])
        ask(ATTEST, webhooks.ids["order"])
        settle(until=lambda: webhooks.order_status() == "sent")
        attested = Invoice.objects.get().billecta_id
        webhooks._call("POST", "/v1/debtcollection/frominvoice", {"SourcePublicId": attested})
        settle(until=lambda: Invoice.objects.filter(debt_collection_at__isnull=False).exists())
        said = ("Inkasso pågår", Invoice.objects.get().invoice_number)
        assert all(part in self.refused(webhooks, settle).message for part in said)
        Invoice.objects.update(debt_collection_at=None)
        assert all(part in self.refused(webhooks, settle).message for part in said), "Billecta's case is open"
        webhooks.pay(attested)
        settle(until=lambda: Invoice.objects.get().current_ore == 0)
        message = self.refused(webhooks, settle).message
        assert "Inkasso" not in message
        assert "räkenskapsinformation" in message


LOST: list[dict[str, Any]] = [
    {"kind": "reset_after_write"},
    {"kind": "timeout_after_write", "seconds": 30},
    {"kind": "timeout_before_write", "seconds": 30},
]
FAILING: list[dict[str, Any]] = [{"kind": "status", "status": 500}, {"kind": "html"}]


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        *(("update_debtor", fault) for fault in (*LOST, *FAILING)),
        *((read, fault) for read in ("get_debtor", "unhandled_payments", "open_invoices_by_debtor") for fault in FAILING),
    ],
    ids=lambda value: value if isinstance(value, str) else value["kind"],
)
def test_lost_answers_and_errors_pass(world, debtor, settle, settings, fault, operation):
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()
    world.billecta.control("POST", "faults", {**fault, "operation": operation, "times": 1})
    assert anonymised(world, settle).status == "succeeded"
    assert any(rule["hits"] for rule in world.billecta.control("GET", "faults"))
    assert_anonymised(world, debtor)


def test_a_debtor_that_was_deleted_in_billecta_is_anonymised_here(world, debtor, settle):
    world._call("DELETE", f"/v1/debtors/debtor/{debtor}")
    assert anonymised(world, settle).status == "succeeded"
    assert where_the_person_is() == set()


def test_one_404_is_not_believed(world, debtor, settle):
    world.billecta.control("POST", "faults", {"kind": "status", "status": 404, "operation": "get_debtor", "times": 1})
    failed = anonymised(world, settle)
    assert (failed.status, failed.error_code) == ("failed", "remote_not_found")
    assert not Anonymisation.objects.exists()
    assert Debtor.objects.get().name == "Anna Andersson"


def test_what_billecta_keeps_is_told_and_not_called_done(world, debtor, settle):
    world.billecta.control("POST", "faults", {"kind": "status", "status": 200, "operation": "update_debtor", "times": 1})
    failed = anonymised(world, settle)
    assert (failed.status, failed.error_code) == ("failed", "remote_rejected")
    assert "OrgNo" in failed.message
    assert Anonymisation.objects.get().finished_at is None
    ledger.retry(failed, actor="test")
    settle()
    assert_anonymised(world, debtor)


@pytest.mark.parametrize("after", range(0, 14, 2))
def test_killed_in_the_middle_it_goes_on(world, debtor, settle, monkeypatch, after):
    """The worker dies in the middle of the tables: the lease runs out, another takes over and finishes."""

    class Killed(BaseException):
        pass

    each, left = anonymising._each, [after]

    def dying(*args):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return each(*args)

    monkeypatch.setattr(anonymising, "_each", dying)
    batches.start(ANONYMISE, CommandRequest(ids=(world.ids["debtor"],), options={"reason": REASON}), asker=PERSON)
    with pytest.raises(Killed):
        settle()
    monkeypatch.setattr(anonymising, "_each", each)
    assert Anonymisation.objects.get().finished_at is None
    SyncRecord.objects.filter(status="in_flight").update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    settle()
    assert_anonymised(world, debtor)
    assert len([call for call in world.billecta.journal("call") if call["operation"] == "update_debtor"]) == 1


class TestAfterwards:
    """The person does not come back by itself, and can be linked anew by a person."""

    def test_sending_the_debtor_is_refused(self, world, debtor, ask, settle):
        anonymised(world, settle)
        ask(UPSERT_DEBTORS, world.ids["debtor"])
        settle()
        refused = SyncRecord.objects.filter(kind=UPSERT_DEBTORS).latest("pk")
        assert (refused.status, refused.error_code) == ("failed", "guard_refused")
        assert in_billecta(world, debtor)["Name"].startswith("Anonymiserad")
        assert where_the_person_is() <= {"SyncAttempt.exchanges"}

    def test_an_order_is_refused(self, world, debtor, ask, settle):
        anonymised(world, settle)
        ask(UPSERT, world.ids["order"])
        settle()
        failed = SyncRecord.objects.filter(kind=UPSERT).latest("pk")
        assert (failed.status, failed.error_code) == ("failed", "prerequisite_failed")
        assert world.invoices() == []

    @pytest.mark.parametrize("forget", [False, True])
    def test_not_even_by_a_portal_that_lost_its_link(self, world, debtor, ask, settle, forget):
        anonymised(world, settle)
        RecordLink.objects.filter(limetype="debtor").delete()
        if forget:
            [row] = world.lime_objects("creditordebtor")
            world.lime.control("PUT", f"objects/creditordebtor/{row['_id']}", {"billectaid": ""})
        ask(UPSERT_DEBTORS, world.ids["debtor"])
        settle()
        assert SyncRecord.objects.filter(kind=UPSERT_DEBTORS).latest("pk").error_code == "guard_refused"
        assert not world.effects("debtor.created")

    def test_linked_anew_in_lime_it_is_sent_to_the_new_one(self, world, debtor, ask, settle):
        anonymised(world, settle)
        new = world.billecta.control("POST", "seed", {"debtors": [{"CreditorPublicId": CREDITOR, "Name": "Ny"}]})["debtors"][0]
        [row] = world.lime_objects("creditordebtor")
        world.lime.control("PUT", f"objects/creditordebtor/{row['_id']}", {"billectaid": new})
        ask(UPSERT_DEBTORS, world.ids["debtor"])
        settle()
        assert in_billecta(world, new)["Name"] == "Anna Andersson"
        assert in_billecta(world, debtor)["Name"].startswith("Anonymiserad")
        assert RecordLink.objects.get(limetype="debtor").billecta_id == new


@pytest.mark.parametrize("options", [{}, {"reason": ""}, {"reason": "x" * 501}])
def test_a_reason_is_needed_and_is_no_novel(world, options):
    with pytest.raises(InvalidRequest) as refused:
        batches.start(ANONYMISE, CommandRequest(ids=(1,), options=options), asker=PERSON)
    assert list(refused.value.fields) == ["options.reason"]


def test_a_dry_run_shows_what_would_be_sent_and_changes_nothing(world, debtor):
    shown = tried(world)
    assert (shown["method"], shown["path"], shown["problems"]) == ("PUT", "/v1/debtors/debtor", [])
    assert (shown["payload"]["Name"], shown["payload"]["OrgNo"]) == (f"Anonymiserad {debtor[:8]}", None)
    assert in_billecta(world, debtor)["Name"] == "Anna Andersson"
    assert not Anonymisation.objects.exists()


def test_one_that_is_refused_does_not_stop_the_others(webhooks, attested, settle):
    row = {"limetype": "debtor", "ref": "bo", "values": {"name": "Bo Berg"}}
    bo = webhooks.lime.control("POST", "seed", {"objects": [row]})["ids"]["bo"]
    batches.start(UPSERT_DEBTORS, CommandRequest(ids=(bo,)), asker=PERSON)
    settle()
    batch = batches.start(ANONYMISE, CommandRequest(ids=(bo, webhooks.ids["debtor"]), options={"reason": "x"}), asker=PERSON)
    settle()
    assert (progress(batch).succeeded, progress(batch).failed) == (1, 1)
    assert where_the_person_is(), "Anna's invoice is open"
    assert not WebhookEvent.objects.filter(status="failed").exists()
    assert SyncAttempt.objects.filter(record__batch=batch).count() == 2


def test_handled_money_and_swish_requests_lose_the_person_too(webhooks, paid, settle, years_later):
    invoice, now = Invoice.objects.get(), timezone.now()
    common = {"creditor": invoice.creditor, "amount_ore": 1_00, "handled_at": now}
    UnhandledPayment.objects.create(billecta_id="u1", sender="Anna Andersson", reference="hyra Anna Andersson", **common)
    UnhandledPayment.objects.create(billecta_id="u2", sender="Någon Annan", overpaid_action=paid, **common)
    UnhandledPayment.objects.create(billecta_id="u3", sender="Bo Berg", reference="hyra", **common)
    SwishRequest.objects.create(request_id="S1", invoice=invoice, phone="•••67", fingerprint="f", amount_ore=1_00)
    done = anonymised(webhooks, settle)
    assert done.status == "succeeded", done.message
    assert where_the_person_is() == set()
    senders = dict(UnhandledPayment.objects.values_list("billecta_id", "sender"))
    assert (senders["u2"], senders["u3"]) == ("", "Bo Berg")
    assert list(SwishRequest.objects.values_list("phone", "fingerprint", "amount_ore")) == [("", "", 1_00)]
