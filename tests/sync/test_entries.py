"""Dated entries: every financial fact once, whatever the order and number of looks, and the sum is always what is left."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.models import Creditor, Invoice, InvoiceVersion, LedgerEntry, Payment
from integration.sync import entries
from integration.sync.entries import Observed

pytestmark = pytest.mark.django_db
AMOUNT = st.integers(0, 500_000)


def invoice(**values) -> Invoice:
    creditor, _made = Creditor.objects.get_or_create(billecta_id="c1")
    number = Invoice.objects.count() + 1
    defaults = {
        "billecta_id": f"{number}",
        "creditor": creditor,
        "attested_at": timezone.now(),
        "invoice_date": date(2026, 3, 1),
        "invoiced_ore": 1_000_00,
    }
    return Invoice.objects.create(**{**defaults, **values})


def posted(target: Invoice) -> list[tuple[str, str, int]]:
    return list(LedgerEntry.objects.filter(invoice=target).order_by("pk").values_list("kind", "reverses", "amount_ore"))


def pay(target: Invoice, reference: str, ore: int) -> Payment:
    return Payment.objects.create(billecta_id=reference, invoice=target, amount_ore=ore, payment_date=date(2026, 3, 5))


def test_a_draft_has_no_entries():
    target = invoice(attested_at=None)
    assert entries.post(target, [], Observed()) == []


def test_two_looks_at_the_same_state_post_nothing_twice():
    target = invoice(credited_ore=100_00)
    payments = [pay(target, "p1", 300_00)]
    entries.post(target, payments, Observed())
    assert entries.post(target, payments, Observed()) == []
    assert posted(target) == [("invoiced", "", 1_000_00), ("credit", "", -100_00), ("payment", "", -300_00)]


def test_a_total_that_falls_posts_a_reversal():
    target = invoice(write_off_ore=200_00)
    entries.post(target, [], Observed())
    target.write_off_ore = 50_00
    entries.post(target, [], Observed())
    target.write_off_ore = 80_00
    entries.post(target, [], Observed())
    assert posted(target)[1:] == [("write_off", "", -200_00), ("reversal", "write_off", 150_00), ("write_off", "", -30_00)]


def test_a_credit_is_dated_by_billectas_event_and_says_so():
    target = invoice(credited_ore=1_00)
    entries.post(target, [], Observed({LedgerEntry.Kind.CREDIT: date(2026, 3, 9)}))
    entry = LedgerEntry.objects.get(kind="credit")
    assert (entry.business_date, entry.date_basis) == (date(2026, 3, 9), "event_date")


def test_a_payment_reference_is_posted_once_by_the_database_itself():
    from django.db import IntegrityError, transaction

    target = invoice()
    payment = pay(target, "p1", 1_00)
    entries.post(target, [payment], Observed())
    twin = LedgerEntry(
        creditor=target.creditor,
        invoice=target,
        kind="payment",
        sequence=1,
        reference="p1",
        amount_ore=-1_00,
        business_date=date(2026, 3, 5),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_payment_that_is_no_longer_listed_is_taken_back_and_may_come_again():
    target = invoice()
    payments = [pay(target, "p1", 300_00), pay(target, "p2", 200_00)]
    entries.post(target, payments, Observed(all_payments=True))
    entries.post(target, payments[1:], Observed(all_payments=True))
    assert entries.post(target, payments[1:], Observed(all_payments=True)) == []
    entries.post(target, payments, Observed(all_payments=True))
    of_p1 = LedgerEntry.objects.filter(reference="p1").order_by("pk").values_list("kind", "reverses", "sequence", "amount_ore")
    assert list(of_p1) == [("payment", "", 1, -300_00), ("reversal", "payment", 1, 300_00), ("payment", "", 2, -300_00)]


def test_a_payment_that_is_not_among_some_of_the_listed_is_not_taken_back():
    target = invoice()
    payments = [pay(target, "p1", 300_00), pay(target, "p2", 200_00)]
    entries.post(target, payments, Observed(all_payments=True))
    assert entries.post(target, payments[1:], Observed()) == []


def test_a_refund_that_is_taken_back_is_reversed_as_a_refund():
    target = invoice()
    entries.post(target, [pay(target, "p1", -50_00)], Observed(all_payments=True))
    [entry] = entries.post(target, [], Observed(all_payments=True))
    assert (entry.kind, entry.reverses, entry.amount_ore, entry.date_basis) == ("reversal", "refund", -50_00, "observed")


def test_a_payment_whose_amount_was_changed_is_posted_anew():
    target = invoice()
    payment = pay(target, "p1", 300_00)
    entries.post(target, [payment], Observed(all_payments=True))
    payment.amount_ore = 250_00
    entries.post(target, [payment], Observed(all_payments=True))
    assert posted(target)[1:] == [("payment", "", -300_00), ("reversal", "payment", 300_00), ("payment", "", -250_00)]


def test_a_payment_that_was_moved_is_posted_on_both_and_taken_back_on_one():
    before, after = invoice(), invoice()
    payment = pay(before, "p1", 300_00)
    entries.post(before, [payment], Observed(all_payments=True))
    payment.invoice = after
    payment.save()
    entries.post(after, [payment], Observed(all_payments=True))
    entries.post(before, [], Observed(all_payments=True))
    assert posted(before) == [("invoiced", "", 1_000_00), ("payment", "", -300_00), ("reversal", "payment", 300_00)]
    assert posted(after) == [("invoiced", "", 1_000_00), ("payment", "", -300_00)]


def test_entries_are_append_only():
    target = invoice()
    [entry] = entries.post(target, [], Observed())
    with pytest.raises(TypeError, match="append-only"):
        LedgerEntry.objects.get(pk=LedgerEntry.objects.get().pk).save()
    with pytest.raises(TypeError, match="append-only"):
        entry.delete()


def test_a_version_is_kept_only_when_something_changed():
    target = invoice(stage="Attested")
    entries.keep_version(target)
    entries.keep_version(target)
    target.due_date = date(2026, 4, 1)
    entries.keep_version(target)
    assert InvoiceVersion.objects.filter(invoice=target).count() == 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    looks=st.lists(st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT), min_size=1, max_size=6),
    payments=st.lists(st.integers(-100_000, 500_000).filter(bool), max_size=5),
    shown=st.randoms(use_true_random=False),
)
def test_the_sum_of_the_entries_is_what_the_last_look_leaves(looks, payments, shown):
    """Any run of looks, each showing any totals and any part of the payments in any order."""
    target = invoice()
    rows = [pay(target, f"{target.pk}-{number}", ore) for number, ore in enumerate(payments)]
    for invoiced, credited, written_off, interest in looks:
        target.invoiced_ore, target.credited_ore, target.write_off_ore, target.interest_ore = invoiced, credited, written_off, interest
        entries.post(target, shown.sample(rows, shown.randint(0, len(rows))), Observed())
    entries.post(target, rows, Observed())
    invoiced, credited, written_off, interest = looks[-1]
    expected = invoiced + interest - credited - written_off - sum(payments)
    assert sum(amount for _kind, _reverses, amount in posted(target)) == expected
    assert LedgerEntry.objects.filter(invoice=target, kind__in=["payment", "refund"]).count() == len(payments)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payments=st.lists(st.integers(-100_000, 500_000).filter(bool), min_size=1, max_size=5),
    looks=st.lists(st.lists(st.integers(0, 4), unique=True), min_size=1, max_size=6),
)
def test_the_sum_of_the_entries_is_what_the_last_whole_listing_leaves(payments, looks):
    """Payments come, are taken back and come again; every look shows all that there are then."""
    target = invoice()
    rows = [pay(target, f"{target.pk}-{number}", ore) for number, ore in enumerate(payments)]
    for shown in looks:
        listed = [rows[number] for number in shown if number < len(rows)]
        entries.post(target, listed, Observed(all_payments=True))
        expected = 1_000_00 - sum(row.amount_ore for row in listed)
        assert sum(amount for _kind, _reverses, amount in posted(target)) == expected
