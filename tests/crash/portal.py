"""The portal under test as real processes: gunicorn and a worker, each the leader of a process group that can be killed whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import requests

from tests.sandbox.process import ROOT, free_port

READY_SECONDS = 60.0


class Portal:
    """Web and worker over one database; each can be killed and started again.

    Args:
        environment: the settings of both processes, complete.
        folder: where their output and the count of points go.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment, self._folder = dict(environment), folder
        self._points_file = folder / "points"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._output: IO[bytes] = (folder / "output.log").open("ab")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name in list(self._running):
            self._end(name)
        self._output.close()

    def start_web(self) -> None:
        """Start gunicorn and wait until it answers. Raises RuntimeError when it does not."""
        self._start(
            "web", "gunicorn", "--config", str(ROOT / "portal" / "gunicorn.py"), "portal.wsgi", PORT=str(self.port), WEB_WORKERS="1"
        )
        until = time.monotonic() + READY_SECONDS
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() < until:
                try:
                    if session.get(f"{self.url}/health/live/", timeout=5).ok:
                        return
                except requests.RequestException:
                    time.sleep(0.1)
        raise RuntimeError(f"the portal did not answer within {READY_SECONDS:.0f} s: {self.output()}")

    def start_worker(self, *, die_at: int = 0) -> None:
        """Start a worker that kills itself at its n-th point; 0: never."""
        self._points_file.write_text("0")
        self._start("worker", "tests.crash.worker", KVITTENS_DIE_AT=str(die_at), KVITTENS_POINTS_FILE=str(self._points_file))

    def worker_lives(self) -> bool:
        """Whether the worker runs. Raises RuntimeError when it ended by anything but its kill."""
        code = self._running["worker"].poll()
        if code is not None and code != -signal.SIGKILL:
            raise RuntimeError(f"the worker ended with {code}: {self.output()}")
        return code is None

    def points_passed(self) -> int:
        """How many points the present worker has come to."""
        return int(self._points_file.read_text() or 0)

    def kill(self, name: str) -> None:
        """`kill -9` of one part with all its processes."""
        self._end(name)
        self.kills += 1

    def output(self) -> str:
        """The end of what the processes wrote."""
        return (self._folder / "output.log").read_text(errors="replace")[-4000:]

    def _start(self, name: str, module: str, *arguments: str, **environment: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._running[name] = subprocess.Popen(
            command, cwd=ROOT, env={**self._environment, **environment}, stdout=self._output, stderr=self._output, process_group=0
        )

    def _end(self, name: str) -> None:
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
