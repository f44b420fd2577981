"""What happens when Billecta tells of an invoice: the truth is fetched, kept, and carried to Lime."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from integration.errors import RemoteNotFound
from integration.handlers.table import PULL_INVOICE
from integration.ledger import Done, Kind, LaneMoved, Nothing, Outcome, Work, registry
from integration.models.ledger import Queue
from integration.sync.absence import ensure_gone
from integration.sync.invoices import fetch_and_store, stop_when_payments_are_missing
from integration.sync.lime_writes import plan_order
from integration.sync.links import action_lanes
from integration.sync.mirror import mark_deleted


def register() -> None:
    """Put the work of this module in the ledger's registry."""
    title = _("Fetch an invoice from Billecta")
    registry.add_kind(Kind(PULL_INVOICE, Queue.INGEST, pull_invoice, collapsible=True, calls={"billecta": 2}, title=title))


def pull_invoice(work: Work) -> Outcome:
    """Fetch one invoice and store what is new; a draft that is gone is marked as deleted, nothing is deleted in Lime."""
    action_id = work.record.billecta_id
    lane = action_lanes([action_id])[action_id]
    if lane != work.record.entity_key:
        raise LaneMoved(lane)
    try:
        found = fetch_and_store(action_id)
    except RemoteNotFound:
        return _gone(action_id)
    stop_when_payments_are_missing(found)
    return Done(action_id, result={"stage": found.invoice.stage, "current_ore": found.invoice.current_ore})


def _gone(action_id: str) -> Outcome:
    ensure_gone(action_id)
    with transaction.atomic():
        invoice = mark_deleted(action_id)
        if invoice is None:
            return Nothing(action_id, result={"gone": True})
        if invoice.order is not None:
            plan_order(invoice.order.lime_id)
    return Done(action_id, result={"deleted": True})
