"""Takes one person out of everything that the portal has stored about a debtor: the mirror, the ledger's texts and calls, deliveries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from integration.billecta.personal_data import neutral_fields, neutral_name, pattern_of, sought_texts, without_person
from integration.ledger.work import Work
from integration.models import (
    Anonymisation,
    Batch,
    DebtCollectionCase,
    Debtor,
    EventLog,
    Invoice,
    InvoiceRow,
    LedgerEntry,
    Order,
    OrderRow,
    Payment,
    RecordLink,
    SwishRequest,
    SyncAttempt,
    SyncRecord,
    UnhandledPayment,
    WebhookEvent,
)
from integration.redaction import MASK

CHUNK = 200
M = TypeVar("M", bound=Model)
Change = Callable[[Any], bool]
UNMATCHED = ("UnmatchedPayment", "Overpayment")
"""Events whose entity is money and not an invoice, so that only their body says whose it is."""
INVALID = "validation_failed"


@dataclass(frozen=True)
class Person:
    """Whom it is about: the debtor's mirror row, the texts that are sought, and the ids of all that is the debtor's."""

    debtor: Debtor
    sought: re.Pattern[str] | None
    billecta_ids: Sequence[str]
    order_ids: Sequence[int]
    invoice_ids: Sequence[int]

    @classmethod
    def of(cls, debtor: Debtor, sought: Iterable[str]) -> Person:
        invoices, orders = Invoice.objects.filter(debtor=debtor), Order.objects.filter(debtor=debtor)
        payments = Payment.objects.filter(invoice__debtor=debtor)
        ids = {debtor.billecta_id}.union(*(rows.values_list("billecta_id", flat=True) for rows in (invoices, payments, _cases(debtor))))
        return cls(
            debtor,
            pattern_of(sought),
            sorted((ids | set(orders.values_list("billecta_id", flat=True))) - {""}),
            list(orders.values_list("lime_id", flat=True)),
            [lime_id for lime_id in invoices.values_list("lime_id", flat=True) if lime_id is not None],
        )

    def clean(self, value: Any) -> Any:
        """JSON-like data or text without the person."""
        return without_person(value, self.debtor.billecta_id, self.sought)


def neutralise_mirror(debtor: Debtor) -> None:
    """The debtor's own row without the person; from now on what Billecta answers about it is not stored."""
    empty = dict.fromkeys(("org_no", "email", "phone", "address", "zip_code", "city"), "")
    now = timezone.now()
    view = {**debtor.view, **neutral_fields(debtor.billecta_id)}
    changes = {**empty, "name": neutral_name(debtor.billecta_id), "protected_identity": False, "view": view}
    Debtor.objects.filter(pk=debtor.pk).update(**changes, anonymised_at=now, updated_at=now)
    RecordLink.objects.filter(limetype="debtor", billecta_id=debtor.billecta_id).update(sent_hash="")


def kept_of(debtor: Debtor) -> dict[str, int]:
    """How much stays as bookkeeping: numbers, dates and amounts, without the person."""
    return {
        "invoices": Invoice.objects.filter(debtor=debtor).count(),
        "payments": Payment.objects.filter(invoice__debtor=debtor).count(),
        "entries": LedgerEntry.objects.filter(invoice__debtor=debtor).count(),
    }


def texts_of(debtor: Debtor) -> list[str]:
    """What is sought for a debtor: all that its row and its invoices say of the person, now and when each invoice was issued."""
    views = [debtor.view, *Invoice.objects.filter(debtor=debtor).values_list("view__Debtor", flat=True).iterator(CHUNK)]
    return list(dict.fromkeys(text for view in views if isinstance(view, dict) for text in sought_texts(view)))


