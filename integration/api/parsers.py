"""Reads JSON bodies with bounds: what the database cannot hold or would choke on is refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from integration.api.bounds import depth_of, is_storable

MOST_BYTES = 1024 * 1024
DEEPEST = 50


class TooLarge(APIException):
    """More than `MOST_BYTES`."""

    status_code = 413
    default_code = "too_large"
    default_detail = gettext_lazy("The body may hold at most 1 MiB.")


class BoundedJSONParser(JSONParser):
    """JSON of at most 1 MiB and 50 levels, without NUL and half characters, which PostgreSQL does not store."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Raises TooLarge, ParseError."""
        body: Any = _Bounded(stream)
        try:
            value = super().parse(body, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("The body is nested too deep.")) from None
        if depth_of(value, DEEPEST) > DEEPEST:
            raise ParseError(_("The body is nested too deep."))
        if not is_storable(value):
            raise ParseError(_("The body holds a NUL or half a character, which cannot be stored."))
        return value


class _Bounded:
    """A stream that refuses to be read further than the limit."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def read(self, *_args: Any) -> bytes:
        body: bytes = self._stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge
        return body
