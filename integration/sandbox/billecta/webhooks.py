"""Webhooks: who subscribes to what, and the deliveries with Billecta's five retries and growing pauses."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from integration.sandbox.base import SOON_SECONDS, Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.faults import FaultBook
from integration.sandbox.journal import Journal
from integration.sandbox.store import encode

RETRIES = 5
GROWTH = 5
"""Each pause is so many times the one before: with the first of a minute, five retries span half a day (Billecta: within 24 hours)."""

ANSWER_SECONDS = 10.0
HELD_SECONDS = 2.0
"""How long a delivery that is to come too late waits for another to overtake it, unless told otherwise."""

PARALLEL = 16


@dataclass
class Subscription:
    """A URL that wants to know; without `creditors` all of them, without `events` everything."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    creditors: list[str] | None = None
    events: list[str] | None = None

    def wants(self, event: str, creditor_id: str | None) -> bool:
        """Whether this event about this creditor is for it."""
        return (self.creditors is None or creditor_id in self.creditors) and (self.events is None or event in self.events)


@dataclass
class Delivery:
    """One body on its way to one URL."""

    number: int
    event: str
    body: str
    subscription: Subscription


class Announcer:
    """Sends events to subscribers in the background. Deliveries run side by side, so their order is not promised."""

    def __init__(self, journal: Journal, faults: FaultBook) -> None:
        self.subscriptions: list[Subscription] = []
        self.retry_base_seconds = 60.0
        self.held_seconds = HELD_SECONDS
        self._journal = journal
        self._faults = faults
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[tuple[Delivery, asyncio.TimerHandle]] = []
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(PARALLEL)
        self._patient = 0
        """How many of the tasks wait for longer than a moment before they try again."""

    def announce(self, event: str, creditor_id: str | None, data: Callable[[], object], alternate: object = None) -> None:
        """Tell the subscribers; `data` is only called when there are any, and shows the state at this moment."""
        wanting = [subscription for subscription in self.subscriptions if subscription.wants(event, creditor_id)]
        if not wanting:
            return
        body = encode(
            {
                "Event": event,
                "Data": data(),
                "AlternateData": alternate,
                "CreditorPublicId": creditor_id,
                "Created": dates.wire_now(),
            }
        )
        for subscription in wanting:
            self._dispatch(Delivery(next(self._numbers), event, body, subscription))

    @property
    def under_way(self) -> int:
        """How many deliveries are on their way, are held back, or are tried again in a moment."""
        return len(self._tasks) - self._patient + len(self._held)

    def configure(self, data: Mapping[str, Any]) -> None:
        """Replace subscriptions: `url`, `headers`, `creditors`, `events` for one, or a list of such under `subscriptions`.

        `retry_base_seconds` is the first pause before a retry, `held_seconds` how long one that is to come too late waits for
        another. A null url ends all. Raises Refusal (400).
        """
        given = data.get("subscriptions", [data] if data.get("url") else [] if "url" in data else None)
        base, held = _seconds(data, "retry_base_seconds", self.retry_base_seconds), _seconds(data, "held_seconds", self.held_seconds)
        if given is not None:
            self.subscriptions = [_subscription(one) for one in given]
        self.retry_base_seconds, self.held_seconds = base, held

    def render(self) -> dict[str, Any]:
        """The configuration as JSON data, and how much is `under_way`."""
        return {
            "subscriptions": [vars(one) for one in self.subscriptions],
            "retry_base_seconds": self.retry_base_seconds,
            "held_seconds": self.held_seconds,
            "under_way": self.under_way,
        }

    def forget(self) -> None:
        """Give up what is still under way or waits to be tried again."""
        for _, timer in self._held:
            timer.cancel()
        self._held = []
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Give up what is still under way and close the connections."""
        self.forget()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _dispatch(self, delivery: Delivery) -> None:
        rule = self._faults.for_webhook(delivery.event)
        kind = rule.kind if rule else ""
        if kind == "webhook_lose":
            self._journal.webhook(event=delivery.event, attempt=0, status=None, delivery=delivery.number, fault=kind)
        elif kind == "webhook_reorder":
            timer = asyncio.get_running_loop().call_later(self.held_seconds, self._release)
            self._held.append((delivery, timer))
        else:
            overtaken, self._held = self._held, []
            for _, timer in overtaken:
                timer.cancel()
            copies = [delivery] * (2 if kind == "webhook_duplicate" else 1)
            self._run(self._send_in_turn([*copies, *(held for held, _ in overtaken)]))

    def _release(self) -> None:
        overtaken, self._held = self._held, []
        for _, timer in overtaken:
            timer.cancel()
        self._run(self._send_in_turn([held for held, _ in overtaken]))

    async def _send_in_turn(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            if not await self._attempt(delivery, 1):
                self._run(self._retry(delivery))

    async def _retry(self, delivery: Delivery) -> None:
        for retry in range(RETRIES):
            pause = self.retry_base_seconds * GROWTH**retry
            is_long = pause >= SOON_SECONDS
            self._patient += is_long
            try:
                await asyncio.sleep(pause)
            finally:
                self._patient -= is_long
            if await self._attempt(delivery, retry + 2):
                return

    async def _attempt(self, delivery: Delivery, attempt: int) -> bool:
        async with self._slots:
            status = await self._post(delivery)
        self._journal.webhook(event=delivery.event, attempt=attempt, status=status, delivery=delivery.number, url=delivery.subscription.url)
        return status is not None and 200 <= status < 300

    async def _post(self, delivery: Delivery) -> int | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))
        headers = {"Content-Type": "application/json; charset=utf-8", **delivery.subscription.headers}
        try:
            async with self._session.post(
                delivery.subscription.url, data=delivery.body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _subscription(data: object) -> Subscription:
    if not isinstance(data, dict) or not isinstance(data.get("url"), str):
        raise Refusal(400, "A subscription needs a url")
    headers = data.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise Refusal(400, "headers must be names with texts")
    return Subscription(data["url"], headers, _names(data, "creditors"), _names(data, "events"))


def _seconds(data: Mapping[str, Any], name: str, default: float) -> float:
    value = data.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Refusal(400, f"{name} must be a number of seconds")
    return float(value)


def _names(data: Mapping[str, Any], name: str) -> list[str] | None:
    value = data.get(name)
    if value is not None and (not isinstance(value, list) or not all(isinstance(item, str) for item in value)):
        raise Refusal(400, f"{name} must be a list of texts")
    return value
