"""Stored JSON, bodies and recorded calls as people read them: indented, masked, folded away until asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from integration.presentation import formats
from integration.redaction import redact, redact_text


def json_block(value: object) -> SafeString:
    """A JSON-like value, masked and indented; a dash when it is empty."""
    return SafeString(formats.ABSENT) if value in ({}, [], None, "") else _block(_indented(redact(value)))


def body_block(body: bytes | memoryview) -> SafeString:
    """A delivery's raw body, masked: indented when it is JSON, else as text with what cannot be read marked."""
    raw = bytes(body)
    try:
        return _block(_indented(redact(json.loads(raw))))
    except (ValueError, RecursionError):
        return _block(redact_text(raw.decode("utf-8", errors="replace")))


def calls(exchanges: Sequence[Mapping[str, Any]]) -> SafeString:
    """The calls of one attempt, one line each, that open to show what was sent and answered (redacted when recorded)."""
    if not exchanges:
        return SafeString(formats.ABSENT)
    lines = [
        {**exchange, "request": _indented_text(exchange.get("request")), "response": _indented_text(exchange.get("response"))}
        for exchange in exchanges
    ]
    return SafeString(render_to_string("admin/integration/calls.html", {"calls": lines}))


def folded(title: object, text: str) -> SafeString:
    """Long text behind its title; a dash when there is none."""
    if not text:
        return SafeString(formats.ABSENT)
    return format_html('<details class="kv-fold"><summary>{}</summary><pre class="kv-code">{}</pre></details>', title, text)


def _block(text: str) -> SafeString:
    return format_html('<pre class="kv-code">{}</pre>', text)


def _indented(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _indented_text(text: object) -> str:
    """Recorded JSON text indented; text that was cut is no JSON any more and stays as it is."""
    try:
        return _indented(json.loads(str(text or "")))
    except ValueError:
        return str(text or "")
