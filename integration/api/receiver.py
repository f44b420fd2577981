"""Takes what Billecta tells: one look-up of the key (cached), one transaction, one answer.

The path is that of Lime's own package, so that a customer only changes the host. It is a plain view without the REST
framework, since a burst of events must never be what slows Billecta down.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integration.api.incoming import Reason, Refused, door, json_object, read_body, safe_headers
from integration.api.keys import identify
from integration.billecta.envelope import read_envelope
from integration.ledger import Delivery, receive
from integration.models import ApiKey


def _take(request: HttpRequest) -> int:
    """POST /limepkg-billecta-integration/billecta-webhook-receiver: store one delivery; returns the event's id.

    The key is in `x-api-key`, or raw in `Authorization`. In this order: 401, 403, 413, 400 (all counted).
    """
    _check_caller(request)
    body = read_body(request)
    envelope = read_envelope(json_object(body), settings.BILLECTA_ENVELOPE)
    delivery = Delivery(
        body=body,
        headers=safe_headers(request),
        event_name=envelope.event,
        entity_id=envelope.entity_id,
        creditor_id=envelope.creditor_id,
    )
    return receive(delivery)


def _check_caller(request: HttpRequest) -> None:
    holder = identify((request.headers.get("x-api-key") or request.headers.get("Authorization", "")).strip())
    if holder is None:
        raise Refused(401, Reason.UNAUTHORIZED, "unauthorized", _("The key is missing, unknown, expired or revoked."))
    if not holder.may(ApiKey.Scope.BILLECTA_WEBHOOK):
        raise Refused(403, Reason.FORBIDDEN, "forbidden", _("The key lacks the scope “billecta-webhook”."))


receive_from_billecta = door("billecta", _take)
