"""Gives each request an id that its answer, its logs and its errors carry."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from functools import cache
from itertools import count

import structlog
from django.http import HttpRequest, HttpResponse

_numbers = count(1)
WELL_FORMED = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


@cache
def _process() -> str:
    """Twenty random characters for this process: asking for randomness at each request is slow when many threads do."""
    return secrets.token_hex(10)


class RequestIdMiddleware:
    """Takes the caller's `X-Request-Id` when it is well formed, else makes one; puts it on request and answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if WELL_FORMED.match(given) else f"{_process()}{next(_numbers):012x}"
        request.META["KVITTENS_REQUEST_ID"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response["X-Request-Id"] = request_id
        return response


# A process that is forked from one that has served requests must not repeat its ids.
os.register_at_fork(after_in_child=_process.cache_clear)


def request_id_of(request: HttpRequest) -> str:
    return str(request.META.get("KVITTENS_REQUEST_ID", ""))
