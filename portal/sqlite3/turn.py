"""The right to write to one SQLite file: one connection of all processes on this machine has it at a time."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import defaultdict
from pathlib import Path

from django.db import OperationalError

POLL_SECONDS = 0.0005


class Turn:
    """One connection's claim to write.

    SQLite lets a writer that finds the file locked sleep, up to a tenth of a second, and ask again: with a few busy threads
    most of their time is slept away. Here threads of a process queue for a lock, and only the first of each process asks
    for the file. The kernel frees what a killed process held; SQLite's own lock stays underneath.

    Args:
        database: the file that is written to.
        seconds: how long to wait.
    """

    def __init__(self, database: str, seconds: float) -> None:
        self._path, self._seconds = Path(f"{database}-turn"), seconds
        self._held: int | None = None
        self._taken_by = 0

    def take(self) -> None:
        """Wait for the turn. Raises OperationalError when it does not come in time."""
        until = time.monotonic() + self._seconds
        ours = _of_this_process[str(self._path)]
        if not ours.acquire(timeout=self._seconds):
            raise OperationalError("database is locked")
        try:
            self._held, self._taken_by = self._lock_file(until), os.getpid()
        except BaseException:
            ours.release()
            raise

    def give(self) -> None:
        """Let the next one write; nothing when the turn is not held."""
        if self._held is None:
            return
        held, self._held = self._held, None
        if self._taken_by != os.getpid():
            os.close(held)  # inherited: the turn is the parent's, who goes on holding it
            return
        try:
            # Closing alone would leave it locked for as long as a child that was forked meanwhile keeps its copy open.
            fcntl.flock(held, fcntl.LOCK_UN)
        finally:
            os.close(held)
            _of_this_process[str(self._path)].release()

    def _lock_file(self, until: float) -> int:
        # Opened anew each time: a descriptor that is kept would be shared with, and unlocked by, a forked process.
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while not _locked(file):
            if time.monotonic() > until:
                os.close(file)
                raise OperationalError("database is locked")
            time.sleep(POLL_SECONDS)
        return file


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_of_this_process: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

# A forked process has none of the threads that may hold these.
os.register_at_fork(after_in_child=_of_this_process.clear)
