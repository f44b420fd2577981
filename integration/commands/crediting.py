"""Credits: what an attested invoice shall no longer ask for, wholly or in part, by amount or by row; each request at most once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.amounts import Amount
from integration.commands import on_invoices, orders
from integration.commands.invoice_amounts import credited_of, left_of, shown
from integration.commands.linked_orders import linked_or_adopted, looked_up, not_in_billecta
from integration.commands.options import SOME_KRONOR, ore_of
from integration.commands.table import Command, Options, Preview, add
from integration.errors import GuardRefused, Problem
from integration.ledger import Done, Outcome, Skipped, Work, change_once
from integration.models import Creditor, Invoice, Order, SyncRecord
from integration.sync.invoices import fetch_and_store
from integration.sync.systems import billecta

CREDIT_ORDERS, CREDIT_INVOICES = "credit-orders-in-billecta", "credit-invoices-in-billecta"
CREDIT = "credit"
LONGEST_COMMENT = 500
SENT = frozenset({Order.Status.ATTESTED, Order.Status.SENT, Order.Status.DEBT_COLLECTION})
OPTIONS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {**SOME_KRONOR, "title": gettext_noop("Amount to credit, with VAT (kronor); empty for all that is left")},
        "rows": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "title": gettext_noop("Rows to credit"),
            "items": {
                "type": "object",
                "required": ["row"],
                "additionalProperties": False,
                "properties": {
                    "row": {"type": "integer", "minimum": 1, "title": gettext_noop("Row number on the invoice")},
                    "amount": {
                        **SOME_KRONOR,
                        "title": gettext_noop("Amount to credit of the row, with VAT (kronor); empty for all of it"),
                    },
                },
            },
        },
        "comment": {"type": "string", "maxLength": LONGEST_COMMENT, "title": gettext_noop("Comment on the credit")},
    },
    "not": {"required": ["amount", "rows"]},
}


def register() -> None:
    """Put the commands that credit in the table."""
    add(
        Command(
            id=CREDIT_ORDERS,
            limetype="order",
            title=gettext_lazy("Credit orders in Billecta"),
            confirmation=gettext_lazy(
                "Credit the invoices of the chosen orders (%(count)s)? A credit is booked and sent to the customer. It cannot be undone."
            ),
            execute=credit_order,
            calls={"billecta": 3},
            subjects=orders.subjects,
            preview=preview_order,
            options_schema=OPTIONS,
            destructive=True,
            after=orders.show_in_lime,
            after_many=orders.show_many_in_lime,
            button=gettext_lazy("Credit"),
            offered_in=SENT,
            goes_on=True,
        )
    )
    add(
        Command(
            id=CREDIT_INVOICES,
            limetype="invoice",
            title=gettext_lazy("Credit invoices in Billecta"),
            confirmation=gettext_lazy(
                "Credit the chosen invoices (%(count)s)? A credit is booked and sent to the customer. It cannot be undone."
            ),
            execute=credit_invoice,
            calls={"billecta": 3},
            subjects=on_invoices.subjects,
            preview=lambda lime_id, options: on_invoices.preview(lime_id, options, call=_call, check=_check),
            options_schema=OPTIONS,
            destructive=True,
            button=gettext_lazy("Credit"),
            offered_in=frozenset({"CanCreateCreditInvoice"}),
            goes_on=True,
        )
    )


def credit_order(work: Work) -> Outcome:
    """Credit the invoice that an order became."""
    lime_id = work.record.lime_id or 0
    found = linked_or_adopted(lime_id)
    if found is None:
        raise not_in_billecta(lime_id, _("Only an attested order can be credited. One that was never sent needs no credit."))
    order, creditor = found
    return _credit(work, order.billecta_id, creditor)


def credit_invoice(work: Work) -> Outcome:
    """Credit an invoice that Lime has."""
    invoice = on_invoices.invoice_of(work)
    return _credit(work, invoice.billecta_id, invoice.creditor)


def _credit(work: Work, action_id: str, creditor: Creditor) -> Outcome:
    view, options = billecta().get_invoice(action_id), work.record.options
    if work.open_write(CREDIT) is None and _is_credited_already(view, options):
        return Skipped(
            "already_credited",
            _("Invoice %(number)s is wholly credited already.") % {"number": view.invoice_number or action_id},
            _("Nothing to do."),
        )
    sums: dict[str, int] = {}

    def prepare() -> Mapping[str, Any]:
        sums["ore"] = amount_to_credit(view, options)
        return {"credited_before": credited_of(view), "ore": sums["ore"]}

    change_once(
        work,
        CREDIT,
        system="Billecta",
        happened=lambda entry: _happened(entry, view),
        seen=lambda entry: _seen(entry, view),
        prepare=prepare,
        write=lambda: billecta().credit(action_id, Amount(left_of(view).currency, sums["ore"]), _comment(options)),
    )
    credited = work.record.open_writes[CREDIT]["ore"]
    fetch_and_store(action_id, creditor, source="command")
    return Done(action_id, result={"credited_ore": credited})


def _happened(entry: Mapping[str, Any], view: wire.InvoiceAction) -> bool | None:
    """Whether the credit that was sent is in Billecta: what is credited has risen by just that sum, or not at all."""
    risen = credited_of(view) - entry["credited_before"]
    return {entry["ore"]: True, 0: False}.get(risen)


def _seen(entry: Mapping[str, Any], view: wire.InvoiceAction) -> str:
    sums = {"before": entry["credited_before"], "sent": entry["ore"], "now": credited_of(view)}
    return _("%(before)s was credited before, %(sent)s was sent, %(now)s is credited now") % {
        name: shown(view, ore) for name, ore in sums.items()
    }


def amount_to_credit(view: wire.InvoiceAction, options: Options) -> int:
    """The sum (öre, with VAT) that the options ask for: an amount, rows, or all that is left.

    Raises GuardRefused for a draft, where Billecta does not allow a credit, and for more than there is to credit.
    """
    number = view.invoice_number or view.action_id
    if view.state.attested is None:
        raise GuardRefused(
            reason=_("Invoice %(number)s is a draft: only what is attested can be credited.") % {"number": number},
            remedy=_("Change the order and send it again, or cancel or delete it."),
        )
    on_invoices.stop_unless(view, "CanCreateCreditInvoice", _("Invoice %(number)s cannot be credited."))
    wanted, left = _wanted(view, options), left_of(view).minor_units
    if wanted > left:
        raise GuardRefused(
            reason=_("%(wanted)s cannot be credited on invoice %(number)s: %(left)s is left.")
            % {"wanted": shown(view, wanted), "number": number, "left": shown(view, left)},
            remedy=_("Credit at most what is left. To give back what is paid, make a repayment in Billecta."),
        )
    return wanted


def _wanted(view: wire.InvoiceAction, options: Options) -> int:
    if "rows" in options:
        _stop_when_named_twice(options["rows"])
        return sum(_of_row(view, row) for row in options["rows"])
    return ore_of(options["amount"]) if "amount" in options else left_of(view).minor_units


def _stop_when_named_twice(rows: Sequence[Mapping[str, Any]]) -> None:
    """What is left of a row is counted for each row alone, so that each may be named once."""
    twice = sorted(number for number, times in Counter(row["row"] for row in rows).items() if times > 1)
    if twice:
        raise GuardRefused(
            reason=_("Row %(rows)s is named more than once.") % {"rows": ", ".join(map(str, twice))},
            remedy=_("Name each row once, with the whole amount to credit of it."),
        )


def _of_row(view: wire.InvoiceAction, asked: Mapping[str, Any]) -> int:
    """What one row is to be credited by, at most its sum with VAT less what was credited of it before by this portal."""
    record = next((one for one in view.records if one.sequence_no == asked["row"]), None)
    if record is None or record.total_incl_vat is None:
        rows = ", ".join(str(one.sequence_no) for one in view.records)
        raise GuardRefused(
            reason=_("The invoice has no row %(row)s with an amount.") % {"row": asked["row"]},
            remedy=_("Name one of its rows: %(rows)s.") % {"rows": rows},
        )
    left = record.total_incl_vat.minor_units - _credited_of_row(view.action_id, record)
    wanted = ore_of(asked["amount"]) if "amount" in asked else left
    if wanted > left or wanted <= 0:
        raise GuardRefused(
            reason=_("%(wanted)s cannot be credited of row %(row)s: %(left)s of it is left.")
            % {"wanted": shown(view, wanted), "row": asked["row"], "left": shown(view, left)},
            remedy=_("Credit at most what is left of the row."),
        )
    return wanted


def _credited_of_row(action_id: str, record: wire.InvoiceRecord) -> int:
    """What earlier commands credited of a row (öre): Billecta keeps credits for the invoice as a whole."""
    whole = record.total_incl_vat.minor_units if record.total_incl_vat else 0
    done = SyncRecord.objects.filter(kind__in=(CREDIT_ORDERS, CREDIT_INVOICES), billecta_id=action_id, status=SyncRecord.Status.SUCCEEDED)
    rows = [row for options in done.values_list("options", flat=True) for row in options.get("rows", ())]
    return sum(ore_of(row["amount"]) if "amount" in row else whole for row in rows if row["row"] == record.sequence_no)


def _comment(options: Options) -> str:
    """The comment that Billecta keeps: the person's own, and which rows are meant, since a credit there is one sum."""
    rows = ", ".join(str(row["row"]) for row in options.get("rows", ()))
    parts = [options.get("comment", ""), _("Rows %(rows)s") % {"rows": rows} if rows else ""]
    return " · ".join(part for part in parts if part)


