"""People of each group, logged in, and rows that look like a small landlord's."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from integration.admin.groups import ADMINISTRATORS, FINANCE, USERS
from integration.commands.table import Command, table
from integration.ledger import registry
from integration.models import (
    Anonymisation,
    Article,
    Batch,
    Creditor,
    Debtor,
    EventLog,
    Heartbeat,
    Invoice,
    InvoiceRow,
    InvoiceVersion,
    LedgerEntry,
    Order,
    OrderRow,
    Payment,
    RecordLink,
    RefusedDelivery,
    SwishRequest,
    SyncAttempt,
    SyncRecord,
    UnhandledPayment,
    WebhookEvent,
)

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _pages_without_a_deployment(settings):
    """Files are named without a manifest, which only a deployment has; English, and passwords that cost nothing to check."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(username: str, *groups: str, **kwargs) -> Client:
    user = User.objects.create_user(username, password="a-long-password-1", is_staff=True, **kwargs)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def commands() -> Iterator[dict[str, Command]]:
    """Whatever a test puts in the table is gone after it."""
    rows, kinds = dict(table), dict(registry.kinds)
    yield table
    table.clear()
    table.update(rows)
    registry.kinds = kinds


@pytest.fixture
def administrator(db) -> Client:
    return person("anna", ADMINISTRATORS)


@pytest.fixture
def operator(db) -> Client:
    return person("ulla", USERS)


@pytest.fixture
def accountant(db) -> Client:
    return person("finn", FINANCE)


@pytest.fixture
def superuser(db) -> Client:
    return person("root", is_superuser=True)


def work(status: str = "failed", **kwargs) -> SyncRecord:
    number = next(NUMBERS)
    values = {
        "kind": "attest-orders-in-billecta",
        "queue": "outbound",
        "entity_key": f"order:{number}",
        "limetype": "order",
        "lime_id": 1000 + number,
        "billecta_id": f"action-{number}",
        "finished_at": timezone.now() if status in SyncRecord.FINISHED else None,
    }
    if status in {"failed", "needs_decision"}:
        values |= {"error_code": "remote_rejected", "error_params": {"system": "Billecta", "status": 400, "detail": "Wrong due date"}}
    return SyncRecord.objects.create(status=status, **values | kwargs)


def event(status: str = "processed", **kwargs) -> WebhookEvent:
    values = {"event_name": "InvoiceActionPaid", "entity_id": f"action-{next(NUMBERS)}", "body": b"{}"}
    return WebhookEvent.objects.create(status=status, **values | kwargs)


def creditor() -> Creditor:
    return Creditor.objects.get_or_create(billecta_id="creditor-1", defaults={"name": "Björkbo Fastigheter AB"})[0]


def debtor(**kwargs) -> Debtor:
    values = {"billecta_id": f"debtor-{next(NUMBERS)}", "creditor": creditor(), "name": "Kvarnbergs Café AB"}
    return Debtor.objects.create(**values | kwargs)


def invoice(**kwargs) -> Invoice:
    number, now = next(NUMBERS), timezone.now()
    values = {
        "billecta_id": f"invoice-{number}",
        "lime_id": 5000 + number,
        "invoice_number": f"N{number}",
        "ocr": f"900{number}",
        "creditor": creditor(),
        "debtor": debtor(),
        "invoice_date": now.date(),
        "due_date": now.date() + timedelta(days=30),
        "attested_at": now,
        "sent_at": now,
        "invoiced_ore": 123_450,
        "current_ore": 123_450,
    }
    return Invoice.objects.create(**values | kwargs)


def order() -> Order:
    number = next(NUMBERS)
    made = Order.objects.create(
        lime_id=1000 + number, billecta_id=f"order-{number}", creditor=creditor(), debtor=debtor(), status="attested", total_ore=123_450
    )
    OrderRow.objects.create(order=made, lime_id=number, sequence=1, article=article(), description="Hyra")
    RecordLink.objects.create(creditor_id=creditor().billecta_id, limetype="order", lime_id=made.lime_id, billecta_id=made.billecta_id)
    return made


