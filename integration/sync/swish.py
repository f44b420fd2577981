"""Requests for payment by Swish as the portal keeps them: as little of the payer as is needed, and what became of them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from integration.billecta.amounts import Amount
from integration.ledger.log import log
from integration.models import Invoice, SwishRequest, SyncRecord
from integration.redaction import mask_phone
from integration.sync.systems import billecta

OPEN_FOR = timedelta(days=1)
"""How long an unanswered request is asked about by itself; Swish lets one lapse within minutes."""


def fingerprint(action_id: str, phone: str, message: str) -> str:
    """A keyed digest that is the same for the same invoice, phone and message and tells nothing of them."""
    key = hmac.digest(settings.FIELD_ENCRYPTION_KEYS[0].encode(), b"kvittens swish requests", "sha256")
    content = f"{action_id}\n{phone}\n{message}"
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()


def store(invoice: Invoice, request_id: str, phone: str, message: str, amount: Amount, work: SyncRecord) -> SwishRequest:
    """Keep a request that was made; the same one stored twice is one row."""
    row, made = SwishRequest.objects.get_or_create(
        request_id=request_id,
        defaults={
            "invoice": invoice,
            "work": work,
            "phone": mask_phone(phone),
            "fingerprint": fingerprint(invoice.billecta_id, phone, message),
            "amount_ore": amount.minor_units,
            "currency": amount.currency,
        },
    )
    if made:
        log(
            "swish.requested",
            record=work,
            limetype="invoice",
            billecta_id=invoice.billecta_id,
            request=request_id,
            amount_ore=row.amount_ore,
        )
    return row


def refresh(row: SwishRequest) -> SwishRequest:
    """Ask Billecta what became of a request and keep it: one call. Raises RemoteNotFound when Billecta does not know it."""
    found = billecta().for_creditor(row.invoice.creditor.billecta_id).swish_status(row.request_id)
    before = row.status
    row.status, row.paid_at = str(found.status), found.paid
    row.error_code, row.error_message = found.error_code[:64], found.error_message[:500]
    if found.amount is not None:
        row.amount_ore, row.currency = found.amount.minor_units, found.amount.currency
    row.fetched_at = timezone.now()
    row.save()
    if row.status != before:
        log("swish.answered", limetype="invoice", lime_id=row.invoice.lime_id, billecta_id=row.invoice.billecta_id, status=row.status)
    return row
