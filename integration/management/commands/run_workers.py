"""`manage.py run_workers`: django-q2's cluster, and beside it the pulse that keeps retries on time."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from types import FrameType
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

from integration.ledger.sweep import beat, sweep, wake_due
from integration.ledger.wake import start_over
from integration.management.lifeline import tie_forked_children
from integration.schedules import ensure_schedules

PULSE_SECONDS = 1.0
SWEEP_SECONDS = 60.0
HEARTBEAT = "worker"
logger = structlog.get_logger("kvittens")


class Pulse:
    """What the main process does each second: shows that it lives, wakes what is due, sweeps each minute.

    The minute's schedule sweeps too; the pulse is what lets a retry that is due in five seconds start in five seconds.
    """

    def __init__(self) -> None:
        self._next_sweep = time.monotonic() + SWEEP_SECONDS
        self._detail = {"host": socket.gethostname(), "pid": os.getpid()}

    def tick(self) -> None:
        """One pulse. A database that does not answer is logged and met again at the next one."""
        try:
            beat(HEARTBEAT, **self._detail)
            if time.monotonic() >= self._next_sweep:
                self._next_sweep = time.monotonic() + SWEEP_SECONDS
                sweep()
            else:
                wake_due()
        except Error:
            logger.warning("pulse_missed", exc_info=True)
            connections.close_all()


class Command(BaseCommand):
    """Runs the workers in the foreground until SIGINT or SIGTERM; work that is running is finished first."""

    help = "Runs the background workers."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped. Raises CommandError when the cluster cannot start or ends by itself."""
        del args, options
        ensure_schedules()
        start_over()
        connections.close_all()
        tie_forked_children()
        stop = threading.Event()
        cluster = _cluster(stop)
        self.stdout.write("Workers are running.")
        self.stdout.flush()
        try:
            _beat_until(stop, cluster)
        finally:
            cluster.stop()
            connections.close_all()


def _cluster(stop: threading.Event) -> Any:
    """django-q2's cluster, started; `stop` is set by the signals, which the cluster would else act upon inside the handler."""
    from django_q.cluster import Cluster

    cluster = Cluster()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    try:
        cluster.start()
    except RuntimeError as error:
        raise CommandError(str(error)) from error
    return cluster


def _beat_until(stop: threading.Event, cluster: Any) -> None:
    pulse = Pulse()
    while not stop.is_set():
        if not cluster.sentinel.is_alive():
            raise CommandError(f"The cluster's guard ended with exit code {cluster.sentinel.exitcode}.")
        pulse.tick()
        stop.wait(PULSE_SECONDS)
