"""Requests for payment by Swish: one phone is asked once for what is left of one invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.commands import on_invoices, personal_options
from integration.commands.invoice_amounts import left_of
from integration.commands.options import check_options
from integration.commands.refusals import InvalidRequest
from integration.commands.table import Command, Options, add, table
from integration.errors import GuardRefused
from integration.ledger import Done, Outcome, Work, change_once
from integration.models import Invoice, SwishRequest, SyncRecord
from integration.redaction import mask_phone
from integration.sync import swish
from integration.sync.systems import billecta
from integration.validations.formats import is_swish_number, swish_number

REQUEST = "request-swish-payments"
OPERATION = "swish_create"
OPTIONS: dict[str, Any] = {
    "type": "object",
    "required": ["phone", "message"],
    "properties": {
        "phone": {
            "type": "string",
            "maxLength": 20,
            "format": "swedish-mobile",
            "title": gettext_noop("Phone: Swedish mobile number with country code, for example 46701234567"),
        },
        "message": {"type": "string", "maxLength": 50, "format": "not-blank", "title": gettext_noop("Message to the payer")},
    },
}


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=REQUEST,
            limetype="invoice",
            title=gettext_lazy("Request payment by Swish"),
            confirmation=gettext_lazy("Ask the phone to pay what is left of each of the chosen invoices (%(count)s) by Swish?"),
            execute=execute,
            calls={"billecta": 2},
            subjects=on_invoices.subjects,
            preview=lambda lime_id, options: on_invoices.preview(lime_id, options, call=_call, check=_check),
            options_schema=OPTIONS,
            link=_keep_said,
            after=personal_options.forget,
            personal_options={"phone": mask_phone},
            button=gettext_lazy("Request by Swish"),
            offered_in=frozenset({"CanRegisterPayment"}),
        )
    )


def check_request(given: Options) -> None:
    """Raises InvalidRequest that names what is wrong with `phone` and `message`."""
    try:
        check_options(table[REQUEST], given)
    except InvalidRequest as wrong:
        raise InvalidRequest({name.removeprefix("options."): texts for name, texts in wrong.fields.items()}) from None


def execute(work: Work) -> Outcome:
    """Send one request and keep its id. One whose answer was lost is known by the id that the invoice shows, and never sent anew."""
    invoice = on_invoices.invoice_of(work)
    view = billecta().get_invoice(invoice.billecta_id)
    phone, message = swish_number(work.record.options["phone"]), work.record.options["message"].strip()

    def prepare() -> Mapping[str, Any]:
        stop_unless_possible(view)
        if not is_swish_number(phone):
            raise GuardRefused(
                reason=_("The phone number of this request is no longer kept."), remedy=_("Ask for the payment anew, with the number.")
            )
        return {"shown_before": view.state.swish_payment_id, "left": left_of(view).minor_units}

    def write() -> None:
        request_id = billecta().for_creditor(invoice.creditor.billecta_id).swish_create(invoice.billecta_id, phone, message)
        swish.store(invoice, request_id, phone, message, left_of(view), work.record)

    change_once(
        work,
        OPERATION,
        system="Billecta",
        happened=lambda sent: has_happened(sent, view),
        seen=lambda _sent: _("the invoice shows no new Swish request"),
        prepare=prepare,
        write=write,
    )
    row = SwishRequest.objects.filter(work=work.record).first()
    if row is None and has_happened(work.record.open_writes[OPERATION], view):
        row = swish.store(invoice, view.state.swish_payment_id, phone, message, left_of(view), work.record)
    return Done(invoice.billecta_id, result={"request_id": row.request_id, "amount_ore": row.amount_ore} if row else {})


def has_happened(sent: Mapping[str, Any], view: wire.InvoiceAction) -> bool | None:
    """True when the invoice shows a request that it did not show before (assumed). That it shows none proves nothing."""
    shown = view.state.swish_payment_id
    return True if shown and shown != sent["shown_before"] else None


def stop_unless_possible(view: wire.InvoiceAction) -> None:
    """Raise GuardRefused with the reason why an invoice cannot be paid now."""
    on_invoices.stop_unless(view, "CanRegisterPayment", _("Invoice %(number)s cannot be paid by Swish."))


def _keep_said(record: SyncRecord, request_id: str) -> None:
    """Keep the request that a person found in Billecta."""
    invoice = Invoice.objects.get(billecta_id=record.billecta_id)
    total = left_of(wire.InvoiceAction.from_wire(invoice.view))
    swish.store(invoice, request_id, record.options["phone"], record.options["message"], total, record)


def _check(_invoice: Invoice, view: wire.InvoiceAction, _options: Options) -> None:
    stop_unless_possible(view)


def _call(invoice: Invoice, _view: wire.InvoiceAction, options: Options) -> on_invoices.Call:
    payload = {"phone": swish_number(options["phone"]), "message": options["message"].strip()}
    return OPERATION, {"action": invoice.billecta_id}, payload
