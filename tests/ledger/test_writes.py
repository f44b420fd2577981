"""What is stored about a write by the time it is sent, as a worker that is killed then would leave it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integration import errors
from integration.ledger import Done, Work, claim, drain, write_once
from integration.ledger.work import sent_at
from integration.ledger.writes import Once
from integration.models.ledger import Queue
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db


def test_the_intent_is_stored_before_the_write_is_sent(ask, script):
    record = ask()
    stored_when_sent: list[dict[str, Any]] = []

    def write() -> str:
        stored_when_sent.append(reload(record).open_writes)
        return "made"

    def behaviour(work: Work) -> Done:
        return Done(write_once(work, "create", system="Billecta", look=lambda: None, write=write, keep=lambda once: None).it)

    script.behaviour = behaviour
    drain(threads=0)
    [intent] = stored_when_sent
    assert timezone.now() - sent_at(intent["create"]) < timedelta(seconds=10)
    assert (reload(record).billecta_id, reload(record).open_writes) == ("made", {})


class Killed(BaseException):
    """What `kill -9` leaves behind, without ending the tests: nothing handles it."""


def test_a_worker_killed_before_what_it_made_is_kept_leaves_the_intent(ask, script):
    """Between the answer and the link there must be no moment at which the next run would send again."""
    ask()
    [claimed] = claim([Queue.OUTBOUND], 1)
    made: list[str] = []

    def write() -> str:
        made.append("made")
        return "made"

    def keep(_once: Once[str]) -> None:
        raise Killed

    def look() -> str | None:
        return made[0] if made else None

    with pytest.raises(Killed):
        write_once(Work(claimed), "create", system="Billecta", look=look, write=write, keep=keep, look_first=False)
    assert list(reload(claimed).open_writes) == ["create"]
    again = Work(reload(claimed))
    found = write_once(again, "create", system="Billecta", look=look, write=write, keep=lambda once: None, look_first=False)
    assert (found, made, reload(claimed).open_writes) == (Once("made", is_new=False), ["made"], {})


def test_what_failed_work_sent_is_looked_for_by_the_work_that_is_asked_for_next(ask, script):
    """A command whose answer was lost, then failed for another reason, is asked for anew by people: not a second object."""
    first, made, sends = ask(), ["made"], list[int]()

    def send() -> str:
        sends.append(1)
        return "made again"

    def behaviour(work: Work) -> Done:
        if work.record.pk == first.pk:
            work.begin_write("create")
            raise errors.RemoteRejected(system="Lime", status=400, detail="something else is wrong")
        once = write_once(
            work,
            "create",
            system="Billecta",
            look=lambda: made[0],
            write=send,
            keep=lambda _: None,
            look_first=False,
        )
        return Done(once.it)

    script.behaviour = behaviour
    drain(threads=0)
    second = ask()
    drain(threads=0)
    assert (reload(second).status, reload(second).billecta_id, sends) == ("succeeded", "made", [])
    assert (reload(first).open_writes, reload(second).open_writes) == ({}, {})


def test_a_look_that_finds_several_is_for_a_person(ask, script):
    record = ask()

    def several() -> str:
        raise errors.AmbiguousMatch(system="Billecta", what="an order", ids="1, 2")

    def behaviour(work: Work) -> Done:
        if work.open_write("create") is None:
            work.begin_write("create")
        return Done(write_once(work, "create", system="Billecta", look=several, write=lambda: "made", keep=lambda _: None).it)

    script.behaviour = behaviour
    drain(threads=0)
    waiting = reload(record)
    assert (waiting.status, list(waiting.open_writes)) == ("needs_decision", ["create"])
    assert "1, 2" in waiting.message
