"""The one client that both vendors' clients are made of: sends a call, maps its outcome, records each try."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote, urlencode

from integration.errors import KvittensError, RemoteTimeout, RemoteUnavailable
from integration.http import deadline as shared
from integration.http import outcome
from integration.http.calls import Call, Effect, Exchange, Throttle, Timeouts
from integration.http.outcome import RefusalFields
from integration.http.records import recorded_answer, recorded_path, recorded_request
from integration.http.transport import Answer, NoAnswer, Transport

T = TypeVar("T")

USER_AGENT = "Kvittens/0.1.0 (+Billecta-Lime portal)"
MAX_BYTES = 32 * 1024 * 1024
PASSING_STATUSES = frozenset({502, 503, 504})


@dataclass
class _Tried(Generic[T]):
    """One request of a call: what came back, and what it meant."""

    answer: Answer | None = None
    timed_out: bool = False
    value: T | None = None
    error: KvittensError | None = None

    @property
    def may_pass(self) -> bool:
        """Whether the failure is of a kind that often passes at once."""
        if self.error is None or self.timed_out:
            return False
        return self.answer is None or (self.answer.status in PASSING_STATUSES and "Retry-After" not in self.answer.headers)

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return cast("T", self.value)


class ApiClient:
    """Calls one remote system. Safe to share between threads; see `Transport`.

    Args:
        system: its name, as people know it ("Billecta").
        base_url: http(s), percent-encoded, without a trailing slash.
        headers: sent with every call, among them the credentials.
        throttle: asked before every request, the quick retry too.
        on_exchange: told of every try, in the thread that made it.
        refusal_fields: where the system's error bodies hold their text.
        ca_file: a PEM file of authorities to trust instead of the usual ones.
        pool_size: connections kept open.
        max_bytes: a longer answer is given up.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        timeouts: Timeouts | None = None,
        throttle: Throttle | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        refusal_fields: RefusalFields | None = None,
        user_agent: str = USER_AGENT,
        ca_file: str = "",
        pool_size: int = 8,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.system = system
        self.base_url = base_url.rstrip("/")
        self._timeouts = timeouts or Timeouts()
        self._throttle = throttle
        self._on_exchange = on_exchange
        self._refusal_fields = refusal_fields or RefusalFields()
        self._transport = Transport(
            {"User-Agent": user_agent, **headers}, self._timeouts, ca_file=ca_file, pool_size=pool_size, max_bytes=max_bytes
        )

    def perform(self, call: Call, read: Callable[[Any], T]) -> T:
        """Makes the call and returns what `read` makes of its body: parsed JSON, None or bytes, after `call.expect`.

        `read` raises `RemoteUnavailable` for a body that it cannot make sense of. A `READ` gets one quick retry after a lost
        connection or 502, 503, 504. Inside `deadline.within` it waits no longer than that leaves it.

        Raises:
            RemoteUnavailable, RemoteTimeout: no definite answer to a call that may be repeated, or nothing was sent.
            OutcomeUnknown: no definite answer to a `WRITE`.
            RateLimited, Throttled: nothing happened; 429 with its Retry-After, or the throttle refused.
            CertificateNotTrusted: nothing was sent.
            CredentialsRefused: 401, 403. RemoteNotFound: 404. RemoteRejected: every other 4xx, and redirects.
        """
        if shared.time_is_up():
            raise RemoteTimeout(system=self.system, detail="no time was left to ask")
        deadline = min(time.monotonic() + self._timeouts.total, shared.in_force())
        request_id = uuid.uuid4().hex
        tried = self._try(call, read, request_id, deadline)
        if call.effect is Effect.READ and tried.may_pass and time.monotonic() < deadline:
            tried = self._try(call, read, request_id, deadline)
        return tried.result()

    def close(self) -> None:
        """Closes the pooled connections."""
        self._transport.close()

    def _try(self, call: Call, read: Callable[[Any], T], request_id: str, deadline: float) -> _Tried[T]:
        if self._throttle is not None:
            self._throttle.take()
        started = time.monotonic()
        tried = _Tried[T]()
        try:
            tried.answer = self._send(call, request_id, deadline)
            tried.value = self._read(call, tried.answer, read)
        except NoAnswer as failure:
            tried.timed_out = failure.timed_out
            tried.error = outcome.of_no_answer(self.system, call, failure)
            tried.error.__cause__ = failure
        except KvittensError as error:
            tried.error = error
        self._record(call, tried, request_id, duration_ms=round((time.monotonic() - started) * 1000))
        return tried

    def _send(self, call: Call, request_id: str, deadline: float) -> Answer:
        body, headers = _body(call)
        headers |= {"X-Request-Id": request_id, **call.headers}
        query = f"?{urlencode(call.params, quote_via=quote)}" if call.params else ""
        return self._transport.send(call.method, f"{self.base_url}{call.path}{query}", body=body, headers=headers, deadline=deadline)

    def _read(self, call: Call, answer: Answer, read: Callable[[Any], T]) -> T:
        outcome.raise_for_status(self.system, call, answer, self._refusal_fields, datetime.now(UTC))
        body = outcome.body_of(self.system, call, answer)
        try:
            return read(body)
        except RemoteUnavailable as unread:
            outcome.unreadable(self.system, call, str(unread.params.get("detail", "")))

    def _record(self, call: Call, tried: _Tried[T], request_id: str, *, duration_ms: int) -> None:
        if self._on_exchange is None:
            return
        self._on_exchange(
            Exchange(
                system=self.system,
                operation=call.operation,
                method=call.method,
                path=recorded_path(call),
                status=tried.answer.status if tried.answer else None,
                request=recorded_request(call),
                response=recorded_answer(call, tried.answer),
                duration_ms=duration_ms,
                error=tried.error.code if tried.error else None,
                request_id=request_id,
            )
        )


def _body(call: Call) -> tuple[bytes | None, dict[str, str]]:
    if call.payload is None:
        return call.content, {}
    text = json.dumps(call.payload, default=_number, ensure_ascii=False, allow_nan=False)
    return text.encode(), {"Content-Type": "application/json"}


def _number(value: object) -> int | float:
    """A Decimal as the JSON number that it is on the wire; only here may it become a float."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no form in JSON")
    return int(value) if value == value.to_integral_value() else float(value)
