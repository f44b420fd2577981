"""Faults on demand: rules that make chosen calls slow, refused, cut off or garbled, and chosen webhooks doubled, swapped or lost."""

import asyncio
import random
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Proceed = Callable[[], Awaitable[web.StreamResponse]]
ErrorAnswer = Callable[[int, str], web.Response]

WEBHOOK_KINDS = frozenset({"webhook_duplicate", "webhook_reorder", "webhook_lose"})
HELD_SECONDS = 60.0
HTML = "<!DOCTYPE html><html><head><title>Service unavailable</title></head><body><h1>Service unavailable</h1></body></html>"


@dataclass
class FaultRule:
    """One fault and what it applies to; an absent condition matches everything.

    `times` left is None for always; the first `after` matches pass untouched; `probability` is drawn from `seed`.
    `seconds` is the latency, the hold before a dropped connection, or the Retry-After. `perform` says whether the request
    still has its effect, for the kinds `status`, `html` and `invalid_json` (default: only `invalid_json`).
    """

    kind: str
    method: str | None = None
    path: str | None = None
    operation: str | None = None
    event: str | None = None
    times: int | None = None
    probability: float | None = None
    seed: int | None = None
    seconds: float | None = None
    status: int | None = None
    after: int = 0
    perform: bool | None = None
    id: int = 0
    hits: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FaultRule":
        """A rule from a control call. Raises ValueError naming what is wrong."""
        unknown = set(data) - set(_FIELD_TYPES)
        if unknown:
            raise ValueError(f"unknown property {min(unknown)}")
        for name, value in data.items():
            if value is not None and (not isinstance(value, _FIELD_TYPES[name]) or (isinstance(value, bool) and name != "perform")):
                raise ValueError(f"{name} has the wrong type")
        if data.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        _check_pattern(data.get("path"))
        rule = cls(**{name: value for name, value in data.items() if value is not None})
        rule._random.seed(rule.seed)
        return rule

    def strikes(
        self, *, method: str | None = None, path: str | None = None, operation: str | None = None, event: str | None = None
    ) -> bool:
        """Whether this rule applies to what is described; counts the match."""
        if self.times == 0 or not self._matches(method, path, operation, event):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True

    def render(self) -> dict[str, Any]:
        """The rule as JSON data, with what is left of it."""
        return {name: getattr(self, name) for name in (*_FIELD_TYPES, "id", "hits")}

    def _matches(self, method: str | None, path: str | None, operation: str | None, event: str | None) -> bool:
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or (path is not None and re.search(self.path, path) is not None))
            and (self.operation is None or self.operation == operation)
            and (self.event is None or self.event == event)
        )


def _check_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise ValueError(f"path is not a regular expression: {error}") from None


_FIELD_TYPES: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "method": str,
    "path": str,
    "operation": str,
    "event": str,
    "times": int,
    "probability": (int, float),
    "seed": int,
    "seconds": (int, float),
    "status": int,
    "after": int,
    "perform": bool,
}