def clean_stored(work: Work, person: Person, record: Anonymisation) -> None:
    """Take the person out of every table in small batches, counting on `record`. May be killed and repeated at any point.

    Of the work's own row only the options are touched, the rest is left to its outcome; of its calls only that they were made is kept.
    """
    counts = dict(record.counts)
    for table, rows, change, fields in _tables(work, person):
        counts[table] = counts.get(table, 0) + _each(work, rows, change, fields)
        Anonymisation.objects.filter(pk=record.pk).update(counts=counts)
    record.counts = counts
    forget_calls(work.exchanges)
    work.record.options = person.clean(work.record.options)
    work.mine.update(options=work.record.options)


def forget_calls(exchanges: Iterable[dict[str, Any]]) -> bool:
    """Keep of recorded calls that they were made and how they ended, not what they said; whether anything was removed."""
    changed = False
    for exchange in exchanges:
        kept = {"request": "", "response": "", "path": str(exchange.get("path", "")).partition("?")[0]}
        changed = changed or any(exchange.get(name) != value for name, value in kept.items())
        exchange.update(kept)
    return changed


def _tables(work: Work, person: Person) -> Iterator[tuple[str, QuerySet[Any], Change, list[str]]]:
    invoices, orders = Invoice.objects.filter(debtor=person.debtor), Order.objects.filter(debtor=person.debtor)
    yield "invoice", invoices, _texts(person, "view"), ["view"]
    yield "invoicerow", InvoiceRow.objects.filter(invoice__in=invoices), _texts(person, "description"), ["description"]
    yield "debtcollectioncase", _cases(person.debtor), _clean_case(person), ["view", "reason"]
    yield "payment", Payment.objects.filter(invoice__in=invoices), _texts(person, "view"), ["view"]
    unhandled = UnhandledPayment.objects.filter(creditor=person.debtor.creditor)
    yield "unhandledpayment", unhandled, _clean_unhandled(person), ["sender", "reference"]
    yield "swishrequest", SwishRequest.objects.filter(invoice__in=invoices), _clean_swish, ["phone", "fingerprint"]
    yield "order", orders, _texts(person, "error"), ["error"]
    yield "orderrow", OrderRow.objects.filter(order__in=orders), _texts(person, "description"), ["description"]
    for about in _about(person):
        records = SyncRecord.objects.filter(about).exclude(pk=work.record.pk)
        yield "syncattempt", SyncAttempt.objects.filter(record__in=SyncRecord.objects.filter(about)), _clean_attempt(person), ATTEMPT
        yield "batch", Batch.objects.filter(pk__in=SyncRecord.objects.filter(about).values("batch")), _texts(person, "body"), ["body"]
        yield "webhookevent", WebhookEvent.objects.filter(sync_record__in=records), _clean_event(person), ["body"]
        yield "syncrecord", records.filter(status__in=SyncRecord.FINISHED), _clean_record(person), RECORD
        yield "eventlog", EventLog.objects.filter(_named(about)), _clean_log(person), ["message", "detail"]
    for ids in _chunks(person.billecta_ids):
        yield "webhookevent", WebhookEvent.objects.filter(entity_id__in=ids), _clean_event(person), ["body"]
    unmatched = WebhookEvent.objects.filter(event_name__in=UNMATCHED, creditor_id__in=["", person.debtor.creditor.billecta_id])
    yield "webhookevent", unmatched, _clean_event(person, only_when_named=True), ["body"]


ATTEMPT = ["exchanges", "message", "traceback"]
RECORD = ["message", "error_params", "options", "result"]


def _about(person: Person) -> Iterator[Q]:
    """Which pieces of work are about the debtor, its orders, its invoices and their payments, in conditions of bounded length."""
    yield Q(limetype="debtor", lime_id=person.debtor.lime_id, creditor_id=person.debtor.creditor.billecta_id)
    for ids in _chunks(person.billecta_ids):
        yield Q(billecta_id__in=ids)
    for limetype, lime_ids in (("order", person.order_ids), ("invoice", person.invoice_ids)):
        for some in _chunks(lime_ids):
            yield Q(limetype=limetype, lime_id__in=some)


