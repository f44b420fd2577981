"""Carries invoices, payments and order status to Lime, each object as a piece of work of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integration.errors import InvoiceNotAttested, RemoteNotFound
from integration.ledger.registry import Kind, registry
from integration.ledger.submit import Subject, submit_all_collapsed, submit_collapsed
from integration.ledger.work import Done, Nothing, Outcome, WaitFor, Work
from integration.mapping.engine import Mapped, content_hash, to_lime
from integration.mapping.order_status import OrderStatus
from integration.mapping.spec import Direction, MappingSpec
from integration.models import Invoice, InvoiceRow, LedgerEntry, Order, Payment, RecordLink
from integration.models.ledger import Queue
from integration.sync import lime_records, links, order_state, payment_entries
from integration.sync.lime_objects import Links, Target, Written, article_in_lime, bring_to, creditor_in_lime, debtor_in_lime, relation
from integration.sync.lime_records import LimeRecord
from integration.sync.lime_schema import lime_schema
from integration.sync.versions import published

WRITE_INVOICE, WRITE_PAYMENT, WRITE_ORDER = "write-invoice-to-lime", "write-payment-to-lime", "write-order-to-lime"
ERROR_LENGTH = 512


def register() -> None:
    """Put the kinds of work of this module in the ledger's registry."""
    for name, execute, calls, title in (
        (WRITE_INVOICE, write_invoice, 4, _("Write an invoice to Lime")),
        (WRITE_PAYMENT, write_payment, 2, _("Write a payment to Lime")),
        (WRITE_ORDER, write_order, 1, _("Write an order's status to Lime")),
    ):
        registry.add_kind(Kind(name, Queue.OUTBOUND, execute, collapsible=True, calls={"lime": calls}, title=title))


def plan(invoice: Invoice, posted: Iterable[LedgerEntry] = ()) -> None:
    """Submit what an invoice means for Lime: the invoice itself once it is attested, its new payments, its order's status.

    `posted` are the entries of this look: a payment that was just posted is new, or Lime has it on the invoice it was moved from.

    Call inside the transaction that stored the mirror. Payments and the order wait for the invoice where Lime has none yet.
    """
    creditor_id, payments = invoice.creditor.billecta_id, _payments_to_write(invoice, posted)
    wanted = [(WRITE_PAYMENT, _subject("payment", payment_id, creditor_id)) for payment_id in payments]
    if invoice.attested_at is not None:
        wanted.append((WRITE_INVOICE, _subject("invoice", invoice.billecta_id, creditor_id)))
    if invoice.order is not None:
        wanted.append((WRITE_ORDER, _order_subject(invoice.order.lime_id)))
    planned = submit_all_collapsed(wanted)
    if invoice.attested_at is not None and invoice.lime_id is None:
        first = planned.pop((WRITE_INVOICE, links.lime_lane("invoice", invoice.billecta_id)))
        first.dependants.add(*planned.values())


def _payments_to_write(invoice: Invoice, posted: Iterable[LedgerEntry]) -> list[str]:
    """The payments of an attested invoice that were just posted on it or have no counterpart in Lime yet."""
    if invoice.attested_at is None:
        return []
    linked = RecordLink.objects.filter(limetype="payment", creditor_id=invoice.creditor.billecta_id).values("billecta_id")
    fresh = [entry.reference for entry in posted if entry.kind in payment_entries.KINDS]
    waiting = ~Q(billecta_id__in=linked) | Q(billecta_id__in=fresh)
    return list(invoice.payments.filter(waiting, withdrawn_at=None).values_list("billecta_id", flat=True))


def plan_order(lime_id: int, *, settle: timedelta = timedelta(0)) -> None:
    """Submit the writing of an order's status to Lime."""
    plan_orders([lime_id], settle=settle)


def plan_orders(lime_ids: Sequence[int], *, settle: timedelta) -> None:
    """Submit the writing of many orders' status to Lime, in a few statements."""
    if lime_ids:
        submit_collapsed(WRITE_ORDER, [_order_subject(lime_id) for lime_id in lime_ids], settle=settle)


def _order_subject(lime_id: int) -> Subject:
    return Subject(entity_key=links.lime_lane("order", lime_id), limetype="order", lime_id=lime_id)


