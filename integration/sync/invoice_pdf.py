"""An invoice's PDF, fetched from Billecta for whoever asks; it is kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from integration.errors import RemoteNotFound
from integration.models import Invoice
from integration.sync import lime_records
from integration.sync.systems import billecta
from integration.sync.versions import published


@dataclass(frozen=True)
class InvoicePdf:
    """The bytes and what a person would call the file."""

    content: bytes
    filename: str


def fetch_pdf(lime_id: int, creditors: Collection[str] = ()) -> InvoicePdf:
    """The PDF of Lime's invoice: one call when the portal knows the file, else Lime and Billecta are asked which it is.

    Args:
        creditors: public ids of the creditors whose invoices may be seen; empty for all.

    Raises RemoteNotFound when there is no such invoice that may be seen, or it has no PDF yet.
    """
    invoice = Invoice.objects.filter(lime_id=lime_id).select_related("creditor").first()
    action_id = invoice.billecta_id if invoice else _stored_in_lime(lime_id)
    creditor_id, file_id = (invoice.creditor.billecta_id, invoice.file_id) if invoice else ("", "")
    number = invoice.invoice_number if invoice else ""
    if creditors and creditor_id and creditor_id not in creditors:
        raise _unknown(lime_id)
    if not file_id:
        try:
            view = billecta().for_creditor(creditor_id).get_invoice(action_id)
        except RemoteNotFound:
            raise _unknown(lime_id) from None
        if creditors and view.creditor_id not in creditors:
            raise _unknown(lime_id)
        creditor_id, file_id, number = view.creditor_id, view.file_id, view.invoice_number
    if not file_id:
        raise RemoteNotFound(system="Billecta", what=f"PDF invoice {lime_id}")
    return InvoicePdf(billecta().for_creditor(creditor_id).get_file(file_id), _filename(number or action_id))


def _stored_in_lime(lime_id: int) -> str:
    """The Billecta id that Lime holds for an invoice which the portal has not seen. Raises RemoteNotFound."""
    _version, spec = published()
    try:
        found = lime_records.get(spec.limetype("invoice"), lime_id)
    except RemoteNotFound:
        raise _unknown(lime_id) from None
    action_id = str(found.values.get(spec.link("invoice", "billecta_id") or "") or "")
    if not action_id:
        raise _unknown(lime_id)
    return action_id


def _unknown(lime_id: int) -> RemoteNotFound:
    return RemoteNotFound(system="Billecta", what=f"Invoice {lime_id}")


def _filename(number: str) -> str:
    return f"faktura-{re.sub(r'[^A-Za-z0-9-]', '', number)}.pdf"
