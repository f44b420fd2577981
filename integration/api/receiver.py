"""Takes what Billecta tells: one look-up of the key (cached), one transaction, one answer.

The path is that of Lime's own package, so that a customer only changes the host. It is a plain view without the REST
framework, since a burst of events must never be what slows Billecta down.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from integration.api.bounds import depth_of
from integration.api.errors import error_answer, method_not_allowed
from integration.api.keys import identify
from integration.billecta.envelope import read_envelope
from integration.ledger import Delivery, count_refusal, receive
from integration.models import ApiKey, RefusedDelivery

Reason = RefusedDelivery.Reason
SAFE_HEADERS = ("Content-Type", "Content-Length", "User-Agent", "X-Request-Id", "Date")
LONGEST_HEADER = 200
logger = structlog.get_logger("kvittens")


@csrf_exempt
def receive_from_billecta(request: HttpRequest) -> HttpResponse:
    """POST /limepkg-billecta-integration/billecta-webhook-receiver: 200 with the event's id once it is stored durably.

    The key is in `x-api-key`, or raw in `Authorization`. In this order: 401, 403, 413, 400 (all counted), 503 when the
    database cannot store it, so that Billecta tries again.
    """
    if request.method != "POST":
        return method_not_allowed(request, "POST")
    try:
        refusal = _refused_caller(request)
        if refusal is not None:
            return refusal
        return _take(request)
    except DatabaseFailure:
        logger.exception("delivery_not_stored")
        answer = error_answer(request, 503, "unavailable", _("The portal cannot store the delivery now. Send it again later."))
        answer["Retry-After"] = "5"
        return answer


def _refused_caller(request: HttpRequest) -> HttpResponse | None:
    holder = identify((request.headers.get("x-api-key") or request.headers.get("Authorization", "")).strip())
    if holder is None:
        return _refuse(request, 401, Reason.UNAUTHORIZED, "unauthorized", _("The key is missing, unknown, expired or revoked."))
    if not holder.may(ApiKey.Scope.BILLECTA_WEBHOOK):
        return _refuse(request, 403, Reason.FORBIDDEN, "forbidden", _("The key lacks the scope “billecta-webhook”."))
    return None


def _take(request: HttpRequest) -> HttpResponse:
    try:
        body = _read(request)
        envelope = read_envelope(_parsed(body), settings.BILLECTA_ENVELOPE)
    except _TooLarge:
        return _refuse(request, 413, Reason.TOO_LARGE, "too_large", _("A delivery may hold at most 1 MiB."))
    except _Malformed as error:
        return _refuse(request, 400, Reason.MALFORMED, "malformed", str(error))
    delivery = Delivery(
        body=body,
        headers={name: request.headers[name][:LONGEST_HEADER] for name in SAFE_HEADERS if name in request.headers},
        event_name=envelope.event,
        entity_id=envelope.entity_id,
        creditor_id=envelope.creditor_id,
    )
    return JsonResponse({"event_id": receive(delivery)})


class _TooLarge(Exception):
    """More than `RECEIVER_MAX_BYTES`."""


class _Malformed(Exception):
    """Not a JSON object of reasonable depth; the text says which."""


def _read(request: HttpRequest) -> bytes:
    """The body, never more than one byte over the limit. Raises _TooLarge, _Malformed."""
    limit: int = settings.RECEIVER_MAX_BYTES
    try:
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and request.META.get("wsgi.input_terminated"):
            body = request.META["wsgi.input"].read(limit + 1)
        elif int(request.headers.get("Content-Length") or 0) > limit:
            raise _TooLarge
        else:
            body = request.body
    except RequestDataTooBig:
        raise _TooLarge from None
    except (UnreadablePostError, OSError, ValueError):
        raise _Malformed(_("The body could not be read to its end.")) from None
    if len(body) > limit:
        raise _TooLarge
    return bytes(body)


def _parsed(body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises _Malformed."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise _Malformed(_too_deep()) from None
    except ValueError:
        raise _Malformed(_("The body is not JSON.")) from None
    if not isinstance(value, dict):
        raise _Malformed(_("The body must be a JSON object."))
    if depth_of(value, settings.RECEIVER_MAX_DEPTH) > settings.RECEIVER_MAX_DEPTH:
        raise _Malformed(_too_deep())
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _too_deep() -> str:
    return _("The body is nested more than %(limit)s levels deep.") % {"limit": settings.RECEIVER_MAX_DEPTH}


def _refuse(request: HttpRequest, status: int, reason: Reason, code: str, message: str) -> HttpResponse:
    """Count a refusal and answer it; the answer does not depend on whether it could be counted."""
    try:
        count_refusal(reason)
    except DatabaseFailure:
        logger.warning("refusal_not_counted", reason=reason, exc_info=True)
    return error_answer(request, status, code, message)