def _subject(limetype: str, billecta_id: str, creditor_id: str) -> Subject:
    return Subject(entity_key=links.lime_lane(limetype, billecta_id), limetype=limetype, billecta_id=billecta_id, creditor_id=creditor_id)


def write_invoice(work: Work) -> Outcome:
    """Make the Lime invoice and its rows as the mirror says. A draft is not an invoice in Lime."""
    invoice = Invoice.objects.select_related("creditor", "debtor").prefetch_related("rows").get(billecta_id=work.record.billecta_id)
    if invoice.attested_at is None:
        return Nothing(invoice.billecta_id)
    _version, spec = published()
    creditor_id = invoice.creditor.billecta_id
    mapped = to_lime(spec, "invoice", invoice.view, schema=lime_schema())
    linked = _links_of(invoice)
    values = {**mapped.values, **_invoice_links(spec, invoice, linked)}
    written = bring_to(work, spec, Target("invoice", creditor_id, invoice.billecta_id, values), linked)
    if invoice.lime_id != written.lime_id:
        Invoice.objects.filter(pk=invoice.pk).update(lime_id=written.lime_id)
    rows = _write_rows(work, spec, invoice, written, linked)
    outcome = Done if written.wrote or rows else Nothing
    return outcome(invoice.billecta_id, result={"lime_id": written.lime_id, "rows_written": rows, **_left_out(mapped)})


def _links_of(invoice: Invoice) -> Links:
    """The links of an invoice and of all that it refers to: its rows, their articles, creditor and debtor."""
    parties = [invoice.creditor.billecta_id, invoice.debtor.billecta_id if invoice.debtor else ""]
    rows = [name for row in invoice.rows.all() for name in (_row_id(invoice, row), row.product_id)]
    return links.known(invoice.creditor.billecta_id, [invoice.billecta_id, *parties, *rows])


def _row_id(invoice: Invoice, row: InvoiceRow) -> str:
    return f"{invoice.billecta_id}:{row.sequence}"


def _invoice_links(spec: MappingSpec, invoice: Invoice, linked: Links) -> dict[str, Any]:
    creditor_id = invoice.creditor.billecta_id
    order = linked.get(("order", invoice.billecta_id))
    debtor_id = debtor_in_lime(spec, creditor_id, invoice.debtor.billecta_id, linked) if invoice.debtor else None
    return {
        **({field: invoice.billecta_id} if (field := spec.link("invoice", "billecta_id")) else {}),
        **relation(spec, "invoice", "creditor", creditor_in_lime(spec, creditor_id, linked)),
        **relation(spec, "invoice", "debtor", debtor_id),
        **relation(spec, "invoice", "order", order.lime_id if order else None),
    }


def _write_rows(work: Work, spec: MappingSpec, invoice: Invoice, parent: Written, linked: Links) -> int:
    """Write each row that differs; returns how many were written. A row is known by its invoice and SequenceNo."""
    creditor_id = invoice.creditor.billecta_id
    views = {record["SequenceNo"]: record for record in invoice.view.get("Records") or []}
    existing: dict[int, LimeRecord] | None = {} if parent.created else None
    written = 0
    for row in invoice.rows.all():
        values = {
            **to_lime(spec, "invoicerow", views.get(row.sequence, {}), schema=lime_schema()).values,
            **relation(spec, "invoicerow", "invoice", parent.lime_id),
            **relation(spec, "invoicerow", "article", article_in_lime(spec, creditor_id, row.product_id, linked)),
        }
        target = Target("invoicerow", creditor_id, _row_id(invoice, row), values)

        def look(sequence: int = row.sequence) -> LimeRecord | None:
            nonlocal existing
            if existing is None:
                existing = _rows_in_lime(spec, parent.lime_id)
            return existing.get(sequence)

        unresolved = f"create_invoicerow:{target.billecta_id}" in work.record.open_writes
        if unresolved:
            existing = None
        written += bring_to(work, spec, target, linked, look=look, look_first=not parent.created).wrote
    return written


