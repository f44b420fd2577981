"""What may be kept of a call and its answer: redacted, decoded for people, and cut when long."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from integration.http.calls import Call, Expect
from integration.http.transport import Answer
from integration.redaction import redact, redact_field

RECORDED_CHARACTERS = 8_000
RECORDED_ITEMS = 20


def recorded_path(call: Call) -> str:
    """The path with its query, a query's JSON (Lime's `q`) redacted like a body."""
    path, _, fixed = call.path.partition("?")
    shown = [f"{name}={_recorded_parameter(name, value)}" for name, value in [*parse_qsl(fixed), *call.params.items()]]
    return path + ("?" + "&".join(shown) if shown else "")


def recorded_request(call: Call) -> str:
    """The body that is sent, as JSON text, or its size."""
    if call.content is not None:
        return f"<{len(call.content)} bytes>"
    return "" if call.payload is None else _recorded(call.payload)


def recorded_answer(call: Call, answer: Answer | None) -> str:
    """The body that came, as JSON text, or its type and size; a file that was asked for is never shown, whatever it holds."""
    if answer is None or not answer.content:
        return ""
    if call.expect is Expect.BYTES and 200 <= answer.status < 300:
        return f"<{answer.content_type or 'no type'}, {len(answer.content)} bytes>"
    try:
        return _recorded(json.loads(answer.content))
    except (ValueError, RecursionError):
        return f"<{answer.content_type or 'no type'}, {len(answer.content)} bytes>"


def _recorded_parameter(name: str, value: str) -> str:
    if value.startswith(("{", "[")):
        try:
            return _recorded(json.loads(value))
        except ValueError:
            pass
    return str(redact_field(name, value))


def _recorded(body: object) -> str:
    text = json.dumps(redact(body, max_items=RECORDED_ITEMS), default=str, ensure_ascii=False)
    return text if len(text) <= RECORDED_CHARACTERS else f"{text[:RECORDED_CHARACTERS]}… ({len(text)} characters)"
