"""What forbids that a debtor is anonymised: open money, open cases, unfinished orders, and bookkeeping that the law keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.billecta import wire
from integration.billecta.amounts import Amount
from integration.billecta.enums import UnhandledPaymentState
from integration.commands.matching import same_number
from integration.errors import GuardRefused
from integration.models import Debtor, Invoice, LedgerEntry, Order, PortalConfiguration, SyncRecord
from integration.money import ore_to_kronor
from integration.sync.systems import billecta

SHOWN = 10
UNFINISHED = (Order.Status.PENDING, Order.Status.CREATED, Order.Status.ERROR)
ON_ITS_WAY = {UnhandledPaymentState("Unhandled"), UnhandledPaymentState("RepaymentPending")}


@dataclass(frozen=True)
class Obstacle:
    """One thing that forbids it, and what to do about it."""

    reason: str
    remedy: str


def stop_when_forbidden(debtor: Debtor, *, in_billecta: bool) -> None:
    """Raise GuardRefused that names everything that forbids to anonymise the debtor.

    Asks Billecta for the debtor's open and closed invoices and for the creditor's unhandled payments, three calls, and for each
    debt-collection case that the portal believes to be over.
    """
    found = list(_obstacles(debtor, in_billecta=in_billecta))
    if found:
        raise GuardRefused(reason=" ".join(one.reason for one in found), remedy=" ".join(one.remedy for one in found))


def _obstacles(debtor: Debtor, *, in_billecta: bool) -> Iterator[Obstacle]:
    if in_billecta:
        yield from _open_invoices(billecta().open_invoices_by_debtor(debtor.billecta_id))
        yield from _unhandled_money(debtor)
    else:
        yield from _open_in_mirror(debtor)
    yield from _debt_collection(debtor, in_billecta=in_billecta)
    yield from _unfinished_orders(debtor)
    yield from _bookkeeping(debtor, in_billecta=in_billecta)


def _open_invoices(listed: Iterable[wire.InvoiceSub]) -> Iterator[Obstacle]:
    listed = list(listed)
    drafts = [item.action_id for item in listed if item.attested is None]
    unpaid = [f"{item.invoice_number or item.action_id} ({_money(item.current_amount)})" for item in listed if item.attested]
    if unpaid:
        yield Obstacle(
            _("Invoices are open in Billecta: %(invoices)s.") % {"invoices": _some(unpaid)},
            _("Have the open invoices paid, credited or written off."),
        )
    if drafts:
        yield Obstacle(
            _("There are drafts in Billecta: %(invoices)s.") % {"invoices": _some(drafts)},
            _("Attest or delete the drafts."),
        )


def _open_in_mirror(debtor: Debtor) -> Iterator[Obstacle]:
    rows = Invoice.objects.filter(debtor=debtor, deleted_at=None).exclude(current_ore=0)
    unpaid = [f"{row} ({ore_to_kronor(row.current_ore):.2f} {row.currency})" for row in rows[: SHOWN + 1]]
    if unpaid:
        yield Obstacle(
            _("Invoices are open as far as the portal knows: %(invoices)s.") % {"invoices": _some(unpaid)},
            _("Have the open invoices paid, credited or written off."),
        )


def _unhandled_money(debtor: Debtor) -> Iterator[Obstacle]:
    mine = [
        payment
        for payment in billecta().unhandled_payments(debtor.creditor.billecta_id)
        if payment.state in ON_ITS_WAY and (payment.debtor_id == debtor.billecta_id or same_number(payment.sender_org_no, debtor.org_no))
    ]
    if mine:
        yield Obstacle(
            _("Money from the customer is on no invoice: %(payments)s.") % {"payments": _some([_money(one.amount) for one in mine])},
            _("Match the unhandled payments in Billecta or pay them back."),
        )


def _debt_collection(debtor: Debtor, *, in_billecta: bool) -> Iterator[Obstacle]:
    """Cases with something left as far as the portal knows, and cases that Billecta says are not closed: one call for each."""
    invoices = Invoice.objects.filter(debtor=debtor, deleted_at=None)
    at_collection = Q(debt_collection_at__isnull=False, current_ore__gt=0)
    running = [str(row) for row in invoices.filter(at_collection)[: SHOWN + 1]]
    known = invoices.exclude(at_collection).values_list("invoice_number", "view__DebtCollectionActionPublicId")
    for number, case in known if in_billecta else ():
        if case and billecta().get_debt_collection(str(case)).state.closed is None:
            running.append(number)
    running += debtor.debt_collection_cases.filter(closed_at=None, invoice=None).values_list("billecta_id", flat=True)
    if running:
        yield Obstacle(
            _("Debt collection is running: %(invoices)s.") % {"invoices": _some(running)},
            _("Wait until the cases are closed, or withdraw them."),
        )


def _unfinished_orders(debtor: Debtor) -> Iterator[Obstacle]:
    orders = Order.objects.filter(debtor=debtor)
    waiting = SyncRecord.objects.filter(
        limetype="order", lime_id__in=orders.values("lime_id"), status__in=SyncRecord.UNFINISHED, ordered=True
    )
    unfinished = orders.filter(Q(status__in=UNFINISHED) | Q(lime_id__in=waiting.values("lime_id")))
    unfinished = unfinished.exclude(invoices__attested_at__isnull=False).order_by("lime_id")
    ids = [str(lime_id) for lime_id in unfinished.values_list("lime_id", flat=True).distinct()[: SHOWN + 1]]
    if ids:
        yield Obstacle(
            _("Orders are not finished: %(orders)s.") % {"orders": _some(ids)},
            _("Attest, cancel or delete the orders."),
        )


def _bookkeeping(debtor: Debtor, *, in_billecta: bool) -> Iterator[Obstacle]:
    """Accounting records are kept to the end of the seventh year after the calendar year (Bokföringslagen 7 kap. 2 §)."""
    years, today = PortalConfiguration.current().bookkeeping_years, timezone.localdate()
    year = max([*_years_here(debtor), *(_years_in_billecta(debtor, today.year - years) if in_billecta else ())], default=None)
    if year is None or today.year > year + years:
        return
    until = date(year + years, 12, 31).isoformat()
    yield Obstacle(
        _("Its last invoice or payment was booked in %(year)s, and what is booked must be kept until %(until)s.")
        % {"year": year, "until": until},
        _("Ask again after %(until)s.") % {"until": until},
    )


def _years_here(debtor: Debtor) -> Iterator[int]:
    """The years of the last booked invoice and entry that the portal knows."""
    booked = Invoice.objects.filter(debtor=debtor, attested_at__isnull=False)
    last = booked.aggregate(invoice=Max("invoice_date"), attested=Max("attested_at"), closed=Max("closed_at"))
    if last["invoice"]:
        yield last["invoice"].year
    yield from (timezone.localdate(last[name]).year for name in ("attested", "closed") if last[name])
    entry = LedgerEntry.objects.filter(invoice__debtor=debtor).aggregate(day=Max("business_date"))["day"]
    if entry:
        yield entry.year


def _years_in_billecta(debtor: Debtor, first_year: int) -> Iterator[int]:
    """The years of the booked invoices that Billecta closed in `first_year` or later; one is closed no earlier than it is booked."""
    first, last = date(first_year, 1, 1), date(timezone.localdate().year + 1, 12, 31)
    for item in billecta().closed_invoices_by_debtor(debtor.billecta_id, first, last):
        if item.attested is not None:
            days = (item.invoice_date, timezone.localdate(item.attested), timezone.localdate(item.closed) if item.closed else None)
            yield max(day.year for day in days if day)


def _money(amount: Amount | None) -> str:
    return f"{ore_to_kronor(amount.minor_units):.2f} {amount.currency}" if amount else "–"


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:SHOWN]) + (" …" if len(texts) > SHOWN else "")
