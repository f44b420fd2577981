"""The table of what Lime can ask for: one row per command id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.errors import Problem, Text
from integration.ledger.registry import AfterChange, AfterChanges, Execute, Kind, Link, ReadAhead, registry
from integration.ledger.submit import Subject
from integration.models.ledger import Queue

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a command would send for one object, and what stops it. Nothing is changed by finding out."""

    lime_id: int
    creditor: str
    method: str
    path: str
    payload: dict[str, Any] | None
    problems: Sequence[Problem]


@dataclass(frozen=True)
class Command:
    """One command: what it works on, how people are asked, and what runs.

    `subjects` names the pieces of work for the chosen Lime ids (one per object and creditor); `preview` is the dry run of
    one object. `options_schema` is JSON Schema of the options beside `creditor`, which every command takes. `button` is what a
    person presses on one object's page, and `offered_in` are the states of the object in which it is shown; empty for all.
    """

    id: str
    limetype: str
    title: Text
    confirmation: Text
    execute: Execute
    subjects: Callable[[Sequence[int], Options], list[Subject]]
    preview: Callable[[int, Options], list[Preview]] | None = None
    options_schema: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    destructive: bool = False
    needs_selection: bool = True
    after: AfterChange | None = None
    after_many: AfterChanges | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    link: Link | None = None
    read_ahead: ReadAhead | None = None
    button: Text = ""
    offered_in: frozenset[str] = frozenset()

    @property
    def has_dry_run(self) -> bool:
        return self.preview is not None


table: dict[str, Command] = {}


def add(command: Command) -> None:
    """Put a command in the table and its work in the ledger's registry."""
    table[command.id] = command
    registry.add_kind(
        Kind(
            command.id,
            Queue.OUTBOUND,
            command.execute,
            ordered=True,
            after=command.after,
            after_many=command.after_many,
            calls=command.calls,
            link=command.link,
            read_ahead=command.read_ahead,
            title=command.title,
        )
    )
