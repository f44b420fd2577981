"""How the ledger reaches what it runs: commands and handlers put themselves in here when the portal starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from integration.errors import Text
from integration.models import SyncRecord, WebhookEvent
from integration.models.ledger import Queue
from integration.models.titles import TITLES

if TYPE_CHECKING:
    from integration.ledger.submit import Subject
    from integration.ledger.work import Outcome, Work

Execute = Callable[["Work"], "Outcome"]
AfterChange = Callable[[SyncRecord], None]
AfterChanges = Callable[[Sequence[SyncRecord]], None]
Link = Callable[[SyncRecord, str], object]
ReadAhead = Callable[[Sequence[SyncRecord]], Mapping[int, Mapping[tuple[str, str, str | int], Any]]]
Lanes = Callable[[Iterable[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Kind:
    """One kind of work: which queue, how it runs, what people call it, and what else follows when its state changes.

    `link` stores which Billecta object a piece of work made, when a person says so. Work that `goes_on` has more to do once a
    person has said that its write happened, so it runs again instead of being done.

    `after` runs inside the transaction that stores the outcome, so it may only touch the database; `after_many` is the same
    for many rows at once. `calls` is how many calls it usually makes to each system: it starts when so many are allowed.
    `from_events` says that events wait for it, as they may for all work of the queue of incoming work.

    `read_ahead` reads what several pieces of this kind will look up, in as few calls as that takes: by the work's primary key,
    its lookups (limetype, field, value) and their answers.
    """

    name: str
    queue: Queue
    execute: Execute
    ordered: bool = False
    collapsible: bool = False
    after: AfterChange | None = None
    after_many: AfterChanges | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    title: Text = ""
    link: Link | None = None
    from_events: bool = False
    goes_on: bool = False
    read_ahead: ReadAhead | None = None


@dataclass(frozen=True)
class Lead:
    """What one event leads to: pieces of work by kind, of which the event waits for the first; or nothing, for `reason`.

    `ends_as` is the status of an event that leads to nothing.
    """

    work: Sequence[tuple[str, Subject]] = ()
    reason: Text = ""
    ends_as: str = WebhookEvent.Status.IGNORED


Resolver = Callable[[Sequence[WebhookEvent]], Sequence[Lead]]
"""What each of some events of one source leads to, in their order. Runs in a transaction: no remote calls.

When it raises a KvittensError, all of them have failed with its message, and may be replayed.
"""


@dataclass(frozen=True)
class EventRule:
    """What one of Billecta's events leads to: work of `kind` on the entity, or nothing for the stated reason.

    `lanes` names the canonical lane of each public id, all at once. With `by_creditor` the entity is the creditor that the
    event names, since the truth can only be fetched for all of it.
    """

    name: str
    kind: str = ""
    limetype: str = ""
    lanes: Lanes | None = None
    ignored_because: Text = ""
    by_creditor: bool = False

    def entity_of(self, event: WebhookEvent) -> str:
        """The public id of what has to be looked at; empty when the event does not name it."""
        return event.creditor_id if self.by_creditor else event.entity_id


@dataclass
class Registry:
    """All kinds of work by name, all event rules by lower-case event name, and who reads the events of other sources than Billecta."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    events: dict[str, EventRule] = field(default_factory=dict)
    resolvers: dict[str, Resolver] = field(default_factory=dict)

    def add_kind(self, kind: Kind) -> None:
        self.kinds[kind.name] = kind
        if kind.title:
            TITLES[kind.name] = kind.title

    def add_event(self, rule: EventRule) -> None:
        self.events[rule.name.lower()] = rule

    def add_source(self, source: str, resolver: Resolver) -> None:
        self.resolvers[source] = resolver

    def has_events(self, record: SyncRecord) -> bool:
        """Whether events may wait for this work."""
        kind = self.kinds.get(record.kind)
        return record.queue == Queue.INGEST or (kind is not None and kind.from_events)

    def rule(self, event_name: str) -> EventRule | None:
        """The rule of an event, whatever the case of its name; None when Billecta never told us of it."""
        return self.events.get(event_name.lower())


registry = Registry()
