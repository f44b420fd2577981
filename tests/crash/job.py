"""The main job, played through a portal that is killed on the way: order, draft, attest, two payments, all of it in Lime."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import requests
from django.db.models import F

from integration.ledger.work import sent_at
from integration.models import SyncRecord, WakeUp, WebhookEvent
from integration.sync import links
from tests.crash.portal import Portal
from tests.flows.world import World

UPSERT, ATTEST = "upsert-orders-in-billecta", "attest-orders-in-billecta"
STEP_SECONDS = 120.0
LONGER_THAN_A_LEASE = timedelta(seconds=121)


class NotDone(Exception):
    """The portal did not get there in time."""


class Job:
    """Plays orders while workers die.

    Args:
        deaths: at which of its points each worker in turn is to die; after the last, workers live.
    """

    def __init__(self, world: World, portal: Portal, deaths: Iterator[int], key: str) -> None:
        self.world, self.portal, self.deaths, self._key = world, portal, deaths, key
        self.died_at: list[int] = []

    def next_worker(self) -> None:
        """Start a worker that dies where the next of `deaths` says."""
        self.portal.start_worker(die_at=next(self.deaths, 0))

    def play(self, ref: str, *, kill_web: bool = False) -> None:
        """One order from Lime to its last payment. Raises NotDone."""
        world, order = self.world, self.world.ids[ref]
        self._command(UPSERT, order)
        self._work_until(f"{ref} is a draft", lambda: world.order_status(ref) == "created")
        self._command(ATTEST, order)
        self._work_until(f"{ref} is sent", lambda: world.order_status(ref) == "sent")
        link = links.find("order", lime_id=order)
        if link is None:
            raise NotDone(f"{ref} is sent but not linked")
        if kill_web:
            self.portal.kill("web")
        world.pay(link.billecta_id, 1_000_00)
        if kill_web:
            self.portal.start_web()
        self._work_until(f"{ref} has a payment", lambda: len(self._payments(order)) == 1)
        world.pay(link.billecta_id)
        self._work_until(f"{ref} is paid", lambda: world.order_status(ref) == "paid" and len(self._payments(order)) == 2)

    def finish(self) -> None:
        """Work until nothing is left to do."""
        self._work_until("all work is finished", _nothing_left)

    def _payments(self, order: int) -> list[object]:
        invoices = {invoice["_id"] for invoice in self.world.lime_objects("invoice") if invoice["order"] == order}
        return [payment for payment in self.world.lime_objects("payment") if payment["invoice"] in invoices]

    def _command(self, command: str, order: int) -> None:
        answer = requests.post(
            f"{self.portal.url}/api/v1/commands/{command}/",
            json={"ids": [order]},
            headers={"x-api-key": self._key, "Idempotency-Key": f"{command}-{order}"},
            timeout=30,
        )
        answer.raise_for_status()

    def _work_until(self, what: str, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + STEP_SECONDS
        while not reached():
            if time.monotonic() > until:
                unfinished = list(
                    SyncRecord.objects.filter(status__in=SyncRecord.UNFINISHED).values("kind", "status", "error_code", "message")
                )
                raise NotDone(f"not within {STEP_SECONDS:.0f} s: {what}; {unfinished}\n{self.portal.output()}")
            if not self.portal.worker_lives():
                self._replace_worker()
            time.sleep(0.1)

    def _replace_worker(self) -> None:
        self.died_at.append(self.portal.points_passed())
        self.portal.kill("worker")
        let_time_pass()
        self.next_worker()


def let_time_pass() -> None:
    """Make everything that the dead worker left as old as a lease, instead of waiting for it."""
    work, late = SyncRecord.objects.filter(status__in=SyncRecord.UNFINISHED), LONGER_THAN_A_LEASE
    for record in work.exclude(open_writes={}):
        aged = {name: {**entry, "sent_at": (sent_at(entry) - late).isoformat()} for name, entry in record.open_writes.items()}
        SyncRecord.objects.filter(pk=record.pk).update(open_writes=aged)
    work.filter(status=SyncRecord.Status.IN_FLIGHT).update(lease_until=F("lease_until") - late)
    WakeUp.objects.update(requested_at=F("requested_at") - late)


def _nothing_left() -> bool:
    received = WebhookEvent.objects.filter(status__in=[WebhookEvent.Status.RECEIVED, WebhookEvent.Status.PROCESSING])
    return not SyncRecord.objects.filter(status__in=SyncRecord.UNFINISHED).exists() and not received.exists()
