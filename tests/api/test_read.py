"""The read API: shapes, names, filters, search, limits and cost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from integration.api.invoice_status import invoice_status
from integration.ledger import Delivery, log, receive
from integration.ledger.submit import Subject, submit
from integration.mapping.order_status import OrderFacts, order_status
from integration.models import (
    Article,
    DebtCollectionCase,
    Debtor,
    EventLog,
    Invoice,
    InvoiceVersion,
    LedgerEntry,
    SyncAttempt,
    SyncRecord,
    UnhandledPayment,
    WebhookEvent,
)
from tests.api.conftest import FIXTURES, UPSERT, portfolio

pytestmark = pytest.mark.django_db
LISTS = ["events", "sync-records", "creditors", "debtors", "articles", "orders", "invoices", "payments", "unhandled-payments"]


def ids(answer) -> list[str | int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.fixture
def work(things) -> SyncRecord:
    return submit(UPSERT, Subject(entity_key="order:1001", limetype="order", lime_id=1001))


@pytest.fixture
def event(db) -> WebhookEvent:
    body = (FIXTURES / "InvoiceActionAttested__object.json").read_bytes()
    event_id = receive(Delivery(body=body, event_name="InvoiceActionAttested", entity_id="A-1", creditor_id="cred-1"))
    return WebhookEvent.objects.get(pk=event_id)


@pytest.mark.parametrize("name", LISTS)
def test_every_object_carries_the_common_fields(reader, creditor, event, work, name):
    portfolio(creditor, 1)
    page = reader.get(f"/api/v1/{name}/").json()
    assert set(page) == {"next", "previous", "results"}
    [row] = page["results"]
    assert {"id", "billecta_id", "lime_id", "creditor", "status", "updated_at"} <= set(row)
    alone = reader.get(f"/api/v1/{name}/{row['id']}/").json()
    assert {key: alone[key] for key in row} == row


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_however_long_it_is(reader, creditor, things, name, django_assert_num_queries):
    def add(number: int) -> None:
        portfolio(creditor, number)
        receive(Delivery(body=b"{}", event_name="E", entity_id=f"A-{number}", creditor_id="cred-1"))
        submit(UPSERT, Subject(entity_key=f"order:{number}", limetype="order", lime_id=number))

    add(1)
    reader.get(f"/api/v1/{name}/")
    with django_assert_num_queries(1):
        reader.get(f"/api/v1/{name}/")
    for number in range(2, 8):
        add(number)
    with django_assert_num_queries(1):
        reader.get(f"/api/v1/{name}/")


def test_an_unhandled_payment_is_shown_and_found_until_it_is_handled(reader, creditor, other_creditor):
    portfolio(creditor, 1)
    portfolio(other_creditor, 2)
    shown = reader.get("/api/v1/unhandled-payments/U-1/").json()
    assert {name: shown[name] for name in ("amount", "currency", "payment_date", "reference", "sender", "type", "state", "status")} == {
        "amount": "500.51",
        "currency": "SEK",
        "payment_date": "2026-04-03",
        "reference": "hyra 1",
        "sender": "Anna Andersson",
        "type": "UnmatchedPayment",
        "state": "Unhandled",
        "status": "unhandled",
    }
    UnhandledPayment.objects.filter(billecta_id="U-2").update(handled_at=timezone.now())
    for query in ("creditor=cred-1", "creditor=lime:1", "status=unhandled", "reference=hyra 1", "search=hyra 1"):
        assert ids(reader.get(f"/api/v1/unhandled-payments/?{query}")) == ["U-1"], query
    assert ids(reader.get("/api/v1/unhandled-payments/?status=handled")) == ["U-2"]
    assert ids(reader.get("/api/v1/unhandled-payments/?date_from=2026-04-04")) == []


def test_an_invoice_shows_money_as_text_and_billectas_words(reader, creditor):
    portfolio(creditor, 1)
    shown = reader.get("/api/v1/invoices/A-1/").json()
    amounts = {name: shown[name] for name in ("invoiced_amount", "current_amount", "paid_amount", "credited_amount", "write_off_amount")}
    assert amounts == {
        "invoiced_amount": "125.00",
        "current_amount": "24.50",
        "paid_amount": "100.50",
        "credited_amount": "0.00",
        "write_off_amount": "0.00",
    }
    assert (shown["currency"], shown["invoice_number"], shown["ocr"], shown["due_date"]) == ("SEK", "7001", "880001", "2026-04-30")
    assert (shown["creditor"], shown["debtor"], shown["order"], shown["status"]) == ("cred-1", "D-1", 1001, "sent")
    assert shown["rows"][0]["unit_price"] == "100.00"


def test_an_invoice_shows_its_debt_collection_cases(reader, creditor):
    invoice = portfolio(creditor, 1)
    money = {"debt_ore": 125_000, "fee_ore": 18_050, "current_ore": 143_050}
    DebtCollectionCase.objects.create(billecta_id="C-1", invoice=invoice, creditor=creditor, stage="SentToBailiff", is_paused=True, **money)
    [case] = reader.get("/api/v1/invoices/A-1/").json()["debt_collection_cases"]
    assert (case["id"], case["stage"], case["is_paused"], case["closed_at"]) == ("C-1", "SentToBailiff", True, None)
    assert (case["debt_amount"], case["fee_amount"], case["current_amount"], case["currency"]) == ("1250.00", "180.50", "1430.50", "SEK")
    assert "debt_collection_cases" not in reader.get("/api/v1/invoices/").json()["results"][0]


def test_times_carry_their_offset(reader, creditor):
    portfolio(creditor, 1)
    assert reader.get("/api/v1/invoices/A-1/").json()["updated_at"][-6:] in {"+01:00", "+02:00"}


def test_a_price_keeps_its_parts_of_an_ore(reader, creditor):
    portfolio(creditor, 1)
    assert reader.get("/api/v1/articles/P-1/").json()["unit_price"] == "99.125"
    assert reader.get("/api/v1/orders/lime:1001/").json()["rows"][0]["unit_price"] == "100.00"


@pytest.mark.parametrize(
    ("kind", "public_id", "lime_id"),
    [("creditors", "cred-1", 1), ("debtors", "D-1", 2001), ("articles", "P-1", 3001), ("orders", "A-1", 1001), ("invoices", "A-1", 4001)],
)
def test_an_object_goes_by_either_of_its_names(reader, creditor, kind, public_id, lime_id):
    portfolio(creditor, 1)
    for name in (public_id, f"lime:{lime_id}"):
        assert reader.get(f"/api/v1/{kind}/{name}/").json()["lime_id"] == lime_id
    for name in ("nothing", "lime:99", "lime:x", "lime:" + "9" * 30, "%00"):
        assert reader.get(f"/api/v1/{kind}/{name}/").status_code == 404, name


def test_a_lime_id_with_several_creditors_must_be_narrowed(reader, creditor, other_creditor):
    portfolio(creditor, 1), portfolio(other_creditor, 2)
    from integration.models import Debtor

    Debtor.objects.update(lime_id=2001)
    assert reader.get("/api/v1/debtors/lime:2001/").status_code == 409
    assert reader.get("/api/v1/debtors/lime:2001/?creditor=lime:2").json()["id"] == "D-2"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("invoices/?creditor=cred-1", ["A-1"]),
        ("invoices/?creditor=lime:2", ["A-2"]),
        ("invoices/?debtor=lime:2002", ["A-2"]),
        ("invoices/?order=lime:1001", ["A-1"]),
        ("invoices/?status=sent", ["A-2", "A-1"]),
        ("invoices/?status=paid&status=sent", ["A-2", "A-1"]),
        ("invoices/?status=paid", []),
        ("invoices/?due_to=2026-04-29", []),
        ("invoices/?date_from=2026-03-31&date_to=2026-03-31", ["A-2", "A-1"]),
        ("invoices/?search=7001", ["A-1"]),
        ("invoices/?search=880002", ["A-2"]),
        ("invoices/?search=andersson%201", ["A-1"]),
        ("invoices/?search=4002", ["A-2"]),
        ("invoices/?search=A-1", ["A-1"]),
        ("debtors/?search=anna%20andersson%202", ["D-2"]),
        ("debtors/?creditor=lime:1", ["D-1"]),
        ("articles/?search=hyra-1", ["P-1"]),
        ("orders/?search=1002", ["A-2"]),
        ("orders/?status=sent&creditor=cred-2", ["A-2"]),
        ("payments/?invoice=lime:4001", ["PAY-1"]),
        ("payments/?creditor=cred-2", ["PAY-2"]),
        ("payments/?search=880001", ["PAY-1"]),
        ("creditors/?search=v%C3%A4stra", ["cred-1"]),
        ("creditors/?lime_id=2", ["cred-2"]),
    ],
)
def test_lists_are_filtered_and_searched(reader, creditor, other_creditor, path, found):
    portfolio(creditor, 1), portfolio(other_creditor, 2)
    assert ids(reader.get(f"/api/v1/{path}")) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=nonsense", "status"),
        ("due_from=31/3", "due_from"),
        ("lime_id=x", "lime_id"),
        ("search=%00", None),
        ("creditor=%00", "creditor"),
    ],
)
def test_a_malformed_filter_is_named(reader, query, field):
    answer = reader.get(f"/api/v1/invoices/?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")
    assert field is None or field in answer.json()["fields"]


def test_pages_are_followed_by_their_cursor_newest_first(reader, creditor):
    for number in range(1, 6):
        portfolio(creditor, number)
    page, seen = reader.get("/api/v1/invoices/?page_size=2").json(), []
    while True:
        seen += [row["id"] for row in page["results"]]
        portfolio(creditor, 90 + len(seen))
        if page["next"] is None:
            break
        page = reader.get(page["next"]).json()
    assert seen == ["A-5", "A-4", "A-3", "A-2", "A-1"]


# --- Personal data ---------------------------------------------------------------------------------------------------


def test_a_protected_debtor_is_masked_everywhere_and_cannot_be_searched_by_name(reader, creditor):
    portfolio(creditor, 1, protected=True)
    for path in ("debtors/", "debtors/D-1/", "invoices/", "invoices/A-1/", "orders/A-1/", "payments/"):
        text = reader.get(f"/api/v1/{path}").content.decode()
        assert not any(secret in text for secret in ("Anna", "19900101", "anna@example", "Lund")), path
    for kind in ("debtors", "invoices", "orders", "payments"):
        assert ids(reader.get(f"/api/v1/{kind}/?search=Andersson")) == []
    assert ids(reader.get("/api/v1/debtors/?status=protected")) == ["D-1"]


def test_an_events_payload_is_shown_without_personal_data(reader, event):
    shown = reader.get(f"/api/v1/events/{event.pk}/").json()
    assert (shown["event_name"], shown["billecta_id"]) == ("InvoiceActionAttested", "A-1")
    assert shown["payload"]["payload"]["ActionPublicId"] == "A-1001"
    assert "Andersson" not in str(shown)
    assert "payload" not in reader.get("/api/v1/events/").json()["results"][0]


# --- Who may see what --------------------------------------------------------------------------------------------------


def test_a_limited_key_sees_only_its_creditors(client_with, creditor, other_creditor, things):
    own, theirs = portfolio(creditor, 1), portfolio(other_creditor, 2)
    for number, invoice in enumerate((own, theirs), start=1001):
        receive(Delivery(body=b"{}", event_name="E", entity_id=invoice.billecta_id, creditor_id=invoice.creditor.billecta_id))
        submit(UPSERT, Subject(entity_key=f"order:{number}", limetype="order", lime_id=number))
    limited, unlimited = client_with("read", "commands", creditors=(creditor,)), client_with("read")
    for name in LISTS:
        everything = ids(unlimited.get(f"/api/v1/{name}/"))
        [visible] = ids(limited.get(f"/api/v1/{name}/"))
        assert visible == everything[-1], name
        [hidden] = set(everything) - {visible}
        assert limited.get(f"/api/v1/{name}/{hidden}/").status_code == 404, name
        assert limited.get(f"/api/v1/{name}/{visible}/").status_code == 200, name
    assert limited.get("/api/v1/invoices/A-2/timeline/").status_code == 404
    their_work = SyncRecord.objects.get(lime_id=1002)
    assert limited.post(f"/api/v1/sync-records/{their_work.pk}/cancel/").status_code == 404
    assert limited.get("/api/v1/health/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_reading_needs_the_scope(client_with, client, name):
    assert client_with("commands", "reports").get(f"/api/v1/{name}/").status_code == 403
    assert client.get(f"/api/v1/{name}/").status_code == 401


def test_staff_read_with_djangos_permissions(client, django_user_model, creditor):
    user = django_user_model.objects.create_user("anna", password="x", is_staff=True)
    client.force_login(user)
    assert client.get("/api/v1/invoices/").status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    assert client.get("/api/v1/invoices/").status_code == 200
    assert client.get("/api/v1/payments/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_nothing_can_be_written(client_with, creditor, name):
    answer = client_with("read", "commands").post(f"/api/v1/{name}/", {}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")


# --- Work ----------------------------------------------------------------------------------------------------------------


def test_work_is_cancelled_and_retried(client_with, work):
    client = client_with("read", "commands")
    path = f"/api/v1/sync-records/{work.pk}"
    assert client.post(f"{path}/cancel/").json()["status"] == "cancelled"
    assert client.post(f"{path}/cancel/").json()["error"] == "guard_refused"
    assert client.post(f"{path}/retry/").json()["status"] == "pending"
    assert EventLog.objects.get(action="work.cancelled").actor == "test"


def test_a_person_decides_what_happened(client_with, work):
    client = client_with("commands")
    path = f"/api/v1/sync-records/{work.pk}/decide/"
    assert client.post(path, {"happened": True}, format="json").status_code == 409
    SyncRecord.objects.update(status="needs_decision")
    assert list(client.post(path, {}, format="json").json()["fields"]) == ["happened"]
    decided = client.post(path, {"happened": True, "billecta_id": "A-9"}, format="json").json()
    assert (decided["status"], decided["billecta_id"]) == ("succeeded", "A-9")


def test_acting_on_work_needs_the_scope(reader, work):
    assert reader.post(f"/api/v1/sync-records/{work.pk}/retry/").status_code == 403


def test_work_is_shown_with_its_tries(reader, work):
    now = timezone.now()
    SyncAttempt.objects.create(record=work, number=1, started_at=now, finished_at=now, duration_ms=1, outcome="failed", message="no")
    assert reader.get(f"/api/v1/sync-records/{work.pk}/").json()["tries"][0]["message"] == "no"


# --- Timeline and status ------------------------------------------------------------------------------------------------


def test_a_timeline_holds_everything_that_happened_newest_first(reader, creditor, event, work, django_assert_max_num_queries):
    invoice = portfolio(creditor, 1)
    now = timezone.now()
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=now - timedelta(days=4))
    started = now - timedelta(days=3)
    SyncAttempt.objects.create(record=work, number=1, started_at=started, finished_at=started, duration_ms=5, outcome="succeeded")
    InvoiceVersion.objects.create(
        invoice=invoice, valid_from=now - timedelta(days=2), stage="Open", current_ore=1, paid_ore=0, credited_ore=0, write_off_ore=0
    )
    LedgerEntry.objects.create(
        creditor=creditor,
        invoice=invoice,
        kind="invoiced",
        amount_ore=12500,
        business_date=date(2026, 3, 31),
        date_basis="invoice_date",
        recorded_at=now - timedelta(days=1),
    )
    log("invoice.attested", limetype="invoice", billecta_id="A-1")
    log("invoice.attested", limetype="invoice", billecta_id="A-2")
    DebtCollectionCase.objects.create(billecta_id="C-1", invoice=invoice, creditor=creditor)
    receive(Delivery(body=b"{}", event_name="DebtCollectionActionStateChanged", entity_id="C-1"))
    reader.get("/api/v1/creditors/")
    with django_assert_max_num_queries(7):
        moments = reader.get("/api/v1/invoices/A-1/timeline/").json()
    assert [moment["type"] for moment in moments] == ["event", "log", "entry", "version", "attempt", "event"]
    assert moments[0]["title"] == "DebtCollectionActionStateChanged"
    assert moments[2]["detail"]["amount"] == "125.00"


DAY = date(2026, 3, 1)


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("attested", [False, True])
@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("collected", [False, True])
@pytest.mark.parametrize(
    "amounts",
    [
        (100, 100, 0, 0, 0),
        (100, 0, 100, 0, 0),
        (100, 0, 40, 60, 0),
        (100, 0, 50, 50, 0),
        (100, 0, 0, 10, 90),
        (100, -5, 105, 0, 0),
        (0, 0, 0, 0, 0),
        (-100, -100, 0, 0, 0),
        (-100, 0, -100, 0, 0),
    ],
)
def test_the_status_in_lists_is_the_one_that_lime_shows(creditor, deleted, attested, sent, collected, amounts):
    invoiced, current, paid, credited, written_off = amounts
    now = timezone.now()
    Invoice.objects.create(
        billecta_id="A-1",
        creditor=creditor,
        attested_at=now if attested else None,
        sent_at=now if sent else None,
        debt_collection_at=now if collected else None,
        deleted_at=now if deleted else None,
        invoiced_ore=invoiced,
        current_ore=current,
        paid_ore=paid,
        credited_ore=credited,
        write_off_ore=written_off,
    )
    facts = OrderFacts(
        draft=not attested,
        attested_date=DAY if attested else None,
        sent_date=DAY if sent else None,
        debt_collection_date=DAY if collected else None,
        invoiced_ore=invoiced,
        current_ore=current,
        paid_ore=paid,
        credited_ore=credited,
        written_off_ore=written_off,
        deleted=deleted,
    )
    assert Invoice.objects.annotate(status=invoice_status()).get().status == order_status(facts)


def test_what_is_anonymised_or_deleted_says_so_and_is_found_by_it(reader, creditor):
    portfolio(creditor, 1)
    Debtor.objects.filter(billecta_id="D-1").update(anonymised_at=timezone.now())
    Article.objects.update(deleted_at=timezone.now(), is_active=False)
    assert reader.get("/api/v1/debtors/D-1/").json()["status"] == "anonymised"
    assert ids(reader.get("/api/v1/debtors/?status=anonymised")) == ["D-1"]
    assert "D-1" not in ids(reader.get("/api/v1/debtors/?status=active"))
    deleted = ids(reader.get("/api/v1/articles/?status=deleted"))
    assert deleted
    assert ids(reader.get("/api/v1/articles/?status=inactive")) == []
    assert reader.get(f"/api/v1/articles/{deleted[0]}/").json()["status"] == "deleted"
