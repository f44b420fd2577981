"""A sandbox as a process of its own, for tests that need a real one over HTTP."""

import contextlib
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0


class SandboxProcess:
    """Runs `python -m integration.sandbox KIND` on a free port while the context lasts, and stops it by its process id."""

    def __init__(self, kind: str, *options: str, state: Path | None = None, certificate: Path | None = None) -> None:
        self.kind = kind
        tls = ("--self-signed", str(certificate)) if certificate else ()
        self.options = (*options, *(("--state", str(state)) if state else ()), *tls)
        self.port = free_port()
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self.started_in = 0.0
        """Seconds from start to the first good answer."""
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(certificate) if certificate else True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._session.close()

    def start(self) -> None:
        """Start the process and wait until it is healthy. Raises RuntimeError when it ends or does not answer."""
        command = [sys.executable, "-m", "integration.sandbox", self.kind, "--port", str(self.port), *self.options]
        started = time.monotonic()
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        while time.monotonic() - started < START_SECONDS:
            if self._process.poll() is not None:
                raise RuntimeError(f"the {self.kind} sandbox ended with exit code {self._process.returncode}")
            if self._is_healthy():
                self.started_in = time.monotonic() - started
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"the {self.kind} sandbox did not answer within {START_SECONDS} s")

    def stop(self) -> None:
        """End the process with SIGTERM, so that it saves its state; SIGKILL if it does not go."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """Call a control route; `path` is what follows /_sandbox/. Returns its JSON. Raises requests.HTTPError when it is refused."""
        answer = self._session.request(method, f"{self.url}/_sandbox/{path.lstrip('/')}", json=json, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def journal(self, kind: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Journal entries above number `since`, of one kind when named."""
        entries: list[dict[str, Any]] = self.control("GET", f"journal?since={since}" + (f"&kind={kind}" if kind else ""))
        return entries

    def is_idle(self) -> bool:
        """Whether it will do nothing more by itself in the next moment."""
        under_way: int = self.control("GET", "health")["under_way"]
        return under_way == 0

    def _is_healthy(self) -> bool:
        try:
            return self._session.get(f"{self.url}/_sandbox/health", timeout=5).ok
        except (requests.ConnectionError, OSError):  # OSError: the certificate is not written yet
            return False


def free_port() -> int:
    """A port nobody listens on right now, below those that the system gives to outgoing connections, which might take it meanwhile."""
    while True:
        port = _chance.randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


_chance = random.SystemRandom()
