"""Financial effects are unique on the fetched fact: the same look twice, or the same payment twice, posts nothing twice."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from integration.models import Creditor, Invoice, LedgerEntry, Payment
from integration.sync import entries
from integration.sync.entries import Observed

pytestmark = pytest.mark.django_db
OBSERVED = Observed({})


@pytest.fixture
def invoice() -> Invoice:
    """An attested invoice of 1 000 kr, posted as invoiced."""
    creditor = Creditor.objects.create(billecta_id="creditor")
    now = timezone.now()
    invoice = Invoice.objects.create(billecta_id="action", creditor=creditor, attested_at=now, invoiced_ore=100_000, current_ore=100_000)
    entries.post(invoice, [], OBSERVED)
    return invoice


def look(invoice: Invoice, *payments: Payment, **totals: int) -> list[tuple[str, str, int]]:
    """What a look at these totals (öre) and payments posts: kind, what it reverses, amount in öre."""
    for name, value in totals.items():
        setattr(invoice, name, value)
    invoice.save()
    return [(entry.kind, entry.reverses, entry.amount_ore) for entry in entries.post(invoice, payments, OBSERVED)]


def paid(invoice: Invoice, reference: str = "ref-1", ore: int = 40_000) -> Payment:
    return Payment.objects.create(billecta_id=reference, invoice=invoice, amount_ore=ore, payment_date=date(2026, 3, 2))


def test_the_same_look_twice_posts_nothing_twice(invoice):
    assert look(invoice, credited_ore=30_000) == [("credit", "", -30_000)]
    assert look(invoice, credited_ore=30_000) == []


def test_a_total_that_grows_is_posted_as_the_difference(invoice):
    look(invoice, credited_ore=30_000, write_off_ore=1_000)
    assert look(invoice, credited_ore=50_000, write_off_ore=1_500) == [("credit", "", -20_000), ("write_off", "", -500)]
    assert sum(LedgerEntry.objects.values_list("amount_ore", flat=True)) == 100_000 - 50_000 - 1_500


def test_a_total_that_falls_posts_a_reversal(invoice):
    look(invoice, credited_ore=30_000)
    assert look(invoice, credited_ore=10_000) == [("reversal", "credit", 20_000)]
    assert look(invoice, credited_ore=10_000) == []
    assert sum(LedgerEntry.objects.values_list("amount_ore", flat=True)) == 90_000


def test_a_payment_is_posted_once_by_its_reference(invoice):
    payment = paid(invoice)
    assert look(invoice, payment) == [("payment", "", -40_000)]
    assert look(invoice, payment) == []
    assert look(invoice, payment, paid(invoice, "ref-2", 60_000)) == [("payment", "", -60_000)]


def test_two_payments_of_the_same_amount_on_the_same_day_are_two(invoice):
    assert look(invoice, paid(invoice, "ref-1"), paid(invoice, "ref-2")) == [("payment", "", -40_000)] * 2


def test_the_database_itself_refuses_the_same_payment_twice(invoice):
    payment = paid(invoice)
    look(invoice, payment)
    [entry] = LedgerEntry.objects.filter(kind="payment")
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.bulk_create([entry])


def test_the_database_itself_refuses_the_same_step_of_a_total_twice(invoice):
    look(invoice, credited_ore=30_000)
    [entry] = LedgerEntry.objects.filter(kind="credit")
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.bulk_create([entry])
