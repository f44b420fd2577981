"""Measures commands over many objects: 10,000 debtors within the limits of calls, killed in between; and 1,000 of which one is wrong.

What a run could take at least follows from the calls that the sandboxes counted: the calls to a system by the portal's limit
for it, and the calls of the workers' threads by the latency. The limits are those of production, all of them a number of
times as high, so that ten thousand debtors take minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.flows.world import World
from tests.load import facts
from tests.load.databases import Database
from tests.load.portal import Portal
from tests.load.processes import Running
from tests.load.watching import Watch
from tests.load.working import UNFINISHED, moment
from tests.sandbox.process import SandboxProcess

DEBTORS, DEBTORS_WITH_ONE_WRONG = 10_000, 1_000
LATENCY_SECONDS = 0.05
WORKERS_WITH_LIMITS, WORKERS_WITHOUT = 4, 2
TIMES_THE_LIMITS = 16
KILLED_AT = 0.2
"""Which share is done when the workers are killed: what they held comes free two minutes later, within the run."""
PATIENCE_SECONDS = 900.0
WINDOWS = {"billecta": ((100, 10.0), (600, 60.0)), "lime": ((3000, 300.0),)}
"""What the systems allow in production: calls, in so many seconds."""
UPSERT = "upsert-debtors-in-billecta"
WRONG, RIGHT = "hyresgast.example.se", "hyresgast@example.se"


def measure(database: Database, folder: Path) -> dict[str, Any]:
    """Both runs on one portal, the large one first."""
    with SandboxProcess("billecta") as billecta, SandboxProcess("lime") as lime:
        world = World(billecta, lime)
        portal = Portal(database, folder, billecta=billecta.url, lime=world.lime_url)
        with portal.served():
            bench = _Bench(world, portal)
            found = {"with_limits": bench.ten_thousand(), "without_limits": bench.one_wrong()}
    circumstances = {"commit": facts.commit(), "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), **facts.machine()}
    rates = {system: rate for system, (rate, _burst) in bench.limits.items()}
    return {"database": database.name, **circumstances, "latency_ms": round(LATENCY_SECONDS * 1000), "limits": rates, **found}


class _Bench:
    """One portal with its two sandboxes, both slow, and a creditor that is linked."""

    def __init__(self, world: World, portal: Portal) -> None:
        self.world, self.portal = world, portal
        world.reset()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["x-api-key"] = portal.api_key("commands", "read")
        self.threads = int(portal.settings()["drain_threads"])
        rows = portal.database.query("SELECT system, rate_per_second, burst FROM integration_tokenbucket")
        self.limits = {system: (float(rate), float(burst)) for system, rate, burst in rows}
        self._limit(times=None)
        with portal.worked():
            task, _seconds = self._ask("upsert-creditors-in-billecta", [world.ids["creditor"]])
            self._until(lambda: self._unfinished() == 0 and self._task(task)["status"] == "SUCCESS")
        for sandbox in self._sandboxes:
            sandbox.control("POST", "faults", {"kind": "latency", "seconds": LATENCY_SECONDS})

    @property
    def _sandboxes(self) -> tuple[SandboxProcess, SandboxProcess]:
        return self.world.billecta, self.world.lime

    def ten_thousand(self) -> dict[str, Any]:
        """All debtors with limits in force; all worker processes are killed in between and started anew."""
        debtors = self._seed(DEBTORS)
        self._limit(times=TIMES_THE_LIMITS)
        before, watch = self._last(), Watch()
        with ExitStack() as started:
            workers = started.enter_context(self.portal.worked(processes=WORKERS_WITH_LIMITS))
            task, asked = self._ask(UPSERT, debtors)
            self._watch(task, watch, workers, lambda: watch.done >= KILLED_AT * DEBTORS)
            workers.kill()
            workers = started.enter_context(self.portal.worked(processes=WORKERS_WITH_LIMITS))
            self._watch(task, watch, workers, lambda: self._unfinished() == 0)
        figures = self._figures(before, task, TIMES_THE_LIMITS, threads=WORKERS_WITH_LIMITS * self.threads)
        return {
            **figures,
            **watch.figures(),
            "asked_seconds": round(asked, 2),
            "killed_at": KILLED_AT,
            **self._doubled(debtors),
        }

    def one_wrong(self) -> dict[str, Any]:
        """A thousand debtors, one with an address that is none, without limits; then it is mended in Lime and retried."""
        debtors = self._seed(DEBTORS_WITH_ONE_WRONG, wrong=DEBTORS_WITH_ONE_WRONG // 2)
        self._limit(times=None)
        before, watch = self._last(), Watch()
        with self.portal.worked(processes=WORKERS_WITHOUT) as workers:
            task, asked = self._ask(UPSERT, debtors)
            self._watch(task, watch, workers, lambda: self._unfinished() == 0)
            figures = self._figures(before, task, None, threads=WORKERS_WITHOUT * self.threads)
            seen = {**watch.figures(), **self._doubled(debtors), "asked_seconds": round(asked, 2)}
            return {**figures, **seen, **self._mend(task, debtors[DEBTORS_WITH_ONE_WRONG // 2])}

    def _mend(self, task: str, wrong: int) -> dict[str, Any]:
        shown = self._task(task)
        bad = [result for result in shown["results"] if result["status"] == "failed"]
        writes = len(self.world.billecta.journal("effect"))
        self.world.lime.control("PUT", f"objects/debtor/{wrong}", {"email": RIGHT})
        self.session.post(f"{task}retry-failed/", timeout=30).raise_for_status()
        self._until(lambda: self._task(task)["status"] == "SUCCESS")
        return {
            "first": {name: shown[name] for name in ("status", "succeeded", "failed")},
            "said": [{name: result[name] for name in ("lime_id", "code", "message", "next_step")} for result in bad],
            "said_of_the_wrong_one_alone": [result["lime_id"] for result in bad] == [wrong],
            "after_mending": {name: self._task(task)[name] for name in ("status", "succeeded", "failed")},
            "writes_by_the_retry": len(self.world.billecta.journal("effect")) - writes,
        }

    def _seed(self, count: int, *, wrong: int | None = None) -> list[int]:
        objects = []
        for number in range(count):
            home = {"zipcode": "111 22", "city": "Stockholm", "address": f"Gatan {number}"}
            email = WRONG if number == wrong else f"hyresgast{number}@example.se"
            objects.append({"limetype": "debtor", "ref": f"d{number}", "values": {"name": f"Hyresgäst {number}", "email": email, **home}})
        ids = self.world.lime.control("POST", "seed", {"objects": objects})["ids"]
        return [int(ids[f"d{number}"]) for number in range(count)]

    def _limit(self, *, times: int | None) -> None:
        """The limits of production so many times as high, the portal's own and the sandboxes'; None lifts them."""
        for system, (rate, burst) in self.limits.items():
            scaled = (
                f"enabled = TRUE, rate_per_second = {rate * times}, burst = {burst * times}, tokens = 0" if times else "enabled = FALSE"
            )
            self.portal.database.query(
                f"UPDATE integration_tokenbucket SET {scaled}, refilled_at = {time.time()} WHERE system = '{system}'"
            )
        self.world.billecta.control("PUT", "limits", {"enabled": False})
        [(requests_allowed, seconds)] = WINDOWS["lime"]
        scaled_window = {"requests": requests_allowed * (times or 1), "seconds": seconds}
        self.world.lime.control("PUT", "limits", {"enabled": times is not None, **scaled_window})

    def _ask(self, command: str, lime_ids: list[int]) -> tuple[str, float]:
        """The task's address, and the seconds that the answer took."""
        for sandbox in self._sandboxes:
            sandbox.control("DELETE", "journal")
        started = time.monotonic()
        answer = self.session.post(f"{self.portal.url}/api/v1/commands/{command}/", json={"ids": lime_ids}, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["status_url"]), time.monotonic() - started

    def _watch(self, task: str, watch: Watch, workers: Running, enough: Callable[[], bool]) -> None:
        """Ask for the task and for the workers' memory each second until `enough`."""

        def look() -> bool:
            with watch.timed():
                shown = self._task(task)
            watch.saw(int(shown["done"]), workers.resident_mib(), workers.peaks_mib())
            return enough()

        self._until(look, every=1.0)

    def _figures(self, before: int, task: str, times: int | None, *, threads: int) -> dict[str, Any]:
        """How long it took beside how long it had to take, from the rows and from what the sandboxes counted."""
        row = self.portal.database.query(
            f"SELECT count(*), min(created_at), max(finished_at) FROM integration_syncrecord WHERE id > {before}"
        )[0]
        seconds = (moment(row[2]) - moment(row[1])).total_seconds()
        calls = {sandbox.kind: sandbox.journal("call") for sandbox in self._sandboxes}
        by_threads = sum(call["operation"] != "query" for made in calls.values() for call in made)
        least = {"threads": by_threads * LATENCY_SECONDS / threads}
        if times:
            least |= {system: len(made) / (self.limits[system][0] * times) for system, made in calls.items()}
        what, floor = max(least.items(), key=lambda item: item[1])
        shown = self._task(task)
        return {
            "debtors": shown["total"],
            "succeeded": shown["succeeded"],
            "seconds": round(seconds, 1),
            "least_seconds": round(floor, 1),
            "ratio": round(seconds / floor, 3),
            "bound_by": what,
            "calls": {system: len(made) for system, made in calls.items()},
            "read_ahead_calls": sum(call["operation"] == "query" for call in calls["lime"]),
            "refused_calls": sum(call["status"] == 429 for made in calls.values() for call in made),
            "within_the_systems_limits": times is None or all(_within(calls[system], system, times) for system in WINDOWS),
            "threads": threads,
            "times_the_limits": times,
        }

    def _doubled(self, debtors: list[int]) -> dict[str, Any]:
        """How many debtors Billecta made, and how many of them twice, by its journal of effects."""
        made = [entry["debtor"] for entry in self.world.effects("debtor.created")]
        calls = [call for call in self.world.billecta.journal("call") if call["operation"] == "create_debtor" and call["status"] == 200]
        named = {call["body"]["DebtorExternalId"] for call in calls}
        return {"created": len(made), "created_twice": len(made) - len(named), "asked_for": len(debtors)}

    def _task(self, task: str) -> dict[str, Any]:
        answer = self.session.get(task, timeout=60)
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    def _unfinished(self) -> int:
        return int(self.portal.database.query(UNFINISHED)[0][0])

    def _last(self) -> int:
        return int(self.portal.database.query("SELECT coalesce(max(id), 0) FROM integration_syncrecord")[0][0])

    def _until(self, is_so: Callable[[], bool], *, every: float = 0.2) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not done within {PATIENCE_SECONDS:.0f} s")
            time.sleep(every)


def _within(calls: list[dict[str, Any]], system: str, times: int) -> bool:
    """Whether no window of the system's limits, so many times as high, ever saw more calls than it allows."""
    at = [datetime.fromisoformat(call["at"]).timestamp() for call in calls]
    return all(
        later - earlier > seconds for allowed, seconds in WINDOWS[system] for earlier, later in zip(at, at[allowed * times :], strict=False)
    )
