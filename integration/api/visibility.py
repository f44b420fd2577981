"""What a key that is limited to some creditors may see: their objects, and of everything else not even that it exists."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from rest_framework.request import Request

from integration.api.authentication import creditors_of, key_of
from integration.models import Batch, Order, SyncRecord

M = TypeVar("M", bound=Model)


def limited(rows: QuerySet[M], request: Request, creditor_path: str) -> QuerySet[M]:
    """Those of `rows` that the caller may see. `creditor_path` leads to the creditor's public id."""
    creditors = creditors_of(request)
    return rows.filter(**{f"{creditor_path}__in": creditors}) if creditors else rows


def limited_work(rows: QuerySet[SyncRecord], request: Request) -> QuerySet[SyncRecord]:
    """Those pieces of work that the caller may see. Work on an order names no creditor: it belongs where the order does."""
    creditors = creditors_of(request)
    if not creditors:
        return rows
    own_orders = Order.objects.filter(creditor__billecta_id__in=creditors).values("lime_id")
    return rows.filter(Q(creditor_id__in=creditors) | Q(creditor_id="", limetype="order", lime_id__in=own_orders))


def limited_batches(rows: QuerySet[Batch], request: Request) -> QuerySet[Batch]:
    """Those tasks that the caller may see: its own, and those in which every object is visible to it."""
    holder = key_of(request)
    if holder is None or not holder.creditors:
        return rows
    work = SyncRecord.objects.filter(batch=OuterRef("pk"))
    hidden = work.exclude(pk__in=limited_work(SyncRecord.objects.all(), request).values("pk"))
    return rows.filter(Q(api_key=holder.id) | (Exists(work) & ~Exists(hidden)))
