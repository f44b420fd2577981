"""Django's SQLite backend with a queue for writers (`ENGINE = "portal.sqlite3"`); why is told in `turn.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

from portal.sqlite3.turn import Turn

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that writes only in its turn: for a whole transaction, or for one statement outside of any."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self._turn: Turn | None = None
        self.execute_wrappers.append(self._in_turn)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; a database in memory has no other writers."""
        name = str(conn_params["database"])
        self._turn = None if self.is_in_memory_db() else Turn(name, float(conn_params.get("timeout", 5.0)))
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        if self._turn:
            self._turn.take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # a hook that the stubs do not know
        except BaseException:
            self._give()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # a hook that the stubs do not know
        self._give()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # a hook that the stubs do not know
        finally:
            self._give()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # a hook that the stubs do not know
        finally:
            self._give()

    def _give(self) -> None:
        if self._turn:
            self._turn.give()

    def _in_turn(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self._turn is None or self.in_atomic_block or not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        self._turn.take()
        try:
            return execute(sql, params, many, context)
        finally:
            self._turn.give()
