"""Payments and write-offs that are registered by hand on an invoice: each request at most once, whatever the answer was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.amounts import Amount
from integration.billecta.dunning import PaymentRegistration
from integration.billecta.enums import OvershootHandling
from integration.billecta.payment_views import IncomingPayment
from integration.commands import on_invoices
from integration.commands.invoice_amounts import left_of, minor_units, shown
from integration.commands.options import SOME_KRONOR, ore_of
from integration.commands.table import Command, Options, add
from integration.errors import GuardRefused
from integration.ledger import Done, Outcome, Work, change_once
from integration.models import Invoice
from integration.sync.invoices import YEARS_BACK, fetch_and_store, listed_payments
from integration.sync.systems import billecta

REGISTER = "register-payments-in-billecta"
OPERATION = "register_payment"
DAYS_AHEAD = 31
"""How far ahead a payment may be dated: one that is under way, not one that somebody hopes for."""
LONGEST_COMMENT, LONGEST_MEAN = 500, 64
OVERSHOOT = [handling.value for handling in OvershootHandling if handling is not OvershootHandling.UNKNOWN]
OPTIONS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {**SOME_KRONOR, "title": gettext_noop("Amount paid (kronor); empty for all that is left")},
        "date": {"type": "string", "format": "date", "title": gettext_noop("Day of payment; empty for today")},
        "payment_mean": {"type": "string", "maxLength": LONGEST_MEAN, "title": gettext_noop("Payment mean, by its code in Billecta")},
        "write_off": {**SOME_KRONOR, "title": gettext_noop("Amount to write off (kronor)")},
        "overshoot": {"type": "string", "enum": OVERSHOOT, "title": gettext_noop("What to do with more than is left")},
        "comment": {"type": "string", "maxLength": LONGEST_COMMENT, "title": gettext_noop("Comment on the payment")},
    },
}


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=REGISTER,
            limetype="invoice",
            title=gettext_lazy("Register payments in Billecta"),
            confirmation=gettext_lazy(
                "Register a payment on each of the chosen invoices (%(count)s)? It is booked in Billecta. It cannot be undone."
            ),
            execute=execute,
            calls={"billecta": 5},
            subjects=on_invoices.subjects,
            preview=lambda lime_id, options: on_invoices.preview(lime_id, options, call=_call, check=_check),
            options_schema=OPTIONS,
            destructive=True,
            button=gettext_lazy("Register payment"),
            offered_in=frozenset({"CanRegisterPayment"}),
            goes_on=True,
        )
    )


def execute(work: Work) -> Outcome:
    """Register the payment, the write-off or both on one invoice, then look at what the invoice became."""
    invoice = on_invoices.invoice_of(work)
    view = billecta().get_invoice(invoice.billecta_id)
    paid_on = _paid_on(work.record.options, asked_on=timezone.localdate(work.record.created_at))
    registration = registration_of(view, work.record.options, paid_on)

    def prepare() -> Mapping[str, Any]:
        stop_unless_possible(view, registration)
        return _noted(view, registration)

    change_once(
        work,
        OPERATION,
        system="Billecta",
        happened=lambda sent: has_happened(sent, view, listed_payments(view)),
        seen=lambda sent: _seen(sent, view),
        prepare=prepare,
        write=lambda: billecta().register_payment(invoice.billecta_id, registration),
    )
    sent = work.record.open_writes[OPERATION]
    fetch_and_store(invoice.billecta_id, invoice.creditor, source="command")
    return Done(invoice.billecta_id, result={"paid_ore": sent["paid"], "write_off_ore": sent["write_off"], "date": sent["date"]})


def registration_of(view: wire.InvoiceAction, options: Options, paid_on: date) -> PaymentRegistration:
    """What the options ask for on an invoice as it is now; without amount and write-off all that is left."""
    left = left_of(view)
    amount = ore_of(options["amount"]) if "amount" in options else (0 if "write_off" in options else left.minor_units)
    write_off = ore_of(options["write_off"]) if "write_off" in options else 0
    return PaymentRegistration(
        paid_on=paid_on,
        amount=Amount(left.currency, amount) if amount else None,
        write_off=Amount(left.currency, write_off) if write_off else None,
        payment_mean=options.get("payment_mean", ""),
        overshoot=OvershootHandling(options.get("overshoot") or OvershootHandling.NONE),
        comment=options.get("comment", ""),
    )


def stop_unless_possible(view: wire.InvoiceAction, asked: PaymentRegistration) -> None:
    """Raise GuardRefused for what Billecta would refuse, and for days that cannot be meant."""
    on_invoices.stop_unless(view, "CanRegisterPayment", _("No payment can be registered on invoice %(number)s."))
    _check_day(asked.paid_on)
    left, paid, write_off = left_of(view).minor_units, minor_units(asked.amount), minor_units(asked.write_off)
    sums = {"paid": shown(view, paid), "write_off": shown(view, write_off), "left": shown(view, left)}
    if paid > left and asked.overshoot is OvershootHandling.NONE:
        raise GuardRefused(
            reason=_("%(paid)s is more than the %(left)s that is left to pay.") % sums,
            remedy=_("Register at most what is left, or say with “overshoot” what becomes of the rest: AsOverPayments keeps it."),
        )
    if paid > left and write_off:
        raise GuardRefused(
            reason=_("%(paid)s is more than the %(left)s that is left to pay, so there is nothing to write off.") % sums,
            remedy=_("Leave out the write-off or what is paid too much."),
        )
    if paid <= left < paid + write_off:
        raise GuardRefused(
            reason=_("%(paid)s paid and %(write_off)s written off are together more than the %(left)s that is left.") % sums,
            remedy=_("Write off at most what is left after the payment."),
        )


def _check_day(day: date) -> None:
    today = timezone.localdate()
    first, last = date(today.year - YEARS_BACK, 1, 1), today + timedelta(days=DAYS_AHEAD)
    if not first <= day <= last:
        raise GuardRefused(
            reason=_("A payment cannot be dated %(day)s.") % {"day": day.isoformat()},
            remedy=_("Give a day from %(first)s to %(last)s.") % {"first": first.isoformat(), "last": last.isoformat()},
        )


def _noted(view: wire.InvoiceAction, asked: PaymentRegistration) -> Mapping[str, Any]:
    """What tells later whether the payment was registered (öre, ISO day)."""
    return {
        "paid": minor_units(asked.amount),
        "write_off": minor_units(asked.write_off),
        "left": left_of(view).minor_units,
        "paid_before": minor_units(view.paid_amount),
        "written_off_before": minor_units(view.write_off_amount),
        "date": asked.paid_on.isoformat(),
        "mean": asked.payment_mean,
        "listed": [payment.payment_reference_id for payment in listed_payments(view)],
    }


def has_happened(sent: Mapping[str, Any], view: wire.InvoiceAction, listed: Sequence[IncomingPayment]) -> bool | None:
    """Whether a registration took effect: its payment is listed and its write-off is in the total, or nothing is new at all."""
    new = [payment for payment in listed if payment.payment_reference_id not in sent["listed"]]
    on_the_invoice = min(sent["paid"], sent["left"])
    is_paid = any(_is_it(payment, sent, on_the_invoice) for payment in new) if on_the_invoice else True
    written_off = minor_units(view.write_off_amount) - sent["written_off_before"]
    if is_paid and written_off == sent["write_off"]:
        return True
    if not new and written_off == 0 and minor_units(view.paid_amount) == sent["paid_before"]:
        return False
    return None


def _seen(sent: Mapping[str, Any], view: wire.InvoiceAction) -> str:
    sums = {
        "before": sent["paid_before"],
        "sent": sent["paid"],
        "now": minor_units(view.paid_amount),
        "off_before": sent["written_off_before"],
        "off_sent": sent["write_off"],
        "off_now": minor_units(view.write_off_amount),
    }
    text = _(
        "paid %(before)s before, %(sent)s was sent, %(now)s now; written off %(off_before)s before, %(off_sent)s sent, %(off_now)s now"
    )
    return text % {name: shown(view, ore) for name, ore in sums.items()}


def _is_it(payment: IncomingPayment, sent: Mapping[str, Any], ore: int) -> bool:
    has_mean = not sent["mean"] or payment.payment_mean_code.casefold() == sent["mean"].casefold()
    has_day = payment.payment_date is not None and payment.payment_date.isoformat() == sent["date"]
    return payment.amount.minor_units == ore and has_day and has_mean


def _paid_on(options: Options, *, asked_on: date) -> date:
    """The day of payment (Stockholm). Without one it is the day the command was given, also when it is tried again after midnight."""
    return date.fromisoformat(options["date"]) if options.get("date") else asked_on


def _check(_invoice: Invoice, view: wire.InvoiceAction, options: Options) -> None:
    stop_unless_possible(view, registration_of(view, options, _paid_on(options, asked_on=timezone.localdate())))


def _call(invoice: Invoice, view: wire.InvoiceAction, options: Options) -> on_invoices.Call:
    registration = registration_of(view, options, _paid_on(options, asked_on=timezone.localdate()))
    return OPERATION, {"action": invoice.billecta_id}, registration.to_wire(invoice.billecta_id)
