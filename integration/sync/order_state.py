"""What an order is worth showing as: the facts of its mirror and its work, as one status and one text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from integration.mapping.order_status import OrderFacts, OrderStatus, order_status
from integration.models import Invoice, InvoiceVersion, Order, SyncRecord

Status = SyncRecord.Status
COMMANDS = (
    "upsert-orders-in-billecta",
    "attest-orders-in-billecta",
    "cancel-orders-in-billecta",
    "delete-orders-in-billecta",
    "credit-orders-in-billecta",
)

RUNNING = frozenset({Status.PENDING, Status.IN_FLIGHT, Status.WAITING_RETRY})
GOOD = frozenset({Status.SUCCEEDED, Status.SKIPPED})
ENDED = GOOD | {Status.FAILED, Status.NEEDS_DECISION}


@dataclass(frozen=True)
class OrderState:
    """The status that Lime shows and the error text beside it (empty unless the last work failed)."""

    status: OrderStatus
    error: str = ""


def of(order: Order) -> OrderState:
    """The state of an order now."""
    work = SyncRecord.objects.filter(limetype="order", lime_id=order.lime_id, kind__in=COMMANDS).order_by("-pk")
    states = list(work.values_list("status", "message", "finished_at"))
    running = any(status in RUNNING for status, _message, _ended in states)
    last, message, ended = next((state for state in states if state[0] in ENDED), (Status.SUCCEEDED, "", None))
    invoice = Invoice.objects.filter(billecta_id=order.billecta_id).defer("view").first() if order.billecta_id else None
    failed = last not in GOOD
    overtaken = failed and invoice is not None and _has_changed_since(invoice, ended)
    shown = order_status(_facts(order, invoice, running=running, failed=failed, overtaken=overtaken))
    return OrderState(shown, message if shown == OrderStatus.ERROR else "")


def _has_changed_since(invoice: Invoice, moment: datetime | None) -> bool:
    """Whether Billecta has told of a new state since work failed; work that needs a decision has not ended at any moment."""
    return moment is not None and InvoiceVersion.objects.filter(invoice=invoice, recorded_at__gt=moment).exists()


def _facts(order: Order, invoice: Invoice | None, *, running: bool, failed: bool, overtaken: bool) -> OrderFacts:
    if invoice is None or order.withdrawn:
        cancelled, deleted = (order.withdrawn == how for how in (Order.Withdrawn.CANCELLED, Order.Withdrawn.DELETED))
        return OrderFacts(has_open_work=running, last_failed=failed, cancelled=cancelled, deleted=deleted)
    return OrderFacts(
        has_open_work=running,
        last_failed=failed,
        changed_since_failure=overtaken,
        draft=invoice.attested_at is None,
        attested_date=timezone.localdate(invoice.attested_at) if invoice.attested_at else None,
        sent_date=timezone.localdate(invoice.sent_at) if invoice.sent_at else None,
        debt_collection_date=timezone.localdate(invoice.debt_collection_at) if invoice.debt_collection_at else None,
        invoiced_ore=invoice.invoiced_ore,
        current_ore=invoice.current_ore,
        paid_ore=invoice.paid_ore,
        credited_ore=invoice.credited_ore,
        written_off_ore=invoice.write_off_ore,
        deleted=invoice.deleted_at is not None,
    )