def _rows_in_lime(spec: MappingSpec, invoice_lime_id: int) -> dict[int, LimeRecord]:
    number = spec.lime_field(Direction.TO_LIME, "invoicerow", "SequenceNo")
    parent = spec.link("invoicerow", "invoice")
    if not number or not parent:
        return {}
    rows = lime_records.find(spec.limetype("invoicerow"), parent, invoice_lime_id)
    return {int(row.values[number]): row for row in rows if row.values.get(number) is not None}


def write_payment(work: Work) -> Outcome:
    """Make the Lime payment as the mirror says; it needs its invoice in Lime first. Raises InvoiceNotAttested."""
    payment = Payment.objects.select_related("invoice__creditor").get(billecta_id=work.record.billecta_id)
    _version, spec = published()
    creditor_id = payment.invoice.creditor.billecta_id
    linked = links.known(creditor_id, [payment.invoice.billecta_id, payment.billecta_id])
    if payment.withdrawn_at is not None and ("payment", payment.billecta_id) not in linked:
        return Nothing(payment.billecta_id, result={"withdrawn": True})
    invoice = linked.get(("invoice", payment.invoice.billecta_id))
    if invoice is None:
        if payment.invoice.attested_at is None:
            raise InvoiceNotAttested(invoice=payment.invoice.billecta_id)
        raise WaitFor(submit_collapsed(WRITE_INVOICE, [_subject("invoice", payment.invoice.billecta_id, creditor_id)]).values())
    mapped = to_lime(spec, "payment", payment.view, schema=lime_schema())
    values = {
        **mapped.values,
        **({field: payment.billecta_id} if (field := spec.link("payment", "billecta_id")) else {}),
        **relation(spec, "payment", "invoice", invoice.lime_id),
    }
    written = bring_to(work, spec, Target("payment", creditor_id, payment.billecta_id, values), linked)
    if payment.lime_id != written.lime_id:
        Payment.objects.filter(pk=payment.pk).update(lime_id=written.lime_id)
    return (Done if written.wrote else Nothing)(payment.billecta_id, result={"lime_id": written.lime_id, **_left_out(mapped)})


def _left_out(mapped: Mapped) -> dict[str, list[str]]:
    """Values that Lime cannot hold (too long, no such option) are left out of the write and named in its result."""
    return {"left_out": [problem.message for problem in mapped.problems]} if mapped.problems else {}


def write_order(work: Work) -> Outcome:
    """Write what Lime shows of an order: Billecta's id, the status, the error, the invoice.

    An order that is in neither system was named by mistake: nobody is to be shown anything.
    """
    lime_id = work.record.lime_id or 0
    _version, spec = published()
    order = Order.objects.filter(lime_id=lime_id).first() or Order(lime_id=lime_id)
    state = order_state.of(order)
    values = _order_values(spec, order, state)
    digest = content_hash(values)
    if order.written_hash == digest:
        return Nothing(order.billecta_id)
    try:
        lime_records.update(spec.limetype("order"), lime_id, values)
    except RemoteNotFound:
        if order.billecta_id:
            raise
        return Nothing(result={"gone": True})
    shown = {"status": state.status, "error": state.error, "written_hash": digest}
    Order.objects.update_or_create(lime_id=lime_id, defaults=shown)
    return Done(order.billecta_id, result={"status": state.status})


def _order_values(spec: MappingSpec, order: Order, state: order_state.OrderState) -> dict[str, Any]:
    """An id that the portal does not know is left alone: Lime may hold one of the package that the portal replaces."""
    values: dict[str, Any] = {"status": _status_key(spec, state.status), "error": state.error[:ERROR_LENGTH]}
    if order.billecta_id or order.withdrawn == Order.Withdrawn.DELETED:
        values["billecta_id"] = order.billecta_id
    invoice = links.find("invoice", billecta_id=order.billecta_id) if order.billecta_id else None
    named = {field: value for role, value in values.items() if (field := spec.link("order", role))}
    return {**named, **relation(spec, "order", "invoice", invoice.lime_id if invoice else None)}


def _status_key(spec: MappingSpec, status: OrderStatus) -> str:
    """The solution's own key: `order_status_keys` lists them in the order of `OrderStatus`."""
    keys = dict(zip(OrderStatus, spec.order_status_keys, strict=False))
    return keys.get(status, str(status))
