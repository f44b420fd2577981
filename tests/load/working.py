"""Measures the workers: orders to drafts, attests to Lime's invoices, and payments drained from stored events, beside both sandboxes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from tests.flows.world import World, order_objects
from tests.load.databases import Database
from tests.load.portal import RECEIVER, Portal
from tests.sandbox.process import SandboxProcess

INVOICES = 100
INVOICES_WITH_LIMITS = 25
PATIENCE_SECONDS = 150.0
UNFINISHED = (
    "SELECT (SELECT count(*) FROM integration_syncrecord WHERE status IN ('pending', 'in_flight', 'waiting_retry'))"
    " + (SELECT count(*) FROM integration_webhookevent WHERE status IN ('received', 'processing'))"
)


def measure(database: Database, folder: Path) -> dict[str, Any]:
    """The main job for many orders, phase by phase; the last phase again with the limits on calls in force."""
    with SandboxProcess("billecta") as billecta, SandboxProcess("lime") as lime:
        bench = _Bench(World(billecta, lime), Portal(database, folder, billecta=billecta.url, lime=f"{lime.url}/kvittens"))
        with bench.portal.served():
            return {"database": database.name, **bench.play()}


class _Bench:
    """One portal with its two sandboxes and many orders, one debtor each."""

    def __init__(self, world: World, portal: Portal) -> None:
        self.world, self.portal = world, portal
        world.reset()
        self.orders = self._seed(INVOICES + INVOICES_WITH_LIMITS)
        self.key = portal.api_key("billecta-webhook", "commands")
        hook = {"url": f"{portal.url}/{RECEIVER}", "headers": {"x-api-key": self.key}}
        world.billecta.control("PUT", "webhooks", hook)
        portal.database.query("UPDATE integration_portalconfiguration SET settle_seconds = 0")
        self._limit(enabled=False)

    def play(self) -> dict[str, Any]:
        with self.portal.worked() as workers:
            drafts = self._timed(lambda: self._ask("upsert-orders-in-billecta"), per=len(self.orders))
            attested = self._timed(lambda: self._ask("attest-orders-in-billecta"), per=len(self.orders))
            peaks = workers.peaks_mib()
        actions = [invoice["ActionPublicId"] for invoice in self.world.invoices()]
        many, few = actions[:INVOICES], actions[INVOICES:]
        payments = self._pay_and_drain(many)
        self._limit(enabled=True)
        limited = self._pay_and_drain(few)
        return {
            "orders_to_drafts": drafts,
            "attested_to_lime": attested,
            "payments": payments,
            "payments_with_limits": limited,
            "worker_peak_mib": max(peaks, default=None),
            "workers_total_peak_mib": round(sum(peaks), 1) if peaks else None,
            "sandbox_start_seconds": {one.kind: round(one.started_in, 2) for one in (self.world.billecta, self.world.lime)},
        }

    def _seed(self, count: int) -> list[int]:
        known = self.world.ids
        objects: list[dict[str, Any]] = []
        for number in range(count):
            debtor = {"name": f"Hyresgäst {number}", "email": f"hyresgast{number}@example.se", "zipcode": "111 22", "city": "Stockholm"}
            objects.append({"limetype": "debtor", "ref": f"debtor{number}", "values": {**debtor, "address": f"Gatan {number}"}})
            order = order_objects(f"load{number}", {name: known[name] for name in ("creditor", "rent", "parking")})
            order[0]["values"]["debtor"] = {"ref": f"debtor{number}"}
            objects += order
        ids = self.world.lime.control("POST", "seed", {"objects": objects})["ids"]
        return [int(ids[f"load{number}"]) for number in range(count)]

    def _limit(self, *, enabled: bool) -> None:
        """Both the portal's own limits and those of the sandboxes."""
        self.portal.database.query(f"UPDATE integration_tokenbucket SET enabled = {'TRUE' if enabled else 'FALSE'}")
        for sandbox in (self.world.billecta, self.world.lime):
            sandbox.control("PUT", "limits", {"enabled": enabled})

    def _ask(self, command: str) -> None:
        answer = requests.post(
            f"{self.portal.url}/api/v1/commands/{command}/", json={"ids": self.orders}, headers={"x-api-key": self.key}, timeout=60
        )
        answer.raise_for_status()

    def _pay_and_drain(self, actions: list[str]) -> dict[str, Any]:
        """Pay each invoice while no worker runs, let every event be stored, then have the workers drain them."""
        before = self._count("integration_webhookevent")
        paid = self._count("integration_payment")
        for action in actions:
            self.world.pay(action)
        _wait(lambda: self._count("integration_webhookevent") - before >= 3 * len(actions), "events stored")
        events = self._count("integration_webhookevent") - before
        with self.portal.worked():
            figures = self._timed(lambda: None, per=len(actions))
        reached = self.portal.database.query("SELECT count(*) FROM integration_payment WHERE lime_id IS NOT NULL")[0][0] - paid
        return {**figures, "events": events, "events_per_second": _rate(events, figures["seconds"]), "payments_in_lime": reached}

    def _timed(self, start: Callable[[], None], *, per: int) -> dict[str, Any]:
        """Begin something, wait until nothing is left to do, and read from the rows how long it took."""
        last = self.portal.database.query("SELECT coalesce(max(id), 0) FROM integration_syncrecord")[0][0]
        for sandbox in (self.world.billecta, self.world.lime):
            sandbox.control("DELETE", "journal")
        start()
        _wait(lambda: self._is_quiet(last), "all work done")
        work = self.portal.database.query(
            "SELECT count(*), min(created_at), max(finished_at), sum(CASE WHEN status = 'succeeded' THEN 0 ELSE 1 END)"
            f" FROM integration_syncrecord WHERE id > {last}"
        )[0]
        seconds = max(0.001, (moment(work[2]) - moment(work[1])).total_seconds())
        calls = sum(len(sandbox.journal("call")) for sandbox in (self.world.billecta, self.world.lime))
        return {
            "objects": per,
            "seconds": round(seconds, 2),
            "objects_per_second": _rate(per, seconds),
            "pieces_of_work": work[0],
            "not_succeeded": int(work[3]),
            "pieces_per_second": _rate(work[0], seconds),
            "remote_calls": calls,
            "remote_calls_per_second": _rate(calls, seconds),
        }

    def _is_quiet(self, last: int) -> bool:
        """Nothing is left to do, nothing is on its way from Billecta, and something was done at all."""
        if self._left() or not self.portal.database.query(f"SELECT count(*) FROM integration_syncrecord WHERE id > {last}")[0][0]:
            return False
        time.sleep(1.0)
        return self._left() == 0

    def _left(self) -> int:
        return int(self.portal.database.query(UNFINISHED)[0][0])

    def _count(self, table: str) -> int:
        return int(self.portal.database.query(f"SELECT count(*) FROM {table}")[0][0])


def _wait(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        time.sleep(0.2)


def moment(value: datetime | str) -> datetime:
    """SQLite gives the text that Django stored, PostgreSQL the moment."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1)
