"""The table of what Lime can ask for: one row per command id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.commands.narrowing import narrowed
from integration.commands.requesters import Requester
from integration.errors import Problem, Text
from integration.ledger.registry import AfterChange, AfterChanges, Execute, Kind, Link, ReadAhead, registry
from integration.ledger.submit import Subject
from integration.models.ledger import Queue

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a command would send for one object, and what stops it. Nothing is changed by finding out.

    `lime_id` is None for an object that Lime has not.
    """

    lime_id: int | None
    creditor: str
    method: str
    path: str
    payload: dict[str, Any] | None
    problems: Sequence[Problem]


@dataclass(frozen=True)
class Command:
    """One command: what it works on, how people are asked, and what runs.

    `subjects` names the pieces of work for the chosen Lime ids (one per object and creditor); `preview` is the dry run of
    one object. A command that needs no selection takes both from its options.

    `options_schema` is JSON Schema of the options beside `creditor`, which every command takes. `button` is what a
    person presses on one object's page, and `offered_in` are the states of the object in which it is shown; empty for all.
    `for_requester` tells what stops this very person, for the dry run; such a command is another one for each who asks.
    `lists_first` is for commands without selection whose work finds the objects: until then nobody knows how many they are. Such
    a command's `preview` is called once, with 0.
    An order is in its status; an invoice in every `Can…` flag that Billecta showed, and in those of its debt-collection case.
    A command that `goes_on` has more to do after a person has said that its write happened.
    `personal_options` are those about a person, each with its mask: they are kept whole only as long as its work needs them.
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
    lists_first: bool = False
    after: AfterChange | None = None
    after_many: AfterChanges | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    link: Link | None = None
    read_ahead: ReadAhead | None = None
    button: Text = ""
    offered_in: frozenset[str] = frozenset()
    for_requester: Callable[[int, Requester], list[Problem]] | None = None
    goes_on: bool = False
    personal_options: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

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
            narrowed(command.limetype, command.execute),
            ordered=True,
            after=command.after,
            after_many=command.after_many,
            calls=command.calls,
            link=command.link,
            read_ahead=command.read_ahead,
            title=command.title,
            goes_on=command.goes_on,
        )
    )