class FaultBook:
    """The rules in force, tried in the order they were added; the first that strikes wins."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._last_id = 0

    def add(self, data: Mapping[str, Any]) -> FaultRule:
        """Add a rule. Raises ValueError when the data make no rule."""
        rule = FaultRule.from_json(data)
        self._last_id += 1
        rule.id = self._last_id
        self._rules.append(rule)
        return rule

    def remove(self, rule_id: int | None = None) -> None:
        """Remove one rule, or all."""
        self._rules = [rule for rule in self._rules if rule_id is not None and rule.id != rule_id]

    def render(self) -> list[dict[str, Any]]:
        """All rules as JSON data, spent ones included."""
        return [rule.render() for rule in self._rules]

    def for_call(self, method: str, path: str, operation: str) -> FaultRule | None:
        """The rule that strikes this request, if any."""
        for rule in self._rules:
            if rule.kind not in WEBHOOK_KINDS and rule.strikes(method=method, path=path, operation=operation):
                return rule
        return None

    def for_webhook(self, event: str) -> FaultRule | None:
        """The rule that strikes this delivery, if any."""
        for rule in self._rules:
            if rule.kind in WEBHOOK_KINDS and rule.strikes(event=event):
                return rule
        return None


async def disturb(rule: FaultRule, request: web.Request, proceed: Proceed, error_answer: ErrorAnswer) -> web.StreamResponse | None:
    """Answer a request the way `rule` wants. None means that the connection was dropped and there is nobody left to answer."""
    return await _ACTIONS[rule.kind](rule, request, proceed, error_answer)


async def _latency(rule: FaultRule, _request: web.Request, proceed: Proceed, _error: ErrorAnswer) -> web.StreamResponse:
    await asyncio.sleep(1.0 if rule.seconds is None else rule.seconds)
    return await proceed()


async def _rate_limit(rule: FaultRule, _request: web.Request, _proceed: Proceed, error: ErrorAnswer) -> web.StreamResponse:
    answer = error(429, "Too many requests")
    answer.headers["Retry-After"] = str(max(1, round(1 if rule.seconds is None else rule.seconds)))
    return answer


async def _rate_limit_no_retry_after(_rule: FaultRule, _request: web.Request, _proceed: Proceed, error: ErrorAnswer) -> web.StreamResponse:
    return error(429, "Too many requests")


async def _status(rule: FaultRule, _request: web.Request, proceed: Proceed, error: ErrorAnswer) -> web.StreamResponse:
    if rule.perform:
        await proceed()
    return error(rule.status or 500, "An error has occurred")


async def _html(rule: FaultRule, _request: web.Request, proceed: Proceed, _error: ErrorAnswer) -> web.StreamResponse:
    if rule.perform:
        await proceed()
    return web.Response(status=rule.status or 503, text=HTML, content_type="text/html")


async def _invalid_json(rule: FaultRule, _request: web.Request, proceed: Proceed, _error: ErrorAnswer) -> web.StreamResponse:
    status = rule.status or 200
    if rule.perform is not False:
        answer = await proceed()
        status = rule.status or answer.status
    return web.Response(status=status, body=b'{"PublicId": "5f', content_type="application/json")


async def _timeout_before_write(rule: FaultRule, request: web.Request, _proceed: Proceed, _error: ErrorAnswer) -> None:
    await _hold(rule, request)
    _drop(request)


async def _timeout_after_write(rule: FaultRule, request: web.Request, proceed: Proceed, _error: ErrorAnswer) -> None:
    await proceed()
    await _hold(rule, request)
    _drop(request)


async def _reset(_rule: FaultRule, request: web.Request, _proceed: Proceed, _error: ErrorAnswer) -> None:
    _drop(request)


async def _reset_after_write(_rule: FaultRule, request: web.Request, proceed: Proceed, _error: ErrorAnswer) -> None:
    await proceed()
    _drop(request)


async def _hold(rule: FaultRule, request: web.Request) -> None:
    """Wait as long as the rule says, or until the caller has hung up."""
    loop = asyncio.get_running_loop()
    until = loop.time() + (HELD_SECONDS if rule.seconds is None else rule.seconds)
    while (left := until - loop.time()) > 0 and request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(min(left, 0.1))


def _drop(request: web.Request) -> None:
    """Cut the connection with a TCP reset: lingering for zero seconds throws unsent data away."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


_Action = Callable[[FaultRule, web.Request, Proceed, ErrorAnswer], Awaitable[web.StreamResponse | None]]

_ACTIONS: dict[str, _Action] = {
    "latency": _latency,
    "rate_limit": _rate_limit,
    "rate_limit_no_retry_after": _rate_limit_no_retry_after,
    "status": _status,
    "timeout_after_write": _timeout_after_write,
    "timeout_before_write": _timeout_before_write,
    "reset": _reset,
    "reset_after_write": _reset_after_write,
    "html": _html,
    "invalid_json": _invalid_json,
}

KINDS = frozenset(_ACTIONS) | WEBHOOK_KINDS