def _is_credited_already(view: wire.InvoiceAction, options: Options) -> bool:
    return not {"amount", "rows"} & set(options) and view.state.attested is not None and left_of(view).minor_units == 0 < credited_of(view)


def _check(_invoice: object, view: wire.InvoiceAction, options: Options) -> int:
    return amount_to_credit(view, options)


def _call(invoice: Invoice, view: wire.InvoiceAction, options: Options) -> on_invoices.Call:
    try:
        value: dict[str, Any] | None = Amount(left_of(view).currency, _wanted(view, options)).to_wire()
    except GuardRefused:
        value = None
    return "credit", {"action": invoice.billecta_id}, {"ActionPublicId": invoice.billecta_id, "Value": value, "Comment": _comment(options)}


def preview_order(lime_id: int, options: Options) -> list[Preview]:
    """The call that would credit an order's invoice, and what stops it. Raises GuardRefused for an order that was never sent."""
    found = looked_up(lime_id)
    if found is None:
        raise not_in_billecta(lime_id, _("Only an attested order can be credited. One that was never sent needs no credit."))
    action_id, creditor_id = found
    view = billecta().get_invoice(action_id)
    problems = []
    try:
        amount_to_credit(view, options)
    except GuardRefused as error:
        problems.append(Problem("order", error.code, error.message))
    operation, ids, payload = _call(Invoice(billecta_id=action_id), view, options)
    endpoint = billecta().endpoint(operation)
    return [Preview(lime_id, creditor_id, endpoint.method, endpoint.format(ids), payload, problems)]
