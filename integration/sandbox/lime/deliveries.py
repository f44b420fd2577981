"""The sending of webhooks: one worker that a slow receiver holds up, retries that repeat the delivery, and faults on request."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import aiohttp

from integration.sandbox.base import SOON_SECONDS
from integration.sandbox.faults import FaultBook
from integration.sandbox.journal import Journal
from integration.sandbox.lime.modes import Modes
from integration.sandbox.lime.signature import signature_headers
from integration.sandbox.lime.subscriptions import Subscription

RETRIES = 5
"""How often an unanswered delivery is tried again, each pause twice the one before (assumed)."""

LATE_SECONDS = 400
"""How old a late delivery says it is: more than the five minutes that Lime's own receiver allows."""

FORMER_SECRET = "former-secret"  # noqa: S105  what an old_secret fault signs with when there was no other


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one subscriber. A retry keeps `id` and `timestamp` (unix seconds) and raises `attempt`."""

    event: str
    body: bytes
    subscription: Subscription
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    timestamp: int = field(default_factory=lambda: int(time.time()))
    attempt: int = 1
    fault: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers it is sent with; some faults sign it wrongly."""
        version = 1 if self.fault == "signature_v1" else self.subscription.signature_version
        secret = (self.subscription.former_secret or FORMER_SECRET) if self.fault == "old_secret" else self.subscription.secret
        signed = signature_headers(secret, version, self.id, self.timestamp, self.body)
        return {"Content-Type": "application/json", **signed}

    def sent_body(self) -> bytes:
        """The body as it is sent: the signed one, unless somebody tampers with it."""
        return self.body[:-1] + b',"tampered":true}' if self.fault == "tamper" else self.body


class Deliverer:
    """The queue of deliveries and the worker that sends them in order, one at a time."""

    def __init__(self, journal: Journal, faults: FaultBook, modes: Modes, headers: dict[str, str]) -> None:
        self._journal = journal
        self._faults = faults
        self._modes = modes
        self._headers = headers
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._held: list[Delivery] = []
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._timer_ids = itertools.count()
        self._worker: asyncio.Task[None] | None = None
        self._is_sending = False

    def start(self) -> None:
        """Start the worker in the running loop."""
        self._worker = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Stop sending; what is still queued is dropped."""
        self.forget()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    def forget(self) -> None:
        """Drop what waits to be sent or to be sent again."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._held.clear()
        while not self._queue.empty():
            self._queue.get_nowait()

    @property
    def under_way(self) -> int:
        """How many deliveries are queued or on their way, are held back, or are tried again in a moment."""
        soon = asyncio.get_running_loop().time() + SOON_SECONDS
        return self._queue.qsize() + self._is_sending + len(self._held) + sum(timer.when() < soon for timer in self._timers.values())

    def send(self, subscription: Subscription, event: str, body: bytes) -> None:
        """Queue one event for one subscriber, after the fault that may strike it."""
        rule = self._faults.for_webhook(event)
        fault = rule.kind.removeprefix("webhook_") if rule else self._modes.take_delivery_fault()
        delivery = Delivery(event, body, subscription, fault=fault)
        if fault == "lose":
            self._note(delivery, None)
        elif fault == "reorder":
            self._held.append(delivery)
            self._later(self._modes.held_seconds, self._release)
        else:
            self._queue_with_copies(delivery)
            self._release()

    def _queue_with_copies(self, delivery: Delivery) -> None:
        late = replace(delivery, timestamp=delivery.timestamp - LATE_SECONDS)
        self._queue.put_nowait(late if delivery.fault == "late" else delivery)
        if delivery.fault == "duplicate":
            self._queue.put_nowait(delivery)

    def _release(self) -> None:
        for held in self._held:
            self._queue.put_nowait(held)
        self._held.clear()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        number = next(self._timer_ids)

        def run() -> None:
            del self._timers[number]
            action()

        self._timers[number] = asyncio.get_running_loop().call_later(seconds, run)

    async def _work(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                delivery = await self._queue.get()
                self._is_sending = True
                try:
                    await self._attempt(session, delivery)
                finally:
                    self._is_sending = False

    async def _attempt(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        status = await self._post(session, delivery)
        self._note(delivery, status)
        if (status is None or not 200 <= status < 300) and delivery.attempt <= RETRIES:
            again = replace(delivery, attempt=delivery.attempt + 1)
            pause = self._modes.retry_base_seconds * 2 ** (delivery.attempt - 1)
            self._later(pause, lambda: self._queue.put_nowait(again))

    async def _post(self, session: aiohttp.ClientSession, delivery: Delivery) -> int | None:
        timeout = aiohttp.ClientTimeout(total=self._modes.delivery_timeout_seconds)
        headers = {**self._headers, **delivery.headers()}
        try:
            async with session.post(
                delivery.subscription.target_url, data=delivery.sent_body(), headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _note(self, delivery: Delivery, status: int | None) -> None:
        self._journal.webhook(
            event=delivery.event,
            attempt=delivery.attempt,
            status=status,
            delivery=delivery.id,
            url=delivery.subscription.target_url,
            fault=delivery.fault,
        )
