"""Lets threads that write at the same moment share one transaction, since it is the commit that costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Entry(Generic[T]):
    item: T
    settled: bool = False
    error: Exception | None = None


class GroupCommit(Generic[T]):
    """Commits items in groups: whoever gets the turn commits for all who came while the one before had it.

    Nobody waits to make a group larger: without company an item is committed alone, at once. What cannot be stored
    together is stored one by one, so that one item never fails another.

    Args:
        commit: stores items durably in one transaction of its own, all or none.
    """

    def __init__(self, commit: Callable[[Sequence[T]], None]) -> None:
        self._commit = commit
        self._turn = Lock()
        self._arrivals = Lock()
        self._waiting: list[_Entry[T]] = []

    def run(self, item: T) -> None:
        """Return when `item` is committed; raises what `commit` raises for it alone."""
        entry = _Entry(item)
        with self._arrivals:
            self._waiting.append(entry)
        with self._turn:
            if not entry.settled:
                with self._arrivals:
                    group, self._waiting = self._waiting, []
                # A thread that was ended in the middle of its turn leaves the entries of its group behind.
                self._commit_group(group if entry in group else [entry, *group])
        if entry.error is not None:
            raise entry.error

    def _commit_group(self, group: list[_Entry[T]]) -> None:
        try:
            self._commit([entry.item for entry in group])
        except Exception as error:  # noqa: BLE001  each one learns its own outcome
            if len(group) > 1:
                for entry in group:
                    self._commit_group([entry])
                return
            group[0].error = error
        for entry in group:
            entry.settled = True
