"""Writes what was fetched from Billecta into the mirror, and what changed into the dated entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from integration.billecta import payment_views, wire
from integration.billecta.action_events import ActionEventType
from integration.billecta.amounts import Amount
from integration.billecta.files import without_content
from integration.billecta.personal_data import without_person
from integration.errors import StaleAnswer
from integration.ledger.log import log
from integration.models import Article, Creditor, Debtor, Invoice, InvoiceRow, LedgerEntry, Order, Payment, RecordLink
from integration.sync import entries
from integration.sync.entries import Observed

M = TypeVar("M", Creditor, Debtor, Article, Payment)
DATED_BY_EVENT = {ActionEventType.CREDITED: LedgerEntry.Kind.CREDIT, ActionEventType.WRITTEN_OFF: LedgerEntry.Kind.WRITE_OFF}


@dataclass(frozen=True)
class Look:
    """When an invoice was asked for and when the last answer about it had come (UTC), and what made the portal look."""

    asked_at: datetime
    answered_at: datetime
    source: str = "webhook"


def store_creditor(view: wire.Creditor, *, lime_id: int | None = None) -> Creditor:
    """The creditor as fetched; its Lime id is kept when none is given."""
    values: dict[str, Any] = {
        "name": view.name,
        "org_no": view.org_no,
        "use_cent_rounding": view.use_cent_rounding,
        "is_enabled": view.is_enabled,
    }
    return _store(Creditor, view.creditor_id, view.raw, values, lime_id)


def store_debtor(view: wire.Debtor, creditor: Creditor, *, lime_id: int | None = None) -> Debtor:
    """The debtor as fetched, of its creditor."""
    values: dict[str, Any] = {
        "creditor": creditor,
        "external_id": view.external_id,
        "name": view.name,
        "org_no": view.org_no,
        "email": view.email,
        "phone": view.phone,
        "address": view.address,
        "zip_code": view.zip_code,
        "city": view.city,
        "protected_identity": view.protected_identity,
    }
    return _store(Debtor, view.debtor_id, view.raw, values, lime_id)


def store_article(view: wire.Product, creditor: Creditor, *, lime_id: int | None = None) -> Article:
    """The product as fetched, of its creditor; its price is in kronor."""
    values: dict[str, Any] = {
        "creditor": creditor,
        "external_id": view.external_id,
        "article_number": view.article_number,
        "description": view.description[:500],
        "unit_price": view.unit_price,
        "vat_percent": view.vat_percent,
        "is_active": view.is_active,
        "deleted_at": None,
    }
    return _store(Article, view.product_id, view.raw, values, lime_id)


def _store(model: type[M], billecta_id: str, raw: Mapping[str, Any], values: dict[str, Any], lime_id: int | None) -> M:
    if lime_id is not None:
        values["lime_id"] = lime_id
    values |= {"view": raw}
    row, made = model.objects.get_or_create(billecta_id=billecta_id, defaults={**values, "fetched_at": timezone.now()})
    if isinstance(row, Debtor) and row.anonymised_at is not None:
        return row  # an attested invoice keeps the debtor as it was then, also at Billecta
    if not made and any(getattr(row, name) != value for name, value in values.items()):
        for name, value in {**values, "fetched_at": timezone.now()}.items():
            setattr(row, name, value)
        row.save()
    return row


def store_invoice(
    view: wire.InvoiceAction, payments: Sequence[payment_views.IncomingPayment] | None, creditor: Creditor, look: Look
) -> tuple[Invoice, list[LedgerEntry]]:
    """The invoice with its rows and payments as fetched, and an entry for each financial fact that is new.

    `payments` is what Billecta lists for the invoice, None when it was not asked. When they sum to its paid amount they are all
    that there are, and one that is known and not among them was taken back.

    Everything happens in one transaction under the invoice row's lock, so two looks at the same state post nothing twice.
    Raises StaleAnswer when what is stored was answered after this look began: which of the two is newer cannot be known.
    """
    with transaction.atomic():
        invoices = Invoice.objects.select_for_update(of=("self",)).select_related("order", "debtor", "creditor")
        invoice, made = invoices.get_or_create(billecta_id=view.action_id, defaults={"creditor": creditor})
        if not made and invoice.fetched_at > look.asked_at:
            raise StaleAnswer(invoice=view.action_id)
        attested_before = invoice.attested_at
        debtor = _debtor_of(view, creditor)
        _fill(invoice, view, debtor)
        invoice.fetched_at = look.answered_at
        invoice.save()
        if made or attested_before is None:
            _store_rows(invoice, view.records)
        rows = [_store_payment(invoice, payment) for payment in payments or ()]
        are_all = payments is not None and sum(row.amount_ore for row in rows) == invoice.paid_ore
        if are_all:
            _mark_withdrawn(invoice, rows)
        posted = entries.post(invoice, rows, Observed(_event_dates(view), look.source, all_payments=are_all))
        entries.keep_version(invoice)
        for entry in posted:
            log(
                f"invoice.{entry.kind}",
                limetype="invoice",
                lime_id=invoice.lime_id,
                billecta_id=invoice.billecta_id,
                amount_ore=entry.amount_ore,
                currency=entry.currency,
            )
    return invoice, posted


def _debtor_of(view: wire.InvoiceAction, creditor: Creditor) -> Debtor | None:
    """The invoice's debtor. What an issued invoice says of it is how it was then, which takes nothing from what is known now."""
    if view.debtor is None:
        return None
    known = Debtor.objects.filter(billecta_id=view.debtor.debtor_id).first() if view.state.attested is not None else None
    return known or store_debtor(view.debtor, creditor)


