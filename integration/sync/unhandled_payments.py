"""Money that is on no invoice: fetched for a whole creditor at once, since Billecta lists only what is still unhandled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integration.billecta import payment_views
from integration.billecta.enums import UnhandledPaymentState
from integration.ledger.log import log
from integration.models import Creditor, Debtor, Invoice, UnhandledPayment
from integration.sync.systems import billecta


def fetch_and_store(creditor: Creditor) -> list[payment_views.UnhandledPayment]:
    """Fetch a creditor's unhandled payments and store them; what is no longer listed is marked as handled. One call.

    Looks that overlap may be stored in either order: a row that another look stored after this one asked is left alone.
    """
    asked_at = timezone.now()
    listed = unhandled_of(creditor.billecta_id)
    with transaction.atomic():
        known = {
            row.billecta_id: row
            for row in UnhandledPayment.objects.select_for_update(of=("self",)).filter(
                billecta_id__in=[view.unhandled_payment_id for view in listed]
            )
        }
        hidden = _of_protected(listed)
        for view in listed:
            sender = "" if view.unhandled_payment_id in hidden else view.sender_name
            _store(known.get(view.unhandled_payment_id), view, sender, creditor, asked_at)
        _mark_handled(creditor, listed, asked_at)
    return listed


def unhandled_of(creditor_id: str) -> list[payment_views.UnhandledPayment]:
    """A creditor's payments that are on no invoice now. One call; whether others are listed too is not known, so they are left out."""
    listed = billecta().unhandled_payments(creditor_id)
    return [view for view in listed if view.state == UnhandledPaymentState.UNHANDLED]


def _of_protected(listed: Iterable[payment_views.UnhandledPayment]) -> set[str]:
    """Which payments are known to come from a debtor who is protected or anonymised; of those no name is kept."""
    debtors = {view.unhandled_payment_id: view.debtor_id for view in listed}
    invoices = {view.unhandled_payment_id: view.overpayment.action_id for view in listed if view.overpayment}
    nameless = Debtor.objects.filter(Q(protected_identity=True) | Q(anonymised_at__isnull=False))
    protected = set(nameless.filter(billecta_id__in=debtors.values()).values_list("billecta_id", flat=True))
    overpaid = Invoice.objects.filter(debtor__in=nameless, billecta_id__in=invoices.values())
    theirs = set(overpaid.values_list("billecta_id", flat=True))
    return {payment for payment, debtor in debtors.items() if debtor in protected or invoices.get(payment) in theirs}


def _store(row: UnhandledPayment | None, view: payment_views.UnhandledPayment, sender: str, creditor: Creditor, asked_at: datetime) -> None:
    if row is not None and row.fetched_at > asked_at:
        return
    is_new = row is None
    row = row or UnhandledPayment(billecta_id=view.unhandled_payment_id)
    row.creditor = creditor
    row.amount_ore, row.currency = view.amount.minor_units, view.amount.currency
    row.payment_date, row.reference, row.sender = view.payment_date, view.reference[:200], sender[:200]
    row.payment_type, row.state = str(view.kind), str(view.state)
    row.overpaid_action = view.overpayment.action_id if view.overpayment else ""
    row.handled_at, row.fetched_at = None, timezone.now()
    row.save()
    if is_new:
        log(
            "payment.unhandled",
            billecta_id=row.billecta_id,
            creditor=creditor.billecta_id,
            amount_ore=row.amount_ore,
            currency=row.currency,
        )


def _mark_handled(creditor: Creditor, listed: Iterable[payment_views.UnhandledPayment], asked_at: datetime) -> None:
    now = timezone.now()
    gone = UnhandledPayment.objects.filter(creditor=creditor, handled_at=None, fetched_at__lte=asked_at)
    gone.exclude(billecta_id__in=[view.unhandled_payment_id for view in listed]).update(handled_at=now, fetched_at=now, updated_at=now)
