"""The processes of a measurement: started, awaited, asked for their memory, stopped by their id."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 40.0
STOP_SECONDS = 40.0
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


class Running:
    """A process and those that it started; its output goes to a file that is shown when it fails."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)

    def wait_until(self, is_up: Callable[[], bool]) -> float:
        """Wait for `is_up`; returns the seconds it took. Raises RuntimeError with the end of the output when it does not come."""
        started = time.monotonic()
        while time.monotonic() - started < START_SECONDS:
            if self._process.poll() is not None:
                break
            if is_up():
                return time.monotonic() - started
            time.sleep(0.05)
        raise RuntimeError(f"{self._process.args!r} did not start:\n{self._log.read_text()[-3000:]}")

    def peaks_mib(self) -> list[float]:
        """The peak resident memory of this process, then of each below it, in MiB; empty where the system does not tell."""
        return [peak for pid in _tree(self._process.pid) if (peak := _mib(pid, _PEAK)) is not None]

    def resident_mib(self) -> list[float]:
        """The resident memory now, in the same way."""
        return [now for pid in _tree(self._process.pid) if (now := _mib(pid, _RESIDENT)) is not None]

    def kill(self) -> None:
        """SIGKILL to the process and to each below it, as when the power fails."""
        for pid in _tree(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when that is not heeded."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(command: list[str], environment: dict[str, str], folder: Path, log: Path) -> Iterator[Running]:
    """A process while the context lasts."""
    process = Running(command, environment, folder, log)
    try:
        yield process
    finally:
        process.stop()


def _tree(pid: int) -> list[int]:
    """The process and all below it (Linux; elsewhere only the process)."""
    children: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            children += _tree(int(child))
    return [pid, *children]


def _mib(pid: int, figure: re.Pattern[str]) -> float | None:
    try:
        found = figure.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return None
    return round(int(found[1]) / 1024, 1) if found else None
