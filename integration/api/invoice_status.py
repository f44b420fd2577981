"""The one status of an invoice as SQL, so that lists can be filtered by it; the same rule as `mapping.order_status`."""

from __future__ import annotations

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Abs
from django.db.models.lookups import GreaterThanOrEqual

from integration.mapping.order_status import OrderStatus

VALUES = (
    OrderStatus.DELETED,
    OrderStatus.CREATED,
    OrderStatus.DEBT_COLLECTION,
    OrderStatus.PAID,
    OrderStatus.CREDITED,
    OrderStatus.WRITTEN_OFF,
    OrderStatus.SENT,
    OrderStatus.ATTESTED,
)


def invoice_status() -> Case:
    """An expression over Invoice that gives one of `VALUES`."""
    left = Q(invoiced_ore__lt=0, current_ore__lt=0) | Q(invoiced_ore__gte=0, current_ore__gt=0)
    paid, credited, written_off = Abs("paid_ore"), Abs("credited_ore"), Abs("write_off_ore")
    paid_most = Q(GreaterThanOrEqual(paid, credited)) & Q(GreaterThanOrEqual(paid, written_off)) & ~Q(paid_ore=0)
    credited_most = Q(GreaterThanOrEqual(credited, written_off)) & ~Q(credited_ore=0)
    return Case(
        _when(Q(deleted_at__isnull=False), OrderStatus.DELETED),
        _when(Q(attested_at=None), OrderStatus.CREATED),
        _when(left & Q(debt_collection_at__isnull=False), OrderStatus.DEBT_COLLECTION),
        _when(~left & paid_most, OrderStatus.PAID),
        _when(~left & credited_most, OrderStatus.CREDITED),
        _when(~left & ~Q(write_off_ore=0), OrderStatus.WRITTEN_OFF),
        _when(Q(sent_at__isnull=False), OrderStatus.SENT),
        default=Value(OrderStatus.ATTESTED.value),
        output_field=CharField(),
    )


def _when(condition: Q, status: OrderStatus) -> When:
    return When(condition, then=Value(status.value))
