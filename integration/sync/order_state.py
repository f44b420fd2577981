"""What an order is worth showing as: the facts of its mirror and its work, as one status and one text."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from integration.mapping.order_status import OrderFacts, OrderStatus, order_status
from integration.models import Invoice, Order, SyncRecord

Status = SyncRecord.Status
COMMANDS = (
    "upsert-orders-in-billecta",
    "attest-orders-in-billecta",
    "cancel-orders-in-billecta",
    "delete-orders-in-billecta",
    "credit-orders-in-billecta",
)


@dataclass(frozen=True)
class OrderState:
    """The status that Lime shows and the error text beside it (empty unless the last work failed)."""

    status: OrderStatus
    error: str = ""


def of(order: Order) -> OrderState:
    """The state of an order now."""
    work = SyncRecord.objects.filter(limetype="order", lime_id=order.lime_id, kind__in=COMMANDS)
    running = work.filter(status__in=[Status.PENDING, Status.IN_FLIGHT, Status.WAITING_RETRY]).exists()
    last = work.filter(status__in=[Status.SUCCEEDED, Status.FAILED, Status.NEEDS_DECISION]).order_by("-pk").first()
    failed = last if last is not None and last.status != Status.SUCCEEDED else None
    invoice = Invoice.objects.filter(billecta_id=order.billecta_id).first() if order.billecta_id else None
    status = order_status(_facts(invoice, running=running, failed=failed is not None))
    return OrderState(status, failed.message if failed and status == OrderStatus.ERROR else "")


def _facts(invoice: Invoice | None, *, running: bool, failed: bool) -> OrderFacts:
    if invoice is None:
        return OrderFacts(has_open_work=running, last_failed=failed)
    return OrderFacts(
        has_open_work=running,
        last_failed=failed,
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
