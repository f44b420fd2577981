"""Drains the queues: one wake-up runs many rows, with a few threads, for a bounded time."""

from __future__ import annotations

import queue as queues_module
import threading
import time
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import connections

from integration.ledger.ahead import Ahead, read_ahead
from integration.ledger.claim import claim
from integration.ledger.run import run
from integration.ledger.sending import why_not_sending
from integration.ledger.throttle import Budget
from integration.ledger.triage import triage
from integration.ledger.wake import answered
from integration.models import SyncRecord
from integration.models.ledger import Queue

THREADS = 4
TAKEN_PER_THREAD = 4
MOMENT_SECONDS = 0.05
logger = structlog.get_logger("kvittens")


def drain(queues: Iterable[str] = (Queue.INGEST, Queue.OUTBOUND), *, seconds: float | None = None, threads: int = THREADS) -> int:
    """Run all work that is due until there is none or the time is up; returns how many pieces were run.

    Every other round takes what became due last, so that a command over ten thousand objects keeps no later one waiting.

    Args:
        seconds: after this long no further work is claimed; what runs is finished.
        threads: how many run side by side; 0 runs them here, one after the other.
    """
    wanted = list(queues)
    for queue in wanted:
        answered(queue)
    until = time.monotonic() + (settings.DRAIN_SECONDS if seconds is None else seconds)
    pool = _Pool(threads) if threads else None
    done = 0
    newest = False
    try:
        while time.monotonic() < until:
            # Asked before the claim: work that ends while we claim may have freed its lane for what we could not take.
            was_idle = pool is None or pool.idle()
            took = _one_round(wanted, pool, newest=newest)
            if took == 0 and was_idle:
                break
            done += took
            if took == 0 and pool is not None:
                pool.wait_for_room()
            newest = newest != (took > 0)
    finally:
        if pool is not None:
            pool.close()
    return done


def _one_round(wanted: list[str], pool: _Pool | None, *, newest: bool) -> int:
    room = pool.room() if pool else TAKEN_PER_THREAD
    if room == 0:
        return 0
    triaged = triage() if Queue.INGEST in wanted else 0
    if why_not_sending():
        return 0
    budget = Budget()
    claimed = claim(wanted, room, without=budget.held_back(), admits=budget.admits, newest=newest)
    ahead = read_ahead(claimed)
    for record in claimed:
        if pool:
            pool.put(record, ahead.get(record.pk))
        else:
            run(record, ahead.get(record.pk))
    return len(claimed) or (1 if triaged and pool is None else 0)


class _Pool:
    """A few threads that run claimed work; each closes its own database connections when it ends."""

    def __init__(self, threads: int) -> None:
        self._work: queues_module.Queue[tuple[SyncRecord, Ahead | None] | None] = queues_module.Queue()
        self._changed = threading.Condition()
        self._unfinished = 0
        self._capacity = threads * TAKEN_PER_THREAD
        self._threads = [threading.Thread(target=self._serve, name=f"drain-{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def room(self) -> int:
        """How much may be claimed: nothing until half of the pool is free, since a look for work costs as much as a piece of it."""
        with self._changed:
            room = self._capacity - self._unfinished
            return room if room >= self._capacity // 2 else 0

    def idle(self) -> bool:
        with self._changed:
            return self._unfinished == 0

    def put(self, record: SyncRecord, ahead: Ahead | None) -> None:
        with self._changed:
            self._unfinished += 1
        self._work.put((record, ahead))

    def wait_for_room(self) -> None:
        """Return when enough work has ended, or after a moment. Where there was room and nothing to claim, any that ends is enough."""
        with self._changed:
            if self._unfinished <= self._capacity // 2:
                self._changed.wait(timeout=MOMENT_SECONDS)
            else:
                self._changed.wait_for(lambda: self._unfinished <= self._capacity // 2, timeout=MOMENT_SECONDS)

    def close(self) -> None:
        for _thread in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        try:
            while (entry := self._work.get()) is not None:
                record, ahead = entry
                try:
                    run(record, ahead)
                except Exception:  # its outcome could not be stored: the lease runs out and the sweep takes it up
                    logger.exception("outcome_not_stored", work=record.pk, kind=record.kind)
                finally:
                    with self._changed:
                        self._unfinished -= 1
                        self._changed.notify()
        finally:
            connections.close_all()