def mark_deleted(billecta_id: str) -> Invoice | None:
    """The draft is gone at Billecta: keep the row, say since when; None when it was never here."""
    invoice = Invoice.objects.filter(billecta_id=billecta_id).first()
    if invoice is None or invoice.deleted_at is not None:
        return invoice
    invoice.deleted_at = invoice.fetched_at = timezone.now()
    invoice.save(update_fields=["deleted_at", "fetched_at", "updated_at"])
    log("invoice.deleted", limetype="invoice", lime_id=invoice.lime_id, billecta_id=billecta_id)
    return invoice


def mark_article_deleted(product_id: str) -> None:
    """The product is gone at Billecta: keep the row, say since when."""
    now = timezone.now()
    Article.objects.filter(billecta_id=product_id, deleted_at=None).update(is_active=False, deleted_at=now, fetched_at=now, updated_at=now)


def _fill(invoice: Invoice, view: wire.InvoiceAction, debtor: Debtor | None) -> None:
    state = view.state
    invoice.debtor = debtor or invoice.debtor
    invoice.order = invoice.order or _order_of(view)
    invoice.invoice_number = view.invoice_number or next((issued.invoice_number for issued in view.invoices), "")
    invoice.ocr, invoice.file_id, invoice.external_reference = view.ocr, view.file_id, view.external_reference
    invoice.action_type, invoice.stage, invoice.delivery_method = str(view.action_type), str(state.stage), str(view.delivery_method)
    invoice.invoice_date, invoice.due_date, invoice.created_at = view.invoice_date, view.due_date, view.created
    invoice.attested_at, invoice.sent_at, invoice.closed_at = state.attested, state.invoice_sent, state.closed
    invoice.disputed_at, invoice.debt_collection_at, invoice.is_paused = state.disputed, state.sent_to_debt_collection, state.is_paused
    invoice.currency = view.invoiced_amount.currency if view.invoiced_amount else invoice.currency
    for field, amount in _amounts(view).items():
        setattr(invoice, field, amount.minor_units if amount else 0)
    invoice.flags = view.may
    invoice.view, invoice.deleted_at = kept_view(without_content(view.raw), invoice.debtor), None


def kept_view(raw: Mapping[str, Any], debtor: Debtor | None) -> dict[str, Any]:
    """What is kept of a view about an invoice or its payment: of an anonymised debtor's, nothing that tells of the person."""
    if debtor is None or debtor.anonymised_at is None:
        return dict(raw)
    kept: dict[str, Any] = without_person(raw, debtor.billecta_id)
    return kept


def _amounts(view: wire.InvoiceAction) -> dict[str, Amount | None]:
    return {
        "invoiced_ore": view.invoiced_amount,
        "current_ore": view.current_amount,
        "paid_ore": view.paid_amount,
        "credited_ore": view.credited_amount,
        "write_off_ore": view.write_off_amount,
        "vat_ore": view.total_vat_amount,
        "interest_ore": view.interest_amount,
        "rounding_ore": view.cent_rounding_amount,
    }


def _order_of(view: wire.InvoiceAction) -> Order | None:
    link = RecordLink.objects.filter(limetype="order", billecta_id=view.action_id).first()
    return Order.objects.filter(lime_id=link.lime_id).first() if link else None


def _store_rows(invoice: Invoice, records: Iterable[wire.InvoiceRecord]) -> None:
    """The rows may change until the invoice is attested, so until then they are replaced."""
    InvoiceRow.objects.filter(invoice=invoice).delete()
    InvoiceRow.objects.bulk_create(
        [
            InvoiceRow(
                invoice=invoice,
                sequence=record.sequence_no,
                record_type=str(record.record_type),
                product_id=record.product_id,
                article_number=record.article_number,
                description=record.description[:500],
                quantity=record.quantity or 0,
                units=record.units,
                unit_price_ore=record.unit_price.minor_units if record.unit_price else 0,
                vat_percent=record.vat_percent,
                net_ore=record.total_excl_vat.minor_units if record.total_excl_vat else 0,
                gross_ore=record.total_incl_vat.minor_units if record.total_incl_vat else 0,
            )
            for record in records
        ]
    )


def _store_payment(invoice: Invoice, view: payment_views.IncomingPayment) -> Payment:
    values: dict[str, Any] = {
        "invoice": invoice,
        "amount_ore": view.amount.minor_units,
        "currency": view.amount.currency,
        "payment_date": view.payment_date,
        "created_at": view.created,
        "payment_mean": view.payment_mean_code,
        "ocr": view.ocr,
        "created_by": view.created_by,
        "is_reminder_payment": view.is_reminder_payment,
        "withdrawn_at": None,
    }
    return _store(Payment, view.payment_reference_id, kept_view(view.raw, invoice.debtor), values, None)


def _mark_withdrawn(invoice: Invoice, listed: Iterable[Payment]) -> None:
    now, kept = timezone.now(), [payment.pk for payment in listed]
    invoice.payments.filter(withdrawn_at=None).exclude(pk__in=kept).update(withdrawn_at=now, updated_at=now)


def _event_dates(view: wire.InvoiceAction) -> dict[str, date]:
    """The latest business day (Stockholm) on which each kind of total changed, where the action's history tells."""
    days: dict[str, date] = {}
    for event in view.events:
        kind = DATED_BY_EVENT.get(event.event_type)
        if kind and event.has_occurred and event.event_date:
            day = timezone.localdate(event.event_date)
            days[kind] = max(day, days.get(kind, day))
    return days
