"""What the doors for webhooks share: plain fast views that read a body within limits, count what they refuse, ask for it again."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from integration.ledger import count_refusal
from integration.models import RefusedDelivery

Reason = RefusedDelivery.Reason
SAFE_HEADERS = ("Content-Type", "Content-Length", "User-Agent", "X-Request-Id", "Date", "X-Lime-Delivery-Timestamp")
LONGEST_HEADER = 200
logger = structlog.get_logger("kvittens")

Take = Callable[[HttpRequest], int]
View = Callable[[HttpRequest], HttpResponse]


class Refused(Exception):
    """A delivery that is not taken: the status and code of the answer, why, and the reason under which it is counted."""

    def __init__(self, status: int, reason: Reason, code: str, message: str) -> None:
        self.status, self.reason, self.code, self.message = status, reason, code, message
        super().__init__(code)


def door(source: str, take: Take) -> View:
    """The view of one sender's webhooks: 200 with the event's id once `take` has stored the delivery durably.

    Only POST. What `take` refuses is counted under `source`; 503 when the database cannot store it, so that it is sent again.
    """

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return method_not_allowed(request, "POST")
        try:
            return JsonResponse({"event_id": take(request)})
        except Refused as refused:
            return _refuse(request, source, refused)
        except DatabaseFailure:
            logger.exception("delivery_not_stored", source=source)
            answer = error_answer(request, 503, "unavailable", _("The portal cannot store the delivery now. Send it again later."))
            answer["Retry-After"] = "5"
            return answer

    return view


def safe_headers(request: HttpRequest) -> dict[str, str]:
    """The headers that may be kept: none that holds a key or a signature."""
    return {name: request.headers[name][:LONGEST_HEADER] for name in SAFE_HEADERS if name in request.headers}


def read_body(request: HttpRequest) -> bytes:
    """The body, never more than one byte over `RECEIVER_MAX_BYTES`. Raises Refused (413, 400)."""
    limit: int = settings.RECEIVER_MAX_BYTES
    try:
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and request.META.get("wsgi.input_terminated"):
            body = request.META["wsgi.input"].read(limit + 1)
        elif int(request.headers.get("Content-Length") or 0) > limit:
            raise _too_large()
        else:
            body = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    except (UnreadablePostError, OSError, ValueError):
        raise _malformed(_("The body could not be read to its end.")) from None
    if len(body) > limit:
        raise _too_large()
    return bytes(body)


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object of reasonable depth. Raises Refused (400)."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise _malformed(_too_deep()) from None
    except ValueError:
        raise _malformed(_("The body is not JSON.")) from None
    if not isinstance(value, dict):
        raise _malformed(_("The body must be a JSON object."))
    if depth_of(value, settings.RECEIVER_MAX_DEPTH) > settings.RECEIVER_MAX_DEPTH:
        raise _malformed(_too_deep())
    return value


def _too_large() -> Refused:
    return Refused(413, Reason.TOO_LARGE, "too_large", _("A delivery may hold at most 1 MiB."))


def _malformed(message: str) -> Refused:
    return Refused(400, Reason.MALFORMED, "malformed", message)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _too_deep() -> str:
    return _("The body is nested more than %(limit)s levels deep.") % {"limit": settings.RECEIVER_MAX_DEPTH}


def _refuse(request: HttpRequest, source: str, refused: Refused) -> HttpResponse:
    """Count a refusal and answer it; the answer does not depend on whether it could be counted."""
    try:
        count_refusal(refused.reason, source)
    except DatabaseFailure:
        logger.warning("refusal_not_counted", reason=refused.reason, source=source, exc_info=True)
    return error_answer(request, refused.status, refused.code, refused.message)
