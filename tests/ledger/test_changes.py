"""Changes of remote objects that must not be sent twice: credits, payments, reminders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integration.errors import OutcomeUnknown, RemoteRejected, RemoteUnavailable
from integration.ledger import Done, Kind, Outcome, Work, change_once, decide, drain, registry, retry
from integration.models import PortalConfiguration, SyncRecord
from integration.models.ledger import Queue
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db


class Account:
    """A remote object with one sum, to which each write adds ten; `answers` are what the writes answer in turn."""

    def __init__(self) -> None:
        self.sum = 0
        self.sent = 0
        self.answers: list[Exception | None] = []
        self.arrives = True

    def write(self) -> None:
        self.sent += 1
        if self.arrives:
            self.sum += 10
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer

    def happened(self, entry: Mapping[str, Any]) -> bool | None:
        return {entry["before"] + 10: True, entry["before"]: False}.get(self.sum)

    def add(self, work: Work) -> Outcome:
        is_new = change_once(
            work,
            "add",
            system="Billecta",
            happened=self.happened,
            seen=lambda entry: f"{entry['before']} before, {self.sum} now",
            prepare=lambda: {"before": self.sum},
            write=self.write,
        )
        return Done(result={"is_new": is_new})


@pytest.fixture
def account(script) -> Account:
    account = Account()
    script.behaviour = account.add
    return account


@pytest.fixture
def again(db) -> Callable[..., None]:
    """Let the time pass that a second look waits for, and run what is due then."""

    def again(times: int = 1) -> None:
        PortalConfiguration.objects.update_or_create(pk=1, defaults={"second_look_seconds": 0})
        for _ in range(times):
            SyncRecord.objects.filter(status="waiting_retry").update(not_before=timezone.now() - timedelta(seconds=1))
            drain(threads=0)

    return again


def lost() -> OutcomeUnknown:
    return OutcomeUnknown(system="Billecta", operation="add", detail="timeout")


def test_what_is_answered_is_sent_once(ask, account):
    record = ask()
    drain(threads=0)
    assert (account.sum, reload(record).status, reload(record).result) == (10, "succeeded", {"is_new": True})
    assert reload(record).open_writes == {}


def test_a_lost_answer_is_read_back_and_nothing_is_sent_again(ask, account, again):
    account.answers = [lost()]
    record = ask()
    drain(threads=0)
    assert reload(record).status == "waiting_retry"
    again()
    assert (account.sum, account.sent, reload(record).result) == (10, 1, {"is_new": False})


def test_one_that_never_arrived_is_sent_again_after_two_looks(ask, account, again):
    account.answers, account.arrives = [lost()], False
    record = ask()
    drain(threads=0)
    again()
    assert (account.sent, reload(record).status) == (1, "waiting_retry")
    account.arrives = True
    again(2)
    assert (account.sum, account.sent, reload(record).status) == (10, 2, "succeeded")


def test_what_cannot_be_told_apart_waits_for_a_person(ask, account, again):
    account.answers = [lost()]
    record = ask()
    drain(threads=0)
    account.sum += 3
    again(3)
    assert (account.sent, reload(record).status) == (1, "needs_decision")
    assert "0 before, 13 now" in reload(record).message


def test_what_fails_after_the_answer_does_not_send_again(ask, account: Account, again, script):
    fails = [RemoteUnavailable(system="Lime", detail="503")]

    def then_fail(work: Work) -> Outcome:
        outcome: Outcome = account.add(work)
        account.sum += 3
        if fails:
            raise fails.pop()
        return outcome

    script.behaviour = then_fail
    record = ask()
    drain(threads=0)
    again()
    assert (account.sent, reload(record).status) == (1, "succeeded")


def test_a_refusal_leaves_nothing_open(ask, account):
    account.answers, account.arrives = [RemoteRejected(system="Billecta", status=400, detail="no", external_code="")], False
    record = ask()
    drain(threads=0)
    assert (reload(record).status, reload(record).open_writes) == ("failed", {})


def test_the_same_is_not_sent_while_nobody_knows_what_came_of_earlier_work(ask, account, again):
    account.answers = [lost()]
    first = ask()
    drain(threads=0)
    SyncRecord.objects.filter(pk=first.pk).update(status="failed", finished_at=timezone.now())
    second = ask()
    drain(threads=0)
    assert (account.sent, reload(second).status, reload(second).error_code) == (1, "failed", "guard_refused")
    retry(reload(first), actor="test")
    drain(threads=0)
    assert (account.sent, reload(first).status) == (1, "succeeded")
    retry(reload(second), actor="test")
    drain(threads=0)
    assert (account.sum, reload(second).status) == (20, "succeeded")


def test_what_does_not_tell_is_looked_at_again_before_a_person_is_asked(ask, account):
    account.answers = [lost()]
    record = ask()
    drain(threads=0)
    account.sum += 3
    SyncRecord.objects.filter(pk=record.pk).update(not_before=timezone.now())
    drain(threads=0)
    assert reload(record).status == "waiting_retry"
    account.sum -= 3
    PortalConfiguration.objects.update_or_create(pk=1, defaults={"second_look_seconds": 0})
    SyncRecord.objects.filter(pk=record.pk).update(not_before=timezone.now())
    drain(threads=0)
    assert (account.sent, reload(record).status) == (1, "succeeded")


@pytest.mark.parametrize(("goes_on", "followed"), [(True, ["followed"]), (False, [])])
def test_what_follows_is_done_after_a_person_has_said_that_it_happened(ask, account, again, script, goes_on, followed):
    done: list[str] = []

    def then_follow(work: Work) -> Outcome:
        outcome: Outcome = account.add(work)
        done.append("followed")
        return outcome

    script.behaviour = then_follow
    registry.add_kind(Kind("test-ordered", Queue.OUTBOUND, script, ordered=True, goes_on=goes_on))
    account.answers = [lost()]
    record = ask()
    drain(threads=0)
    account.sum += 3
    again(2)
    assert (reload(record).status, done) == ("needs_decision", [])
    decide(reload(record), happened=True, actor="Anna")
    drain(threads=0)
    assert (account.sent, reload(record).status, done) == (1, "succeeded", followed)


def test_a_write_that_was_answered_is_not_sent_again_when_a_later_one_did_not_happen(ask, account, again, script):
    second = Account()

    def both(work: Work) -> Outcome:
        account.add(work)
        change_once(
            work,
            "second",
            system="Billecta",
            happened=lambda _entry: None,
            seen=lambda _entry: "nothing",
            prepare=dict,
            write=second.write,
        )
        return Done()

    script.behaviour = both
    second.answers = [lost()]
    record = ask()
    drain(threads=0)
    again(2)
    assert reload(record).status == "needs_decision"
    decide(reload(record), happened=False, actor="Anna")
    drain(threads=0)
    assert (account.sent, second.sent, reload(record).status) == (1, 2, "succeeded")
