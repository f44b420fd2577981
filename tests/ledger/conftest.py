"""Kinds of work whose behaviour a test decides, run by the real ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integration.ledger import Done, EventRule, Kind, Outcome, Work, registry, submit
from integration.ledger.registry import Registry
from integration.ledger.submit import Subject
from integration.models import SyncRecord
from integration.models.ledger import Queue


class Script:
    """What work of the test kinds does: a function that a test may replace, and what it was called with."""

    def __init__(self) -> None:
        self.ran: list[int] = []
        self.behaviour: Callable[[Work], Outcome] = lambda work: Done()

    def __call__(self, work: Work) -> Outcome:
        self.ran.append(work.record.pk)
        return self.behaviour(work)


@pytest.fixture
def script() -> Iterator[Script]:
    saved = Registry(dict(registry.kinds), dict(registry.events))
    script = Script()
    registry.add_kind(Kind("test-ordered", Queue.OUTBOUND, script, ordered=True))
    registry.add_kind(Kind("test-free", Queue.OUTBOUND, script))
    registry.add_kind(Kind("test-pull", Queue.INGEST, script, collapsible=True))
    registry.add_event(EventRule("TestHappened", kind="test-pull", limetype="thing"))
    registry.add_event(EventRule("TestIgnored", ignored_because="Only a test."))
    yield script
    registry.kinds, registry.events = saved.kinds, saved.events


@pytest.fixture
def ask(db, script) -> Callable[..., SyncRecord]:
    def ask(lane: str = "thing:1", kind: str = "test-ordered", **kwargs) -> SyncRecord:
        return submit(kind, Subject(entity_key=lane, limetype="thing"), **kwargs)

    return ask


def reload(record: SyncRecord) -> SyncRecord:
    return SyncRecord.objects.get(pk=record.pk)
