"""`manage.py run_workers` that kills itself and all its processes at a chosen point: `python -m tests.crash.worker`.

A point is where a crash could part what was done from what is known: after a change was committed, and between a remote
system's answer and the commit of it. `KVITTENS_DIE_AT=n` is the n-th point that this worker comes to; 0 lets it live. The
number of points passed is written to `KVITTENS_POINTS_FILE`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WRITES = ("INSERT", "UPDATE", "DELETE")


class Points:
    """Counts points over all processes of this worker, and ends all of them at the chosen one."""

    def __init__(self, die_at: int, file: Path) -> None:
        self._die_at, self._file = die_at, file
        self._passed = multiprocessing.Value("i", 0)
        self._draining = False

    def passed(self) -> None:
        """Count one point, if this process is working off a queue."""
        if not self._draining:
            return
        with self._passed.get_lock():
            self._passed.value += 1
            self._file.write_text(str(self._passed.value))
            if self._passed.value == self._die_at:
                os.killpg(os.getpgrp(), signal.SIGKILL)

    def around(self, drain: Callable[..., int]) -> Callable[..., int]:
        """`drain`, with points counted while it runs."""

        def counted(*args: Any, **options: Any) -> int:
            self._draining = True
            try:
                return drain(*args, **options)
            finally:
                self._draining = False

        return counted


def put_in(points: Points) -> None:
    """Have commits, writes without a transaction, and remote answers count as points."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.signals import connection_created

    from integration import ledger
    from integration.http.transport import Transport
    from integration.management.commands import run_workers

    run_workers.PULSE_SECONDS, run_workers.SWEEP_SECONDS = 0.2, 0.5
    commit, send = BaseDatabaseWrapper.commit, Transport.send

    def committing(connection: BaseDatabaseWrapper) -> None:
        commit(connection)
        points.passed()

    def sending(transport: Transport, *args: Any, **options: Any) -> Any:
        answer = send(transport, *args, **options)
        points.passed()
        return answer

    def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.lstrip().startswith(WRITES) and not context["connection"].in_atomic_block:
            points.passed()
        return result

    def wrap(connection: Any, **_: Any) -> None:
        if counted not in connection.execute_wrappers:
            connection.execute_wrappers.append(counted)

    BaseDatabaseWrapper.commit = committing  # type: ignore[method-assign, assignment]
    Transport.send = sending  # type: ignore[method-assign, assignment]
    connection_created.connect(wrap, weak=False)
    ledger.drain = points.around(ledger.drain)


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    put_in(Points(int(os.environ.get("KVITTENS_DIE_AT", "0")), Path(os.environ["KVITTENS_POINTS_FILE"])))
    call_command("run_workers")
    sys.exit(0)