def article() -> Article:
    number = next(NUMBERS)
    return Article.objects.create(billecta_id=f"article-{number}", creditor=creditor(), article_number=f"A{number}", unit_price="1234.5")


def payment() -> Payment:
    paid = invoice()
    return Payment.objects.create(
        billecta_id=f"payment-{paid.pk}", invoice=paid, amount_ore=1, payment_date=timezone.localdate(), ocr=paid.ocr
    )


def unhandled_payment() -> UnhandledPayment:
    number = next(NUMBERS)
    return UnhandledPayment.objects.create(
        billecta_id=f"unhandled-{number}",
        creditor=creditor(),
        amount_ore=12_345,
        payment_date=timezone.localdate(),
        reference=f"hyra {number}",
        sender=f"Sändare {number}",
        payment_type="UnmatchedPayment",
        state="Unhandled",
        overpaid_action=invoice().billecta_id,
    )


def swish_request() -> SwishRequest:
    of = invoice()
    return SwishRequest.objects.create(
        request_id=f"REQUEST{of.pk}", invoice=of, phone="•••67", amount_ore=12_345, error_message="", work=work()
    )


def entry() -> LedgerEntry:
    of = invoice(order=order())
    InvoiceRow.objects.create(invoice=of, sequence=1, description="Hyra")
    InvoiceVersion.objects.create(invoice=of, valid_from=timezone.now(), current_ore=0, paid_ore=0, credited_ore=0, write_off_ore=0)
    return LedgerEntry.objects.create(
        creditor=of.creditor,
        debtor=of.debtor,
        invoice=of,
        kind="invoiced",
        amount_ore=123_450,
        business_date=timezone.localdate(),
        date_basis="invoice_date",
    )


def worked_on() -> SyncRecord:
    """Work with a batch, an event and two attempts that made calls."""
    batch = Batch.objects.create(command="attest-orders-in-billecta", total=1, requested_by={"name": "Ulla"})
    record = work(batch=batch, event=event())
    call = {"system": "Billecta", "operation": "attest", "method": "PUT", "path": "/v1/attest", "status": 400, "duration_ms": 12}
    call |= {"request": '{"Amount": 1}', "response": "{}", "error": "remote_rejected", "request_id": "abcdefgh"}
    for number in (1, 2):
        SyncAttempt.objects.create(
            record=record,
            number=number,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            duration_ms=12,
            outcome="failed",
            exchanges=[call],
        )
    event(sync_record=record)
    EventLog.objects.create(action="work.failed", sync_record=record, level="error")
    return record


def anonymisation() -> Anonymisation:
    number = next(NUMBERS)
    kept = {"invoices": 3, "payments": 2, "entries": 5}
    return Anonymisation.objects.create(
        debtor_id=f"debtor-{number}", creditor_id="creditor-1", lime_id=number, reason="Asked for it", counts={"invoice": 3}, kept=kept
    )


def link() -> RecordLink:
    number = next(NUMBERS)
    return RecordLink.objects.create(creditor_id="creditor-1", limetype="order", lime_id=number, billecta_id=f"b-{number}")


def refusal() -> RefusedDelivery:
    return RefusedDelivery.objects.create(
        day=timezone.localdate() - timedelta(days=next(NUMBERS)), source="billecta", reason="unauthorized"
    )


def heartbeat() -> Heartbeat:
    return Heartbeat.objects.create(name=f"worker {next(NUMBERS)}")


MAKERS: dict[str, Callable[[], object]] = {
    "syncrecord": worked_on,
    "webhookevent": worked_on,
    "batch": worked_on,
    "eventlog": worked_on,
    "recordlink": link,
    "anonymisation": anonymisation,
    "order": order,
    "invoice": invoice,
    "payment": payment,
    "unhandledpayment": unhandled_payment,
    "swishrequest": swish_request,
    "ledgerentry": entry,
    "debtor": debtor,
    "article": article,
    "refuseddelivery": refusal,
    "heartbeat": heartbeat,
}
"""What makes a row (and what belongs to it) of each list that grows."""
