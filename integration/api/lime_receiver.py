"""Takes what Lime tells: the signature is checked, then the delivery is stored once, however often Lime sends it.

Lime's sender waits for the answer before it tells of anything else, so nothing is worked on here.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integration.api.incoming import Reason, Refused, door, json_object, read_body, safe_headers
from integration.ledger import Delivery, receive
from integration.lime.events import read_event
from integration.lime.signature import SIGNATURE, VerifiedDelivery, verify


def _take(request: HttpRequest) -> int:
    """POST /webhooks/lime/: store one delivery; returns the event's id, for a repeated delivery id that of the first time.

    How old a delivery is does not matter: a late retry is known by its id. In this order: 401 without a signature, 413, 401 for a
    wrong one, 400 (all counted).
    """
    if not request.headers.get(SIGNATURE) or not settings.LIME_WEBHOOK_SECRETS:
        raise _unsigned()
    body = read_body(request)
    verified = _verified(request, body)
    event = read_event(json_object(body))
    delivery = Delivery(
        body=body,
        headers=safe_headers(request),
        event_name=event.name,
        entity_id="" if event.lime_id is None else str(event.lime_id),
        source="lime",
        delivery_id=verified.delivery_id or "",
    )
    return receive(delivery)


def _verified(request: HttpRequest, body: bytes) -> VerifiedDelivery:
    verified = verify(body, request.headers, settings.LIME_WEBHOOK_SECRETS)
    if verified is None:
        raise _unsigned()
    return verified


def _unsigned() -> Refused:
    return Refused(
        401, Reason.UNAUTHORIZED, "unauthorized", _("The signature is missing or was not made with a secret that the portal knows.")
    )


receive_from_lime = door("lime", _take)