def _named(about: Q) -> Q:
    """The same for the log, which names no creditor."""
    return Q(*[part for part in about.children if not (isinstance(part, tuple) and part[0] == "creditor_id")])


def _texts(person: Person, *fields: str) -> Change:
    def change(row: Any) -> bool:
        return _set(row, {field: person.clean(getattr(row, field)) for field in fields})

    return change


def _cases(debtor: Debtor) -> QuerySet[DebtCollectionCase]:
    return DebtCollectionCase.objects.filter(Q(debtor=debtor) | Q(invoice__debtor=debtor))


def _clean_case(person: Person) -> Change:
    """Why a case was opened is free text about the person, so nothing of it is kept."""

    def change(row: DebtCollectionCase) -> bool:
        return _set(row, {"view": person.clean(row.view), "reason": ""})

    return change


def _clean_unhandled(person: Person) -> Change:
    """Money that was paid too much on one of its invoices is the debtor's, whoever is named as its sender."""

    def change(row: UnhandledPayment) -> bool:
        sender = "" if row.overpaid_action in person.billecta_ids else person.clean(row.sender)
        return _set(row, {"sender": sender, "reference": person.clean(row.reference)})

    return change


def _clean_swish(row: SwishRequest) -> bool:
    return _set(row, {"phone": "", "fingerprint": ""})


def _clean_record(person: Person) -> Change:
    def change(row: SyncRecord) -> bool:
        if row.error_code == INVALID:
            return _set(row, {"message": MASK, "error_params": {"text": MASK, "problems": []}, "options": person.clean(row.options)})
        return _set(row, {field: person.clean(getattr(row, field)) for field in RECORD})

    return change


def _clean_log(person: Person) -> Change:
    def change(row: EventLog) -> bool:
        message = MASK if row.message and row.detail.get("code") == INVALID else person.clean(row.message)
        return _set(row, {"message": message, "detail": person.clean(row.detail)})

    return change


def _clean_attempt(person: Person) -> Change:
    def change(row: SyncAttempt) -> bool:
        message = (MASK if row.message else "") if row.error_code == INVALID else person.clean(row.message)
        return forget_calls(row.exchanges) | _set(row, {"message": message, "traceback": ""})

    return change


def _clean_event(person: Person, *, only_when_named: bool = False) -> Change:
    def change(row: WebhookEvent) -> bool:
        body = bytes(row.body)
        text = body.decode("utf-8", "replace")
        if only_when_named and person.debtor.billecta_id not in text and not (person.sought and person.sought.search(text)):
            return False
        return _set(row, {"body": _clean_body(person, row.source, body)})

    return change


def _clean_body(person: Person, source: str, body: bytes) -> bytes:
    """A delivery without the person; Lime's, which names properties as each solution likes, keeps nothing."""
    if source == "lime":
        return b"{}"
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return b"{}"
    cleaned = person.clean(found)
    return body if cleaned == found else json.dumps(cleaned, ensure_ascii=False).encode()


def _set(row: Any, values: dict[str, Any]) -> bool:
    changed = False
    for name, value in values.items():
        before = bytes(getattr(row, name)) if isinstance(value, bytes) else getattr(row, name)
        changed = changed or before != value
        setattr(row, name, value)
    return changed


def _each(work: Work, rows: QuerySet[Any], change: Change, fields: list[str]) -> int:
    """Apply a change to every row, some at a time under their locks, in the order of their keys; returns how many it changed."""
    changed, after = 0, None
    while True:
        work.keep_lease()
        left = rows.order_by("pk") if after is None else rows.filter(pk__gt=after).order_by("pk")
        with transaction.atomic():
            some = list(left.select_for_update(of=("self",))[:CHUNK])
            touched = [row for row in some if change(row)]
            if touched:
                rows.model._default_manager.bulk_update(touched, fields)  # noqa: SLF001  Django's name for a model's manager
        changed += len(touched)
        if len(some) < CHUNK:
            return changed
        after = some[-1].pk


def _chunks(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
