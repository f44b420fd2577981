"""What both sandboxes are: one class with journal, faults and state file, and the refusal that handlers raise."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from aiohttp import web

from integration.sandbox.faults import FaultBook
from integration.sandbox.journal import Journal
from integration.sandbox.store import StateFile


class Refusal(Exception):
    """The pretended system says no: an HTTP status and a message, put into its own error shape by `Sandbox.error_answer`."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


class Sandbox(ABC):
    """One pretended system and its state. Handlers find it in the application under `SANDBOX`."""

    name: str
    """What the control page and the start-up line call it."""

    def __init__(self, state_path: Path | None = None, *, open_control: bool = False) -> None:
        self.journal = Journal()
        self.faults = FaultBook()
        self.file = StateFile(state_path, self.snapshot)
        self.open_control = open_control
        """Whether the control routes answer callers from other machines."""

    @abstractmethod
    def snapshot(self) -> dict[str, Any]:
        """The whole state as data for the state file; rows may be dataclasses of plain values."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `snapshot` returned in an earlier run, read back from JSON."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all state, as if just started without a state file; configuration made through the control routes stays."""

    @abstractmethod
    def error_answer(self, status: int, message: str) -> web.Response:
        """An error in the pretended system's own shape."""

    @abstractmethod
    def page(self) -> str:
        """The control page, as HTML."""

    async def authorise(self, request: web.Request, operation: str) -> None:  # noqa: B027  a sandbox without keys has nothing to check
        """Check the caller's credentials and rate limits before the handler runs. Raises Refusal."""

    def under_way(self) -> int:
        """How many things the sandbox will do by itself in a moment: webhooks that are sent or queued, steps that fall due."""
        return 0

    def counts(self) -> dict[str, int]:
        """How many rows each table of the snapshot holds."""
        return {table: len(rows) for table, rows in self.snapshot().items() if isinstance(rows, dict | list)}

    def reset(self) -> None:
        """Clear state, journal and faults."""
        self.clear()
        self.journal.clear()
        self.faults.remove()
        self.file.changed()

    async def start(self) -> None:
        """Called once the loop runs: read the state file. Override to start background work, and call super."""
        saved = self.file.read()
        if saved is not None:
            self.restore(saved)

    async def stop(self) -> None:
        """Called on shutdown: save the state. Override to end background work first, and call super."""
        self.file.save()


SOON_SECONDS = 0.5
"""What falls due within so many seconds counts as under way."""


SANDBOX: web.AppKey[Sandbox] = web.AppKey("sandbox", Sandbox)
