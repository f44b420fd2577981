"""The one shape of every error: `{"error", "message", "fields"?, "request_id"}`."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from integration import errors
from integration.api.parsers import TooLarge
from integration.commands import refusals
from portal.middleware import request_id_of

Body = dict[str, Any]
logger = structlog.get_logger("kvittens")

# The most telling class of an error decides; each of the three families has one that holds for the rest of it.
STATUS_BY_ERROR: dict[type[errors.KvittensError], int] = {
    errors.KvittensError: 500,
    errors.RetryLater: 503,
    errors.RemoteUnavailable: 502,
    errors.RemoteTimeout: 502,
    errors.RateLimited: 502,
    errors.OutcomeUnknown: 502,
    errors.NeedsDecision: 409,
    errors.WillNeverWork: 400,
    errors.RemoteRejected: 502,
    errors.RemoteNotFound: 404,
    errors.AmbiguousMatch: 409,
    errors.GuardRefused: 409,
    errors.Misconfigured: 500,
    errors.CredentialsRefused: 502,
    errors.CreditorRequired: 400,
    refusals.UnknownCommand: 404,
    refusals.ObjectNotVisible: 404,
    refusals.IdempotencyConflict: 409,
}
RETRY_AFTER_SECONDS = 5

CODE_BY_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal",
    503: "unavailable",
}


def error_body(request: HttpRequest, code: str, message: str, fields: dict[str, list[str]] | None = None) -> Body:
    """An error as the contract shapes it; `fields` names each wrong field with its texts."""
    body: Body = {"error": code, "message": message, "request_id": request_id_of(request)}
    return body | {"fields": fields} if fields else body


def error_answer(request: HttpRequest, status: int, code: str, message: str) -> JsonResponse:
    """A whole answer, for views outside of the REST framework."""
    return JsonResponse(error_body(request, code, message), status=status)


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The REST framework's exception handler. What it does not know is left to Django, which logs it and answers 500."""
    request: Any = context["request"]
    # A view may answer in pages or YAML; an error is JSON all the same.
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    if isinstance(error, errors.KvittensError):
        return _expected(error, request)
    if isinstance(error, InterfaceError | OperationalError):
        logger.error("database_failed", exc_info=error)
        return _expected(errors.DatabaseBusy(detail=type(error).__name__), request)
    response = exception_handler(_as_api_error(error), context)
    if response is None:
        return None
    code = CODE_BY_STATUS.get(response.status_code, "error")
    if isinstance(error, exceptions.ValidationError):
        fields = _flat(error.detail)
        response.data = error_body(request, "invalid", " ".join(text for texts in fields.values() for text in texts), fields)
    else:
        response.data = error_body(request, code, str(getattr(error, "detail", "") or _text(response.status_code)))
    return response


def status_of(error: errors.KvittensError) -> int:
    """The HTTP status of an error that the portal expects."""
    return next(STATUS_BY_ERROR[cls] for cls in type(error).__mro__ if cls in STATUS_BY_ERROR)


def _expected(error: errors.KvittensError, request: HttpRequest) -> Response:
    status = status_of(error)
    fields = _fields(error)
    message = error.message if fields else f"{error.message} {error.remedy}".strip()
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if isinstance(error, errors.RetryLater) else None
    return Response(error_body(request, error.code, message, fields), status=status, headers=headers)


def _fields(error: errors.KvittensError) -> dict[str, list[str]]:
    if isinstance(error, refusals.InvalidRequest):
        return error.fields
    fields: dict[str, list[str]] = {}
    if isinstance(error, errors.ValidationFailed):
        for problem in error.problems:
            fields.setdefault(problem.field, []).append(problem.message)
    return fields


def _as_api_error(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    return exceptions.PermissionDenied() if isinstance(error, PermissionDenied) else error


def _flat(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Nested details as one level: `matches[0].invoice`."""
    if isinstance(detail, dict):
        parts = [_flat(item, f"{name}.{key}" if name else str(key)) for key, item in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        parts = [_flat(item, f"{name}[{index}]") for index, item in enumerate(detail)]
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {name or "body": [str(text) for text in texts]}
    return {field: texts for part in parts for field, texts in part.items()}


def _text(status: int) -> str:
    texts = {
        400: _("The request is malformed."),
        403: _("You may not do this."),
        404: _("There is nothing at this address, or you may not see it."),
        405: _("This address does not take this method."),
        500: _("Something went wrong in the portal. It is logged under the request id."),
    }
    return texts.get(status, _("The request was not carried out."))


def _for_people(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if _for_people(request):
        return defaults.bad_request(request, exception)
    return error_answer(request, 400, CODE_BY_STATUS[400], _text(400))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    if _for_people(request):
        return defaults.permission_denied(request, exception)
    return error_answer(request, 403, CODE_BY_STATUS[403], _text(403))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    if _for_people(request):
        return defaults.page_not_found(request, exception)
    return error_answer(request, 404, CODE_BY_STATUS[404], _text(404))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    if _for_people(request):
        return defaults.server_error(request)
    return error_answer(request, 500, CODE_BY_STATUS[500], _text(500))


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """The answer to a method that a view outside of the REST framework does not take."""
    response = error_answer(request, 405, CODE_BY_STATUS[405], _text(405))
    response["Allow"] = allowed
    return response
