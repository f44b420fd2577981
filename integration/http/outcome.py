"""What an answer, or the lack of one, means: the table from status and effect to the portal's errors."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from integration.errors import (
    CertificateNotTrusted,
    CredentialsRefused,
    KvittensError,
    OutcomeUnknown,
    RateLimited,
    RemoteNotFound,
    RemoteRejected,
    RemoteTimeout,
    RemoteUnavailable,
)
from integration.http.calls import Call, Effect, Expect
from integration.http.transport import Answer, NoAnswer
from integration.redaction import redact_text

MAX_DETAIL = 500
LONGEST_WAIT = timedelta(days=1)
"""A Retry-After beyond this is cut, so that a broken clock on the other side cannot park work for years."""
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class RefusalFields:
    """Where a system's error body holds its text (first that is there) and its own code; case is not regarded."""

    messages: tuple[str, ...] = ("message", "error", "detail")
    code: str = "code"


def of_no_answer(system: str, call: Call, failure: NoAnswer) -> KvittensError:
    """The error for a call without a whole answer. What was certainly never sent may be repeated, whatever its effect."""
    if failure.untrusted:
        return CertificateNotTrusted(system=system, detail=failure.detail)
    if not failure.sent:
        return RemoteUnavailable(system=system, detail=f"no connection ({failure.detail})")
    if call.effect is Effect.WRITE:
        return OutcomeUnknown(system=system, operation=call.operation, detail=failure.detail)
    if failure.timed_out:
        return RemoteTimeout(system=system, detail=failure.detail)
    return RemoteUnavailable(system=system, detail=failure.detail)


def raise_for_status(system: str, call: Call, answer: Answer, fields: RefusalFields, now: datetime) -> None:
    """Raises the error that the status means; returns for 2xx."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 429:
        raise RateLimited(system=system, not_before=retry_after(answer, now))
    if status in {401, 403}:
        raise CredentialsRefused(system=system, status=status)
    if status == 404:
        raise RemoteNotFound(system=system, what=call.what or call.operation)
    if status >= 500 or status == 408:
        _raise_indefinite(system, call, f"it answered {status}", retry_after(answer, now))
    detail, code = refusal(answer, fields)
    raise RemoteRejected(system=system, status=status, detail=detail, external_code=code)


def unreadable(system: str, call: Call, detail: str) -> NoReturn:
    """Raises for a 2xx that cannot be read: a write may have happened, a read is tried again later."""
    _raise_indefinite(system, call, detail, None)


def _raise_indefinite(system: str, call: Call, detail: str, not_before: datetime | None) -> NoReturn:
    if call.effect is Effect.WRITE:
        raise OutcomeUnknown(system=system, operation=call.operation, detail=detail)
    raise RemoteUnavailable(system=system, detail=detail, not_before=not_before)


def body_of(system: str, call: Call, answer: Answer) -> Any:
    """A 2xx answer's body as the call expects it: parsed JSON, None or bytes. Raises as `unreadable` says."""
    if call.expect is Expect.BYTES:
        if answer.content_type == "text/html":
            unreadable(system, call, "it answered with a page instead of a file")
        return answer.content
    if not answer.content.strip():
        return None if call.expect is Expect.NOTHING else unreadable(system, call, "the answer is empty")
    try:
        return json.loads(answer.content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        unreadable(system, call, f"the answer is not JSON but {answer.content_type or 'of no type'}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def retry_after(answer: Answer, now: datetime) -> datetime | None:
    """Retry-After as a moment in UTC, from seconds or an HTTP date; None when it is absent or cannot be read."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return min(max(moment, now), now + LONGEST_WAIT)


def refusal(answer: Answer, fields: RefusalFields) -> tuple[str, str]:
    """The remote's own text, without markup and personal numbers and at most 500 characters, and its own code or ""."""
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        body = answer.content.decode(errors="replace")
    message, code = _message(body, fields), ""
    if isinstance(body, Mapping):
        code = str(_field(body, fields.code) or "")[:100]
    text = " ".join(html.unescape(_TAGS.sub(" ", message)).replace("\0", "").split())
    return redact_text(text)[:MAX_DETAIL] or "no reason given", code


def _message(body: Any, fields: RefusalFields) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, Mapping):
        for name in fields.messages:
            found = _field(body, name)
            if found:
                return _message(found, fields)
    return json.dumps(body, ensure_ascii=False) if body else ""


def _field(body: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in body.items() if key.lower() == name.lower()), None)
