"""Looks at one invoice in Billecta and makes the portal know what it found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from integration.billecta import payment_views, wire
from integration.models import Creditor, Invoice, Payment
from integration.sync import lime_writes
from integration.sync.mirror import store_creditor, store_invoice
from integration.sync.systems import billecta


def fetch_and_store(action_id: str, creditor: Creditor | None = None, *, source: str = "webhook") -> Invoice:
    """Fetch an invoice, and its payments when its paid amount is not what is known; store both; plan what Lime must get.

    One call for the invoice, one more when a payment is new. Raises RemoteNotFound when Billecta has no such invoice.
    """
    view = billecta().get_invoice(action_id)
    creditor = creditor or known_creditor(view.creditor_id)
    payments = _payments(view) if _paid_differs(view) else []
    with transaction.atomic():
        invoice, _posted = store_invoice(view, payments, creditor, source=source)
        lime_writes.plan(invoice)
    return invoice


def known_creditor(creditor_id: str, *, lime_id: int | None = None) -> Creditor:
    """The creditor's mirror row, fetched from Billecta when it is new to the portal."""
    return Creditor.objects.filter(billecta_id=creditor_id).first() or store_creditor(billecta().get_creditor(creditor_id), lime_id=lime_id)


def _paid_differs(view: wire.InvoiceAction) -> bool:
    known = Payment.objects.filter(invoice__billecta_id=view.action_id).aggregate(total=Sum("amount_ore"))["total"] or 0
    return known != (view.paid_amount.minor_units if view.paid_amount else 0)


def _payments(view: wire.InvoiceAction) -> Iterable[payment_views.IncomingPayment]:
    """The payments of one invoice: from the day before it was made until tomorrow, since either end may be inclusive or not."""
    today = timezone.localdate()
    since = timezone.localdate(view.created) if view.created else today
    listed = billecta().incoming_payments(view.creditor_id, since - timedelta(days=1), today + timedelta(days=1), actions=[view.action_id])
    return [payment for payment in listed if payment.action_id == view.action_id]
