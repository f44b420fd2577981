"""Fetching invoices from Billecta because somebody asked for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from integration.commands.on_invoices import action_id_of, invoice_of, not_in_billecta, subjects
from integration.commands.table import Command, Options, Preview, add
from integration.errors import RemoteNotFound
from integration.ledger import Done, Outcome, Work
from integration.models import Invoice
from integration.sync.absence import ensure_gone
from integration.sync.debt_collection import fetch_and_store_cases_of
from integration.sync.invoices import fetch_and_store, stop_when_payments_are_missing
from integration.sync.mirror import mark_deleted
from integration.sync.systems import billecta

REFRESH = "refresh-invoices-from-billecta"


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=REFRESH,
            limetype="invoice",
            title=gettext_lazy("Fetch invoices from Billecta"),
            confirmation=gettext_lazy("Fetch the chosen invoices (%(count)s) and bring Lime up to date? Nothing is changed in Billecta."),
            execute=refresh,
            calls={"billecta": 2},
            subjects=subjects,
            preview=preview_refresh,
            button=gettext_lazy("Refresh"),
        )
    )


def refresh(work: Work) -> Outcome:
    """Fetch an invoice, its payments and its debt-collection case, and have Lime follow. Changes nothing in Billecta."""
    invoice = invoice_of(work)
    try:
        found = fetch_and_store(invoice.billecta_id, invoice.creditor, source="command")
    except RemoteNotFound:
        ensure_gone(invoice.billecta_id)
        mark_deleted(invoice.billecta_id)
        raise not_in_billecta(work.record.lime_id or 0, invoice.billecta_id) from None
    fetch_and_store_cases_of(found.invoice)
    stop_when_payments_are_missing(found)
    return Done(invoice.billecta_id, result={"stage": found.invoice.stage, "current_ore": found.invoice.current_ore})


def preview_refresh(lime_id: int, _options: Options) -> list[Preview]:
    """The call that would fetch the invoice, which need not be known to the portal yet."""
    action_id = action_id_of(lime_id)
    if not action_id:
        raise not_in_billecta(lime_id, action_id)
    invoice = Invoice.objects.filter(billecta_id=action_id).select_related("creditor").first()
    endpoint = billecta().endpoint("get_invoice")
    creditor_id = invoice.creditor.billecta_id if invoice else billecta().get_invoice(action_id).creditor_id
    return [Preview(lime_id, creditor_id, endpoint.method, endpoint.format({"action": action_id}), None, [])]
