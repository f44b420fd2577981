"""Puts money that came without an invoice on the invoices that people name: each unhandled payment at most once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.payment_views import IncomingPayment
from integration.billecta.payment_views import UnhandledPayment as UnhandledView
from integration.billecta.payments import PaymentMatch
from integration.commands import on_invoices
from integration.commands.invoice_amounts import left_of, minor_units, shown
from integration.commands.refusals import InvalidRequest
from integration.commands.table import Command, Options, Preview, add
from integration.errors import GuardRefused, MatchRefused, OutcomeUnknown, Problem, RemoteNotFound
from integration.ledger import Done, Outcome, Work, change_once
from integration.ledger.submit import Subject
from integration.models import Creditor, Invoice, UnhandledPayment
from integration.sync import links, unhandled_payments
from integration.sync.invoices import fetch_and_store, listed_payments
from integration.sync.naming import lime_id_of, name_of, names_nothing
from integration.sync.systems import billecta

MATCH = "match-payments-in-billecta"
OPERATION = "match_payments"
OPTIONS: dict[str, Any] = {
    "type": "object",
    "required": ["matches"],
    "properties": {
        "matches": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "title": gettext_noop("Which payment belongs to which invoice"),
            "items": {
                "type": "object",
                "required": ["unhandled_payment", "invoice"],
                "additionalProperties": False,
                "properties": {
                    "unhandled_payment": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "title": gettext_noop("Unhandled payment, by its id in Billecta"),
                    },
                    "invoice": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "title": gettext_noop("Invoice: Billecta public id or lime:<id>"),
                    },
                },
            },
        }
    },
}


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=MATCH,
            limetype="invoice",
            title=gettext_lazy("Match payments to invoices in Billecta"),
            confirmation=gettext_lazy("Put the named payments on the named invoices? It is booked in Billecta."),
            execute=execute,
            calls={"billecta": 7},
            subjects=subjects,
            preview=preview,
            options_schema=OPTIONS,
            destructive=True,
            needs_selection=False,
            goes_on=True,
        )
    )


@dataclass(frozen=True)
class _Known:
    """What the portal knows of the invoices and payments that a request names, read in two statements."""

    invoices: Mapping[str, Invoice]
    payments: Mapping[str, UnhandledPayment]

    @classmethod
    def of(cls, matches: Sequence[Mapping[str, str]]) -> _Known:
        names = {match["invoice"] for match in matches}
        lime_ids = {number for name in names if (number := lime_id_of(name)) is not None}
        found = Invoice.objects.filter(Q(billecta_id__in=names) | Q(lime_id__in=lime_ids)).select_related("creditor")
        invoices = {key: row for row in found for key in (row.billecta_id, name_of("", row.lime_id))}
        payments = UnhandledPayment.objects.filter(billecta_id__in={match["unhandled_payment"] for match in matches})
        return cls(invoices, {row.billecta_id: row for row in payments.select_related("creditor")})


def subjects(_lime_ids: Sequence[int], options: Options) -> list[Subject]:
    """One piece of work for each match, in the lane of its invoice.

    What is wrong by what the portal knows is refused at once, for all matches; of what it does not know yet (a payment whose
    event has not come, an invoice that only Lime knows) the work asks Billecta. Raises InvalidRequest.
    """
    matches = options["matches"]
    known = _Known.of(matches)
    problems: dict[str, list[str]] = {}
    for name, text in _problems(matches, known):
        problems.setdefault(name, []).append(text)
    if problems:
        raise InvalidRequest(problems)
    lanes = links.action_lanes(invoice.billecta_id for invoice in known.invoices.values())
    return [_subject(match, known, lanes) for match in matches]


def _problems(matches: Sequence[Mapping[str, str]], known: _Known) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for number, match in enumerate(matches):
        at, payment_id, name = f"options.matches[{number}]", match["unhandled_payment"], match["invoice"]
        if payment_id in seen:
            yield f"{at}.unhandled_payment", _("Payment %(id)s is named twice: a payment goes to one invoice.") % {"id": payment_id}
        seen.add(payment_id)
        if names_nothing(name):
            yield f"{at}.invoice", _("“%(value)s” names no invoice: use lime:<id> or the public id.") % {"value": name}
        invoice, payment = known.invoices.get(name), known.payments.get(payment_id)
        if invoice is not None and payment is not None:
            yield from _apart(at, payment, invoice)


def _apart(at: str, payment: UnhandledPayment, invoice: Invoice) -> Iterable[tuple[str, str]]:
    if payment.creditor_id != invoice.creditor_id:
        yield (
            f"{at}.unhandled_payment",
            _("Payment %(id)s came to another creditor than invoice %(number)s belongs to.")
            % {"id": payment.billecta_id, "number": invoice},
        )
    elif payment.currency != invoice.currency:
        yield f"{at}.unhandled_payment", _other_currency(payment.currency, invoice.currency)


def _subject(match: Mapping[str, str], known: _Known, lanes: Mapping[str, str]) -> Subject:
    invoice, payment = known.invoices.get(match["invoice"]), known.payments.get(match["unhandled_payment"])
    if invoice is not None:
        action_id, creditor_id = invoice.billecta_id, invoice.creditor.billecta_id
        return Subject(lanes[action_id], "invoice", invoice.lime_id, action_id, creditor_id, dict(match))
    lime_id = lime_id_of(match["invoice"])
    action_id = "" if lime_id is not None else match["invoice"]
    lane = f"action:{action_id}" if action_id else f"invoice:{lime_id}"
    creditor_id = payment.creditor.billecta_id if payment else ""
    return Subject(lane, "invoice", lime_id, action_id, creditor_id, dict(match))


def execute(work: Work) -> Outcome:
    """Put one unhandled payment on one invoice, then look at what both became."""
    invoice = on_invoices.invoice_of(work)
    payment_id = work.record.options["unhandled_payment"]
    view = billecta().get_invoice(invoice.billecta_id)
    payment = _unhandled(invoice.creditor.billecta_id).get(payment_id)

    def prepare() -> Mapping[str, Any]:
        return _noted(view, _checked(payment, payment_id, view))

    change_once(
        work,
        OPERATION,
        system="Billecta",
        happened=lambda sent: has_happened(sent, payment, view, listed_payments(view)),
        seen=lambda sent: _seen(sent, payment, view),
        prepare=prepare,
        write=lambda: _match(invoice.creditor, payment_id, invoice.billecta_id),
    )
    sent = work.record.open_writes[OPERATION]
    fetch_and_store(invoice.billecta_id, invoice.creditor, source="command")
    unhandled_payments.fetch_and_store(invoice.creditor)
    return Done(invoice.billecta_id, result={"unhandled_payment": payment_id, "matched_ore": sent["used"]})


def _match(creditor: Creditor, payment_id: str, action_id: str) -> None:
    """Raises MatchRefused with what Billecta says, OutcomeUnknown when it says nothing of this payment."""
    results = billecta().match_payments(creditor.billecta_id, [PaymentMatch(payment_id, action_id)])
    result = next((one for one in results if one.unhandled_payment_id == payment_id), None)
    if result is None:
        raise OutcomeUnknown(system="Billecta", operation=OPERATION, detail="the answer does not name the payment")
    if not result.succeeded:
        raise MatchRefused(detail=result.message or "–")


def _checked(payment: UnhandledView | None, payment_id: str, view: wire.InvoiceAction) -> UnhandledView:
    """The payment, when it may be put on the invoice. Raises GuardRefused."""
    if payment is None:
        raise GuardRefused(
            reason=_("Billecta lists no unhandled payment %(id)s for the creditor of invoice %(number)s.")
            % {"id": payment_id, "number": view.invoice_number or view.action_id},
            remedy=_("It may be handled already or belong to another creditor: look in the list of unhandled payments."),
        )
    on_invoices.stop_unless(view, "CanRegisterPayment", _("No payment can be put on invoice %(number)s."))
    left = left_of(view)
    if payment.amount.currency != left.currency:
        raise GuardRefused(reason=_other_currency(payment.amount.currency, left.currency), remedy=_("Handle the payment in Billecta."))
    return payment


def _noted(view: wire.InvoiceAction, payment: UnhandledView) -> Mapping[str, Any]:
    """What tells later whether the payment was put on the invoice (öre)."""
    return {
        "amount": payment.amount.minor_units,
        "used": min(payment.amount.minor_units, left_of(view).minor_units),
        "paid_before": minor_units(view.paid_amount),
        "listed": [one.payment_reference_id for one in listed_payments(view)],
    }


def has_happened(
    sent: Mapping[str, Any], payment: UnhandledView | None, view: wire.InvoiceAction, listed: Sequence[IncomingPayment]
) -> bool | None:
    """Whether a match took effect: what was used left the unhandled payment and is on the invoice, or nothing is new at all."""
    new = [one for one in listed if one.payment_reference_id not in sent["listed"]]
    unused = payment.amount.minor_units if payment else 0
    if unused == sent["amount"] - sent["used"] and any(one.amount.minor_units == sent["used"] for one in new):
        return True
    if unused == sent["amount"] and not new and minor_units(view.paid_amount) == sent["paid_before"]:
        return False
    return None


def _seen(sent: Mapping[str, Any], payment: UnhandledView | None, view: wire.InvoiceAction) -> str:
    sums = {
        "before": sent["paid_before"],
        "used": sent["used"],
        "now": minor_units(view.paid_amount),
        "left": payment.amount.minor_units if payment else 0,
    }
    return _("the invoice had %(before)s paid, %(used)s was sent, it has %(now)s now; %(left)s of the payment is unhandled") % {
        name: shown(view, ore) for name, ore in sums.items()
    }


def _other_currency(payment: str, invoice: str) -> str:
    return _("The payment is in %(payment)s and the invoice in %(invoice)s.") % {"payment": payment, "invoice": invoice}


def preview(_lime_id: int, options: Options) -> list[Preview]:
    """The call of each match, and what stops it by what Billecta shows now. Nothing is changed."""
    known = _Known.of(options["matches"])
    listed: dict[str, Mapping[str, UnhandledView]] = {}
    return [_preview(match, known.invoices.get(match["invoice"]), listed) for match in options["matches"]]


def _preview(match: Mapping[str, str], invoice: Invoice | None, listed: dict[str, Mapping[str, UnhandledView]]) -> Preview:
    """`listed` keeps what was fetched of each creditor."""
    endpoint = billecta().endpoint(OPERATION)
    if invoice is None:
        text = _("The portal does not know invoice %(name)s yet: refresh it from Billecta first.") % {"name": match["invoice"]}
        return Preview(0, "", endpoint.method, "", None, [Problem("invoice", "unknown_invoice", text)])
    creditor_id, payment_id, problems = invoice.creditor.billecta_id, match["unhandled_payment"], []
    if creditor_id not in listed:
        listed[creditor_id] = _unhandled(creditor_id)
    try:
        _checked(listed[creditor_id].get(payment_id), payment_id, billecta().get_invoice(invoice.billecta_id))
    except (GuardRefused, RemoteNotFound) as error:
        problems.append(Problem("unhandled_payment", error.code, error.message))
    payload = PaymentMatch(payment_id, invoice.billecta_id).to_wire()
    return Preview(invoice.lime_id or 0, creditor_id, endpoint.method, endpoint.format({"creditor": creditor_id}), payload, problems)


def _unhandled(creditor_id: str) -> dict[str, UnhandledView]:
    return {one.unhandled_payment_id: one for one in unhandled_payments.unhandled_of(creditor_id)}
