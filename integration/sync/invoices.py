"""Looks at one invoice in Billecta and makes the portal know what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from integration.billecta import payment_views, wire
from integration.errors import PaymentsIncomplete, StaleAnswer
from integration.models import Creditor, Invoice
from integration.money import ore_to_kronor
from integration.sync import lime_writes, payment_entries
from integration.sync.mirror import Look, store_creditor, store_invoice
from integration.sync.systems import billecta

# The listing wants a span of days and (assumed) means the day of payment. That day may be long before the invoice, when money
# that lay unmatched or was paid too much is used on it, or ahead, when it was registered for a coming day. The invoice's id
# bounds the answer, so the span is as wide as accounts are kept.
YEARS_BACK, YEARS_AHEAD = 10, 2


@dataclass(frozen=True)
class Found:
    """An invoice as it was stored, and the sum of the payments that Billecta lists for it (öre)."""

    invoice: Invoice
    listed_ore: int


def fetch_and_store(action_id: str, creditor: Creditor | None = None, *, source: str = "webhook") -> Found:
    """Fetch an invoice, and its payments when its paid amount is not what is known; store both; plan what Lime must get.

    One call for the invoice, one more when a payment is new. An answer that another look overtook is not stored: it is looked
    again, once. Raises RemoteNotFound when Billecta has no such invoice, StaleAnswer when the second look is overtaken too.
    """
    try:
        return _look(action_id, creditor, source)
    except StaleAnswer:
        return _look(action_id, creditor, source)


def stop_when_payments_are_missing(found: Found) -> None:
    """A payment that is counted but not listed yet, or listed but no longer counted, must not be lost: look again later.

    Raises PaymentsIncomplete.
    """
    paid, listed = found.invoice.paid_ore, found.listed_ore
    if listed != paid:
        raise PaymentsIncomplete(paid=f"{ore_to_kronor(paid):.2f}", listed=f"{ore_to_kronor(listed):.2f}", currency=found.invoice.currency)


def _look(action_id: str, creditor: Creditor | None, source: str) -> Found:
    asked_at = timezone.now()
    view = billecta().get_invoice(action_id)
    creditor = creditor or known_creditor(view.creditor_id)
    payments = listed_payments(view) if _paid_differs(view) else None
    look = Look(asked_at, answered_at=timezone.now(), source=source)
    with transaction.atomic():
        invoice, posted = store_invoice(view, payments, creditor, look)
        lime_writes.plan(invoice, posted)
    listed = invoice.paid_ore if payments is None else sum(payment.amount.minor_units for payment in payments)
    return Found(invoice, listed)


def known_creditor(creditor_id: str, *, lime_id: int | None = None) -> Creditor:
    """The creditor's mirror row, fetched from Billecta when it is new to the portal."""
    return Creditor.objects.filter(billecta_id=creditor_id).first() or store_creditor(billecta().get_creditor(creditor_id), lime_id=lime_id)


def _paid_differs(view: wire.InvoiceAction) -> bool:
    return payment_entries.paid_ore(view.action_id) != (view.paid_amount.minor_units if view.paid_amount else 0)


def listed_payments(view: wire.InvoiceAction) -> list[payment_views.IncomingPayment]:
    """All payments that Billecta lists for one invoice, whenever they were made: one call."""
    year = timezone.localdate().year
    first, last = date(year - YEARS_BACK, 1, 1), date(year + YEARS_AHEAD, 12, 31)
    listed = billecta().incoming_payments(view.creditor_id, first, last, actions=[view.action_id])
    return [payment for payment in listed if payment.action_id == view.action_id]
