"""Runs the portal's processes side by side: started, waited for, watched, and stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import requests

from integration.management.lifeline import die_with_parent

POLL_SECONDS = 0.1
LAST_LINES = 15
LEAST_SECONDS = 0.5


@dataclass(frozen=True)
class Program:
    """One process: what it is called, its command line, and the address that answers 200 once it is ready (none: at once).

    What it prints goes to `log`, which is begun anew, or to our own output. One that others lean on `stops_last`.
    """

    name: str
    command: Sequence[str]
    ready_url: str = ""
    log: Path | None = None
    stops_last: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


class ProgramEnded(Exception):
    """A process ended that should have gone on."""

    def __init__(self, program: Program, code: int) -> None:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        super().__init__(f"{program.name} {how}{_last_words(program)}")


class NotReady(Exception):
    """A process did not become ready in time."""


class Supervisor:
    """The processes of one run, as a context: leaving it stops all of them.

    Each process leads a group of its own, so that Ctrl-C reaches this one alone, which then stops them in order, and so that
    what does not stop is killed with everything it started. If this process is killed, the kernel stops them.

    Args:
        grace_seconds: how long the processes have to stop, all together, before they are killed; what stops last has at
            least half a second.
    """

    def __init__(self, *, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        """Start a process. Raises OSError when there is no such command."""
        with _output(program) as output:
            process = subprocess.Popen(  # noqa: S603  our own commands, no shell
                list(program.command),
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                process_group=0,
                preexec_fn=partial(die_with_parent, signal.SIGTERM),  # noqa: PLW1509  no threads run here, and it makes one system call
            )
        self._running.append((program, process))

    def check(self) -> None:
        """Raises ProgramEnded when a process is no longer running."""
        for program, process in self._running:
            if (code := process.poll()) is not None:
                raise ProgramEnded(program, code)

    def wait_until_ready(self, seconds: float) -> None:
        """Return when every process that names an address answers 200 there. Raises NotReady after `seconds`, and ProgramEnded."""
        until = time.monotonic() + seconds
        with requests.Session() as session:
            session.trust_env = False
            for program, _process in self._running:
                while not _answers(session, program.ready_url):
                    self.pause()
                    if time.monotonic() > until:
                        raise NotReady(f"{program.name} did not answer at {program.ready_url} within {seconds:.0f} s{_last_words(program)}")

    def pause(self) -> None:
        """Wait a moment for something that the processes do. Raises ProgramEnded."""
        self.check()
        time.sleep(POLL_SECONDS)

    def watch(self) -> None:
        """Stay as long as all processes run. Raises ProgramEnded."""
        while True:
            self.pause()

    def stop(self) -> None:
        """Ask the processes to stop, those last that the others lean on; kill with its children what still runs when the time is up."""
        until = time.monotonic() + self._grace_seconds
        with _undisturbed():
            for is_last in (False, True):
                wave = [process for program, process in self._running if program.stops_last is is_last]
                for process in wave:
                    process.terminate()
                for process in wave:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(max(LEAST_SECONDS, until - time.monotonic()))
                for process in wave:
                    _kill_group(process)
        self._running.clear()


def stop_on_signals() -> None:
    """Have SIGINT and SIGTERM raise KeyboardInterrupt here. A shell ignores SIGINT for what it starts in the background, hence both."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def port_is_free(port: int) -> bool:
    """Whether a process of ours can listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextlib.contextmanager
def _output(program: Program) -> Iterator[IO[bytes] | None]:
    """Where the program's output goes; None is our own output."""
    if program.log is None:
        yield None
        return
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("wb") as stream:
        yield stream


def _last_words(program: Program) -> str:
    """The end of the program's log, to be shown after what is said of its end."""
    if program.log is None or not program.log.exists():
        return ""
    lines = program.log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
    return f"; the end of {program.log.name}:\n" + "\n".join(lines) + "\n"


def _answers(session: requests.Session, url: str) -> bool:
    if not url:
        return True
    try:
        return session.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process and of those it started; its group bears its process id."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore SIGINT and SIGTERM meanwhile: stopping has begun and is short."""
    saved = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)
