"""An invoice's PDF, fetched from Billecta for whoever asks; it is kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from integration.billecta import wire
from integration.errors import RemoteNotFound
from integration.models import Debtor, Invoice
from integration.sync import lime_records
from integration.sync.systems import billecta
from integration.sync.versions import published


@dataclass(frozen=True)
class InvoicePdf:
    """The bytes and what a person would call the file."""

    content: bytes
    filename: str


def fetch_pdf(lime_id: int, creditors: Collection[str] = (), *, sees_protected: bool = True) -> InvoicePdf:
    """The PDF of Lime's invoice: one call when the portal knows the file, else Lime and Billecta are asked which it is.

    Whether its debtor has protected identity is asked of Billecta where the portal does not know it.

    Args:
        creditors: public ids of the creditors whose invoices may be seen; empty for all.
        sees_protected: whether the invoices of debtors with protected identity may be seen too.

    Raises RemoteNotFound when there is no such invoice that may be seen, or it has no PDF yet.
    """
    invoice = Invoice.objects.filter(lime_id=lime_id).select_related("creditor", "debtor").first()
    action_id = invoice.billecta_id if invoice else _stored_in_lime(lime_id)
    creditor_id, file_id = (invoice.creditor.billecta_id, invoice.file_id) if invoice else ("", "")
    number = invoice.invoice_number if invoice else ""
    is_protected = invoice.debtor.protected_identity if invoice and invoice.debtor else None
    if creditors and creditor_id and creditor_id not in creditors:
        raise _unknown(lime_id)
    if is_protected and not sees_protected:
        raise _unknown(lime_id)
    if not file_id or (is_protected is None and not sees_protected):
        try:
            view = billecta().for_creditor(creditor_id).get_invoice(action_id)
        except RemoteNotFound:
            raise _unknown(lime_id) from None
        if creditors and view.creditor_id not in creditors:
            raise _unknown(lime_id)
        if not sees_protected and _is_protected(view):
            raise _unknown(lime_id)
        creditor_id, file_id, number = view.creditor_id, view.file_id, view.invoice_number
    if not file_id:
        raise RemoteNotFound(system="Billecta", what=f"PDF invoice {lime_id}")
    return InvoicePdf(billecta().for_creditor(creditor_id).get_file(file_id), _filename(number or action_id))


def _is_protected(view: wire.InvoiceAction) -> bool:
    """Whether the invoice's debtor has protected identity: the invoice may show the debtor as it was when it was made (assumed).

    A debtor that is not told, or is gone, may have.
    """
    if view.debtor is None or view.debtor.protected_identity:
        return True
    known = Debtor.objects.filter(billecta_id=view.debtor.debtor_id).first()
    if known is not None:
        return known.protected_identity
    try:
        return billecta().get_debtor(view.debtor.debtor_id).protected_identity
    except RemoteNotFound:
        return True


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
