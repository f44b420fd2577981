"""Sends one request and reads the whole answer within a deadline, and knows whether anything was sent.

The read timeout of requests is per read, so a server that drips would hold a worker for ever. The connections here read
through a raw stream that shortens the socket's timeout to what is left of the call, for headers and body alike.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from integration.http.calls import Timeouts

CHUNK_BYTES = 64 * 1024


@dataclass
class _InFlight:
    """The try that this thread makes now: its monotonic deadline, and whether a byte of it may have reached the other side."""

    deadline: float
    sent: bool = False

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()


_in_flight: ContextVar[_InFlight] = ContextVar("in_flight")


@dataclass(frozen=True)
class Answer:
    """A whole answer, its body decoded from any content encoding. Header names are matched without regard to case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class NoAnswer(Exception):
    """No whole answer came. `sent` is False only when certainly nothing reached the other side; `untrusted`: its certificate failed."""

    def __init__(self, detail: str, *, sent: bool, timed_out: bool, untrusted: bool = False) -> None:
        self.detail, self.sent, self.timed_out, self.untrusted = detail, sent, timed_out, untrusted
        super().__init__(detail)


class _DeadlineStream(io.RawIOBase):
    """A socket's raw stream that waits for each read at most as long as the call has left."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._per_read = sock.gettimeout()
        self._call = _in_flight.get()
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._call.left
        if left <= 0:
            raise TimeoutError("the deadline of the call has passed")
        self._sock.settimeout(left if self._per_read is None else min(left, self._per_read))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineStream(sock))


class _SendMarks:
    """Notes the first byte handed to a connected socket."""

    response_class: Any = _DeadlineResponse
    sock: Any

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        _in_flight.get().sent = True
        super().send(data)  # type: ignore[misc]


class _Connection(_SendMarks, HTTPConnection):
    pass


class _SecureConnection(_SendMarks, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class Transport:
    """A pool of connections to one system.

    Safe to share between threads: the session is never changed after it is made, takes no cookies and ignores proxies and
    .netrc of the environment. A forked process gets a pool of its own.

    Args:
        headers: sent with every request.
        ca_file: a PEM file of authorities to trust instead of the usual ones; empty for those.
        pool_size: how many connections are kept; more threads than that open connections that are closed after use.
        max_bytes: a longer answer is given up.
    """

    def __init__(self, headers: Mapping[str, str], timeouts: Timeouts, *, ca_file: str, pool_size: int, max_bytes: int) -> None:
        self._headers, self._timeouts = dict(headers), timeouts
        self._ca_file, self._pool_size, self._max_bytes = ca_file, pool_size, max_bytes
        self._lock = threading.Lock()
        self._session: requests.Session | None = None
        self._made_by = 0

    def send(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], deadline: float) -> Answer:
        """Sends one request and reads its answer; redirects are not followed.

        Args:
            deadline: on the monotonic clock; nothing is waited for beyond it. Resolving the host's name is not bounded.

        Raises:
            NoAnswer: no connection, a broken one, time out, or an answer over `max_bytes`.
        """
        call = _InFlight(deadline)
        token = _in_flight.set(call)
        try:
            return self._send(call, method, url, body, headers)
        except (requests.RequestException, HTTPError, OSError) as error:
            cause = _innermost(error)
            timed_out = isinstance(error, requests.Timeout) or isinstance(cause, TimeoutError) or call.left <= 0
            untrusted = isinstance(cause, ssl.SSLCertVerificationError)
            raise NoAnswer(_in_words(cause), sent=call.sent, timed_out=timed_out, untrusted=untrusted) from error
        finally:
            _in_flight.reset(token)

    def _send(self, call: _InFlight, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        left = max(call.left, 0.001)
        waits = (min(self._timeouts.connect, left), min(self._timeouts.read, left))
        session = self._pooled()
        with session.request(method, url, data=body, headers=headers, timeout=waits, allow_redirects=False, stream=True) as response:
            return Answer(response.status_code, response.headers, self._body(call, response))

    def _body(self, call: _InFlight, response: requests.Response) -> bytes:
        received = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            received += chunk
            if len(received) > self._max_bytes:
                raise NoAnswer(f"the answer is over {self._max_bytes} bytes", sent=True, timed_out=False)
            if call.left <= 0:
                raise NoAnswer("the answer was not whole within the deadline", sent=True, timed_out=True)
        return bytes(received)

    def _pooled(self) -> requests.Session:
        with self._lock:
            if self._session is None or self._made_by != os.getpid():
                self._session, self._made_by = self._new_session(), os.getpid()
            return self._session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = self._ca_file or True
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.clear()
        session.headers.update({"Accept-Encoding": "gzip, deflate", **self._headers})
        adapter = _Adapter(pool_connections=1, pool_maxsize=self._pool_size, max_retries=0)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def close(self) -> None:
        """Closes the pooled connections; the next call opens new ones."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None


def _innermost(error: BaseException) -> BaseException:
    while True:
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = error.__cause__ or error.__context__
        if inner is None:
            return error
        error = inner


def _in_words(cause: BaseException) -> str:
    """The reason in a word or two; never the URL, which may hold personal data."""
    if isinstance(cause, TimeoutError):
        return "time out"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    text = (cause.strerror or "") if isinstance(cause, OSError) else ""
    return text or type(cause).__name__
