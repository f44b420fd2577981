"""Looks at one debt-collection case in Billecta and keeps what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from integration.billecta import payment_views
from integration.billecta.amounts import Amount
from integration.errors import StaleAnswer
from integration.ledger.log import log
from integration.models import Creditor, DebtCollectionCase, Debtor, Invoice
from integration.sync.invoices import known_creditor
from integration.sync.mirror import kept_view
from integration.sync.systems import billecta


def fetch_and_store_case(case_id: str) -> DebtCollectionCase:
    """Fetch a case and store it beside its invoice, as far as the portal knows that.

    An answer that another look overtook is not stored: it is looked again, once. Raises RemoteNotFound when Billecta has no such
    case, StaleAnswer when the second look is overtaken too.
    """
    try:
        return _look(case_id)
    except StaleAnswer:
        return _look(case_id)


def fetch_and_store_cases_of(invoice: Invoice) -> None:
    """Do so for the case that the invoice names and for those of it that were open when last seen."""
    named = str(invoice.view.get("DebtCollectionActionPublicId") or "")
    open_ones = set(invoice.debt_collection_cases.filter(closed_at=None).values_list("billecta_id", flat=True))
    for case_id in sorted({named, *open_ones} - {""}):
        fetch_and_store_case(case_id)


def _look(case_id: str) -> DebtCollectionCase:
    asked_at = timezone.now()
    view = billecta().get_debt_collection(case_id)
    creditor = known_creditor(view.creditor_id)
    return store_case(view, creditor, asked_at=asked_at, answered_at=timezone.now())


def store_case(
    view: payment_views.DebtCollectionCase, creditor: Creditor, *, asked_at: datetime, answered_at: datetime
) -> DebtCollectionCase:
    """The case as fetched. Raises StaleAnswer when what is stored was answered after this look began (both UTC)."""
    with transaction.atomic():
        cases = DebtCollectionCase.objects.select_for_update(of=("self",))
        case, made = cases.get_or_create(billecta_id=view.action_id, defaults={"creditor": creditor})
        if not made and case.fetched_at > asked_at:
            raise StaleAnswer(invoice=view.source_action_id)
        before = None if made else (case.stage, case.is_paused)
        _fill(case, view)
        case.fetched_at = answered_at
        case.save()
        if before != (case.stage, case.is_paused):
            _tell(case)
    return case


def _fill(case: DebtCollectionCase, view: payment_views.DebtCollectionCase) -> None:
    state = view.state
    case.invoice = Invoice.objects.filter(billecta_id=view.source_action_id).first() if view.source_action_id else None
    case.debtor = _debtor_of(case, view)
    case.stage, case.is_paused, case.closed_at = str(state.stage), state.is_paused, state.closed
    case.start_level, case.end_level = str(view.start_level), str(view.end_level)
    case.created_at, case.disputed_at = view.created, state.disputed
    case.claim_sent_at = state.debt_collection_invoice_sent or state.late_payment_invoice_sent
    case.bailiff_at = state.sent_to_enforcement or state.sent_to_bailiff
    for field, amount in _amounts(view).items():
        setattr(case, field, amount.minor_units if amount else 0)
    case.currency = view.current_amount.currency if view.current_amount else case.currency
    is_anonymised = case.debtor is not None and case.debtor.anonymised_at is not None
    case.reason = "" if is_anonymised else view.reason
    case.view = {**kept_view(view.raw, case.debtor), "ReasonDescription": case.reason}


def _debtor_of(case: DebtCollectionCase, view: payment_views.DebtCollectionCase) -> Debtor | None:
    if case.invoice is not None:
        return case.invoice.debtor
    return Debtor.objects.filter(billecta_id=view.debtor_id).first() if view.debtor_id else None


def _amounts(view: payment_views.DebtCollectionCase) -> dict[str, Amount | None]:
    return {
        "original_ore": view.original_amount,
        "debt_ore": view.debt_amount,
        "fee_ore": view.fee_amount,
        "interest_ore": view.interest_amount,
        "current_ore": view.current_amount,
    }


def _tell(case: DebtCollectionCase) -> None:
    about: dict[str, Any] = (
        {"limetype": "invoice", "lime_id": case.invoice.lime_id, "billecta_id": case.invoice.billecta_id} if case.invoice else {}
    )
    log("debt_collection.changed", **about, case=case.billecta_id, stage=case.stage, is_paused=case.is_paused)
