"""The state file: a sandbox's whole state as one JSON document, so that a restart goes on where the last run stopped."""

import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

SAVE_DELAY = 0.15
"""Seconds from a change to its save; changes in between share one save."""

DUTY = 10
"""A large state waits this many times as long as its last save took, so that saving never takes over the event loop."""


def encode(value: object) -> str:
    """JSON text of wire data, state rows included; a Decimal becomes a JSON number."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return vars(value)


class StateFile:
    """Keeps what `snapshot` returns in `path`; without a path it does nothing and the state lives in memory only."""

    def __init__(self, path: Path | None, snapshot: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._snapshot = snapshot
        self._pending: asyncio.TimerHandle | None = None
        self._last_duration = 0.0

    def read(self) -> dict[str, Any] | None:
        """The saved state, numbers with decimals as Decimal; None when there is no file yet. Raises ValueError when it is not JSON."""
        if self._path is None or not self._path.exists():
            return None
        state: dict[str, Any] = json.loads(self._path.read_text("utf-8"), parse_float=Decimal)
        return state

    def changed(self) -> None:
        """Ask for a save soon. Must be called in the running event loop."""
        if self._path is None or self._pending is not None:
            return
        delay = max(SAVE_DELAY, self._last_duration * DUTY)
        self._pending = asyncio.get_running_loop().call_later(delay, self.save)

    def save(self) -> None:
        """Write the state now, replacing the file in one step so that a reader never meets half of it."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if self._path is None:
            return
        started = time.perf_counter()
        self._replace(self._path, encode(self._snapshot()))
        self._last_duration = time.perf_counter() - started

    @staticmethod
    def _replace(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
