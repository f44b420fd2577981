"""Posts payments as dated entries, each once by its invoice and PaymentReferenceId, and takes back what Billecta took back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Max, Q, Sum
from django.utils import timezone

from integration.models import Invoice, LedgerEntry, Payment

Kind, Basis = LedgerEntry.Kind, LedgerEntry.Basis
KINDS = (Kind.PAYMENT, Kind.REFUND)
OF_PAYMENTS = Q(kind__in=KINDS) | Q(reverses__in=KINDS)


@dataclass
class _Posted:
    """What the entries of one invoice say of one payment: its amount (öre, as paid) and the last sequence of each kind of entry."""

    payment_id: int | None = None
    currency: str = ""
    ore: int = 0
    last: Counter[tuple[str, str]] = field(default_factory=Counter)


def paid_ore(action_id: str) -> int:
    """What the entries say is paid on an invoice, by its Billecta id."""
    posted = LedgerEntry.objects.filter(OF_PAYMENTS, invoice__billecta_id=action_id).aggregate(total=Sum("amount_ore"))["total"]
    return -(posted or 0)


def differences(invoice: Invoice, payments: Iterable[Payment], *, source: str, are_all: bool) -> list[LedgerEntry]:
    """The entries, not saved yet, that bring what is posted of an invoice's payments to what `payments` say.

    A payment whose amount has changed is taken back and posted anew. With `are_all`, one that is posted and not among the
    payments is taken back: it was withdrawn, or it is on another invoice now.
    """
    listed = {payment.billecta_id: payment for payment in payments}
    if not listed and not are_all:
        return []
    posted = _posted(invoice)
    gone = [reference for reference in posted if reference not in listed] if are_all else []
    return [
        *(entry for reference in gone for entry in _taken_back(invoice, reference, posted[reference], source)),
        *(entry for payment in listed.values() for entry in _brought_to(invoice, payment, posted, source)),
    ]


def _posted(invoice: Invoice) -> dict[str, _Posted]:
    posted: dict[str, _Posted] = {}
    rows = LedgerEntry.objects.filter(OF_PAYMENTS, invoice=invoice).order_by("reference")
    for row in rows.values("reference", "payment", "currency", "kind", "reverses").annotate(ore=Sum("amount_ore"), last=Max("sequence")):
        so_far = posted.setdefault(row["reference"], _Posted(row["payment"], row["currency"]))
        so_far.ore -= row["ore"]
        so_far.last[row["kind"], row["reverses"]] = row["last"]
    return posted


def _brought_to(invoice: Invoice, payment: Payment, posted: dict[str, _Posted], source: str) -> Iterator[LedgerEntry]:
    so_far = posted.get(payment.billecta_id, _Posted())
    if so_far.ore == payment.amount_ore:
        return
    yield from _taken_back(invoice, payment.billecta_id, so_far, source)
    kind = _kind(payment.amount_ore)
    yield LedgerEntry(
        creditor_id=invoice.creditor_id,
        debtor_id=invoice.debtor_id,
        invoice=invoice,
        payment=payment,
        kind=kind,
        sequence=so_far.last[kind, ""] + 1,
        reference=payment.billecta_id,
        amount_ore=-payment.amount_ore,
        currency=payment.currency,
        business_date=payment.payment_date or timezone.localdate(),
        date_basis=Basis.PAYMENT_DATE if payment.payment_date else Basis.OBSERVED,
        source=source,
    )


def _taken_back(invoice: Invoice, reference: str, so_far: _Posted, source: str) -> Iterator[LedgerEntry]:
    """Billecta does not say when, so it is dated the day that it was seen."""
    if so_far.ore == 0:
        return
    reverses = _kind(so_far.ore)
    yield LedgerEntry(
        creditor_id=invoice.creditor_id,
        debtor_id=invoice.debtor_id,
        invoice=invoice,
        payment_id=so_far.payment_id,
        kind=Kind.REVERSAL,
        reverses=reverses,
        sequence=so_far.last[Kind.REVERSAL, reverses] + 1,
        reference=reference,
        amount_ore=so_far.ore,
        currency=so_far.currency,
        business_date=timezone.localdate(),
        date_basis=Basis.OBSERVED,
        source=source,
    )


def _kind(ore: int) -> LedgerEntry.Kind:
    return Kind.PAYMENT if ore >= 0 else Kind.REFUND
