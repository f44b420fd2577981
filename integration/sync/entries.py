"""Posts what changed on an invoice as dated entries, each financial fact once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Sum
from django.utils import timezone

from integration.models import Invoice, InvoiceVersion, LedgerEntry, Payment
from integration.sync import payment_entries

Kind, Basis = LedgerEntry.Kind, LedgerEntry.Basis

# How each total of an invoice changes what the debtor owes. Billecta lists none of these, only their sum so far.
SIGNS: dict[str, int] = {Kind.INVOICED: 1, Kind.INTEREST: 1, Kind.CREDIT: -1, Kind.WRITE_OFF: -1}


@dataclass(frozen=True)
class Observed:
    """What a look at Billecta adds to the mirror row.

    `event_dates` are business days (Stockholm) that its events give; `source` is where the news came from; `all_payments` says
    that the payments given are all that the invoice has, so that one that is posted and not among them was taken back.
    """

    event_dates: Mapping[str, date] = field(default_factory=dict)
    source: str = "webhook"
    all_payments: bool = False


@dataclass
class _Posted:
    total: int = 0
    entries: int = 0
    reversals: int = 0


def post(invoice: Invoice, payments: Iterable[Payment], observed: Observed) -> list[LedgerEntry]:
    """Post every difference between the invoice as fetched and what is posted for it; returns the new entries.

    Call with the invoice row locked. Totals are posted as fetched minus posted, so that two looks at the same state post
    nothing; a total that has fallen posts a reversal. Payments are posted by `payment_entries`.
    """
    entries = [] if invoice.attested_at is None else _differences(invoice, observed)
    entries += payment_entries.differences(invoice, payments, source=observed.source, are_all=observed.all_payments)
    return LedgerEntry.objects.bulk_create(entries)


def keep_version(invoice: Invoice) -> None:
    """Append what is true of the invoice now, unless the latest version says the same."""
    now = timezone.now()
    values = {
        "stage": invoice.stage,
        "due_date": invoice.due_date,
        "is_disputed": invoice.disputed_at is not None,
        "is_paused": invoice.is_paused,
        "in_debt_collection": invoice.debt_collection_at is not None,
        "current_ore": invoice.current_ore,
        "paid_ore": invoice.paid_ore,
        "credited_ore": invoice.credited_ore,
        "write_off_ore": invoice.write_off_ore,
    }
    last = InvoiceVersion.objects.filter(invoice=invoice).order_by("-pk").values(*values).first()
    if last != values:
        InvoiceVersion.objects.create(invoice=invoice, valid_from=invoice.fetched_at or now, recorded_at=now, **values)


def _differences(invoice: Invoice, observed: Observed) -> list[LedgerEntry]:
    totals = {
        Kind.INVOICED: invoice.invoiced_ore,
        Kind.INTEREST: invoice.interest_ore,
        Kind.CREDIT: invoice.credited_ore,
        Kind.WRITE_OFF: invoice.write_off_ore,
    }
    posted = _posted(invoice)
    found: list[LedgerEntry] = []
    for kind, total in totals.items():
        so_far = posted.get(kind, _Posted())
        delta = total - so_far.total
        if delta == 0:
            continue
        grows = delta > 0 if total >= 0 else delta < 0
        day, basis = _dated(invoice, kind, observed)
        found.append(
            LedgerEntry(
                creditor_id=invoice.creditor_id,
                debtor_id=invoice.debtor_id,
                invoice=invoice,
                kind=kind if grows else Kind.REVERSAL,
                reverses="" if grows else kind,
                sequence=(so_far.entries if grows else so_far.reversals) + 1,
                amount_ore=SIGNS[kind] * delta,
                currency=invoice.currency,
                business_date=day,
                date_basis=basis,
                source=observed.source,
            )
        )
    return found


def _posted(invoice: Invoice) -> dict[str, _Posted]:
    """What is posted for each kind so far, reversals taken off, in the total's own sign."""
    posted: dict[str, _Posted] = {}
    rows = LedgerEntry.objects.filter(invoice=invoice).values("kind", "reverses").annotate(amount=Sum("amount_ore"), entries=Count("pk"))
    for row in rows.order_by():
        kind = row["reverses"] or row["kind"]
        if kind not in SIGNS:
            continue
        so_far = posted.setdefault(kind, _Posted())
        so_far.total += SIGNS[kind] * row["amount"]
        if row["reverses"]:
            so_far.reversals = row["entries"]
        else:
            so_far.entries = row["entries"]
    return posted


def _dated(invoice: Invoice, kind: str, observed: Observed) -> tuple[date, str]:
    if kind == Kind.INVOICED and invoice.invoice_date is not None:
        return invoice.invoice_date, Basis.INVOICE_DATE
    if kind in observed.event_dates:
        return observed.event_dates[kind], Basis.EVENT_DATE
    return timezone.localdate(), Basis.OBSERVED
