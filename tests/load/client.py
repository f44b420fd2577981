"""The load generator: keeps connections open, sends unique deliveries and times the answers. Runs as a process of its own.

A closed loop (each connection sends as soon as it is answered) finds what the server can do at most. An open loop sends at
a given rate whatever the server does, and counts the time from when a request was due, so that a stall shows in full.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass

CONTENT_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
TICK_SECONDS = 0.001


@dataclass(frozen=True)
class Load:
    """What to send, and how.

    `body` holds `mark` once; each request carries an id of its own in its place. `rate` is requests a second for an open
    loop, None for a closed one. Requests of the first `warm_up` seconds are sent and not counted.
    """

    port: int
    path: str
    body: str
    mark: str
    headers: dict[str, str]
    connections: int
    seconds: float
    rate: float | None = None
    warm_up: float = 1.0


@dataclass(frozen=True)
class Answers:
    """What came back after the warm-up. Times are in milliseconds; `failed` counts every answer but 200."""

    requests: int
    failed: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def put(load: Load) -> Answers:
    """Run the generator in a process of its own and return what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.client"], input=json.dumps(asdict(load)), capture_output=True, text=True, check=True
    )
    return Answers(**json.loads(done.stdout))


class _Requests:
    """Makes requests that differ in one id."""

    def __init__(self, load: Load) -> None:
        before, after = load.body.encode().split(load.mark.encode())
        names = {"Host": f"127.0.0.1:{load.port}", "Content-Type": "application/json", "Content-Length": str(len(before) + len(after) + 32)}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**names, **load.headers}.items())
        self._before = f"POST /{load.path} HTTP/1.1\r\n{head}\r\n".encode() + before
        self._after = after
        self._number = time.time_ns() << 24

    def next(self) -> bytes:
        self._number += 1
        return b"%b%032x%b" % (self._before, self._number, self._after)


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._run.ready(self)

    def send(self, request: bytes, since: float) -> None:
        self._since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = CONTENT_LENGTH.search(head)
        if found and length and len(body) >= int(length[1]):
            self._received = b""
            self._run.answered(int(head[9:12]), self._since)
            self._run.ready(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._run.lost()


class _Run:
    """One run of a load: who is idle, what is due, what came back."""

    def __init__(self, load: Load) -> None:
        self._load, self._requests = load, _Requests(load)
        self._idle: deque[_Connection] = deque()
        self._due: deque[float] = deque()
        self._times: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._until = 0.0
        self._counted_from = 0.0

    def ready(self, connection: _Connection) -> None:
        if self._load.rate is None and self._counted_from and time.perf_counter() < self._until:
            connection.send(self._requests.next(), time.perf_counter())
        elif self._due:
            connection.send(self._requests.next(), self._due.popleft())
        else:
            self._idle.append(connection)

    def answered(self, status: int, since: float) -> None:
        now = time.perf_counter()
        if self._counted_from <= since and now <= self._until:
            self._times.append(now - since)
            self._statuses[status] += 1

    def lost(self) -> None:
        if time.perf_counter() < self._until:
            self._statuses[0] += 1

    async def measure(self) -> Answers:
        loop = asyncio.get_running_loop()
        for _number in range(self._load.connections):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._load.port)
        started = time.perf_counter()
        self._counted_from = started + self._load.warm_up
        self._until = self._counted_from + self._load.seconds
        await (self._flood() if self._load.rate is None else self._pace(started, self._load.rate))
        return self._answers()

    async def _flood(self) -> None:
        for connection in [self._idle.popleft() for _number in range(len(self._idle))]:
            self.ready(connection)
        await asyncio.sleep(self._until - time.perf_counter())

    async def _pace(self, started: float, rate: float) -> None:
        made = 0
        while (now := time.perf_counter()) < self._until:
            while started + made / rate <= now:
                self._due.append(started + made / rate)
                made += 1
            while self._due and self._idle:
                self._idle.popleft().send(self._requests.next(), self._due.popleft())
            await asyncio.sleep(TICK_SECONDS)

    def _answers(self) -> Answers:
        unanswered = sum(self._counted_from <= due for due in self._due)
        times = sorted(self._times) or [0.0]
        return Answers(
            requests=len(self._times),
            failed=sum(self._statuses.values()) - self._statuses[200] + unanswered,
            per_second=round(len(self._times) / self._load.seconds, 1),
            p50_ms=_milliseconds(times, 0.50),
            p99_ms=_milliseconds(times, 0.99),
            max_ms=_milliseconds(times, 1.0),
        )


def _milliseconds(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 1)


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_Run(Load(**json.load(sys.stdin))).measure()))))
