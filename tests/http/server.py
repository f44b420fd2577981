"""A server on 127.0.0.1 that answers each request by the next reply of its script, down to the byte, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

Reply = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedServer:
    """Each connection serves one request; a request beyond the script's end gets the last reply again."""

    def __init__(self, script: Iterable[Reply]) -> None:
        self._script = list(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[Received] = []
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def wait_for_a_request(self) -> None:
        """What was sent is read in a thread, perhaps after the caller gave up."""
        until = time.monotonic() + 60
        while not self.requests:
            assert time.monotonic() < until, "nothing was asked"
            time.sleep(0.005)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                request = _read_request(connection)
                self.requests.append(request)
                self._script[min(len(self.requests), len(self._script)) - 1](connection)
            except (OSError, ValueError):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=60)


def _read_request(connection: socket.socket) -> Received:
    with connection.makefile("rb") as stream:
        method, target, _ = stream.readline().decode("latin-1").split()
        headers: dict[str, str] = {}
        while line := stream.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Received(method, target, headers, stream.read(int(headers.get("content-length", 0))))


def answer(
    status: int = 200, body: object = None, *, headers: dict[str, str] | None = None, content_type: str = "application/json"
) -> Reply:
    """A whole answer; `body` is sent as JSON unless it is bytes or str."""
    content = (
        body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    )
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Length: {len(content)}", f"Content-Type: {content_type}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    wire = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
    return lambda connection: connection.sendall(wire)


def silence(seconds: float) -> Reply:
    return lambda _: time.sleep(seconds)


def reset(connection: socket.socket) -> None:
    """Breaks the connection as a crashed server does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drip(wire: bytes, *, seconds_between: float) -> Reply:
    """Sends one byte at a time."""

    def reply(connection: socket.socket) -> None:
        for byte in wire:
            connection.sendall(bytes([byte]))
            time.sleep(seconds_between)

    return reply


def raw(wire: bytes) -> Reply:
    return lambda connection: connection.sendall(wire)


@contextmanager
def scripted(*replies: Reply) -> Iterator[ScriptedServer]:
    with ScriptedServer(replies) as server:
        yield server
