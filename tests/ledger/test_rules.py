"""The ledger's rules, each with a test that fails when the rule is broken (see tests/mutations)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from integration import errors
from integration.ledger import (
    Delivery,
    Done,
    LaneMoved,
    Skipped,
    WaitFor,
    cancel,
    claim,
    decide,
    drain,
    receive,
    retry,
    sweep,
    triage,
    write_once,
)
from integration.ledger.registry import Kind, registry
from integration.ledger.run import run
from integration.ledger.work import LeaseLost, Work
from integration.models import EventLog, PortalConfiguration, SyncAttempt, SyncRecord, WakeUp, WebhookEvent
from integration.models.ledger import Queue
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db
Status = SyncRecord.Status
ALL = [Queue.INGEST, Queue.OUTBOUND]


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


# --- 1. The row is the truth ---------------------------------------------------------------------------------------


def test_work_is_run_though_every_queue_message_was_lost(ask, script):
    record = ask()
    WakeUp.objects.update(pending=True, requested_at=timezone.now() - timedelta(minutes=2))
    sweep()
    assert WakeUp.objects.get(queue=Queue.OUTBOUND).requested_at > timezone.now() - timedelta(minutes=1)
    assert drain(threads=0) == 1
    assert reload(record).status == Status.SUCCEEDED


def test_a_thousand_requests_enqueue_one_wake_up(ask, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        for number in range(5):
            ask(lane=f"thing:{number}")
    assert len(callbacks) == 1


def test_a_drain_that_has_begun_lets_the_next_wake_up_through(ask, django_capture_on_commit_callbacks):
    ask()
    drain(threads=0)
    with django_capture_on_commit_callbacks() as callbacks:
        ask(lane="thing:2")
    assert len(callbacks) == 1


# --- 2. Claim, lease, token ----------------------------------------------------------------------------------------


def test_claimed_work_is_not_claimed_again(ask):
    ask()
    assert len(claim(ALL, 10)) == 1
    assert claim(ALL, 10) == []


def test_an_expired_lease_gives_the_work_back_and_keeps_the_lost_try(ask):
    record = ask()
    claim(ALL, 10)
    with later(121):
        assert sweep() == 1
        freed = reload(record)
        assert freed.status == Status.WAITING_RETRY
        assert freed.tries.get().outcome == SyncAttempt.Outcome.LOST
        assert drain(threads=0) == 1
    assert reload(record).status == Status.SUCCEEDED


@pytest.mark.parametrize("after", [None, "broken"])
def test_lost_work_that_is_given_up_is_told_like_any_failure(script, after):
    told: list[str] = []

    def tell(record: SyncRecord) -> None:
        told.append(record.status)
        if after == "broken":
            raise KeyError(record.status)

    registry.add_kind(Kind("test-pull", Queue.INGEST, script, collapsible=True, after=tell))
    event = _event()
    triage()
    [lost] = claim(ALL, 1)
    SyncRecord.objects.update(attempts=2, failing_since=timezone.now() - timedelta(hours=25))
    with later(121):
        assert sweep() == 1
    event.refresh_from_db()
    assert (reload(lost).status, told) == (Status.FAILED, [Status.FAILED])
    assert (event.status, event.reason) == (WebhookEvent.Status.FAILED, reload(lost).message)
    assert EventLog.objects.filter(action="work.failed", sync_record=lost).exists()


def test_a_lease_that_holds_is_left_alone(ask):
    ask()
    claim(ALL, 10)
    with later(60):
        assert sweep() == 0


def test_a_late_worker_cannot_overwrite_the_outcome(ask, script):
    record = ask()
    [late] = claim(ALL, 1)
    with later(121):
        sweep()
        [second] = claim(ALL, 1)
        script.behaviour = lambda work: Done(billecta_id="late")
        run(late)
        assert reload(record).status == Status.IN_FLIGHT
        script.behaviour = lambda work: Done(billecta_id="second")
        run(second)
    assert reload(record).billecta_id == "second"


def test_a_late_worker_cannot_begin_a_write(ask):
    ask()
    [late] = claim(ALL, 1)
    with later(121):
        sweep()
        claim(ALL, 1)
        with pytest.raises(LeaseLost):
            Work(late).begin_write("create")


def test_a_long_piece_of_work_keeps_its_lease(ask):
    ask()
    [record] = claim(ALL, 1)
    work = Work(record)
    with later(100):
        work.keep_lease()
    with later(130):
        assert sweep() == 0


# --- 3. Lanes and prerequisites ------------------------------------------------------------------------------------


def test_one_piece_of_a_lane_is_in_flight(ask):
    first, second, other = ask(kind="test-free"), ask(kind="test-free"), ask(lane="thing:2", kind="test-free")
    assert {record.pk for record in claim(ALL, 10)} == {first.pk, other.pk}
    assert claim(ALL, 10) == []
    assert reload(second).status == Status.PENDING


def test_the_database_itself_refuses_two_in_flight_in_one_lane(ask):
    from django.db import IntegrityError, transaction

    ask(kind="test-free"), ask(kind="test-free")
    with pytest.raises(IntegrityError), transaction.atomic():
        SyncRecord.objects.update(status=Status.IN_FLIGHT)


def test_ordered_work_waits_for_earlier_work_that_waits_for_its_retry(ask, script):
    first, second = ask(), ask()
    script.behaviour = lambda work: _raise(errors.RemoteUnavailable(system="Billecta", detail="503"))
    drain(threads=0)
    assert reload(first).status == Status.WAITING_RETRY
    assert (reload(second).status, reload(second).attempts) == (Status.PENDING, 0)


def test_a_poison_object_blocks_only_its_own_lane(ask, script):
    poison, other = ask(), ask(lane="thing:2")
    script.behaviour = lambda work: _raise(ZeroDivisionError()) if work.record.pk == poison.pk else Done()
    drain(threads=0)
    assert (reload(poison).status, reload(poison).failure_kind) == (Status.FAILED, "internal")
    assert "ZeroDivisionError" in reload(poison).tries.get().traceback
    assert reload(other).status == Status.SUCCEEDED


def test_the_parent_waits_for_its_prerequisite_and_is_not_counted_as_tried(ask, script):
    parent = ask()
    made: list[SyncRecord] = []

    def behaviour(work: Work):
        if work.record.pk == parent.pk and not made:
            made.append(ask(lane="thing:prerequisite"))
            raise WaitFor(made)
        return Done()

    script.behaviour = behaviour
    drain(threads=0)
    assert script.ran == [parent.pk, made[0].pk, parent.pk]
    assert (reload(parent).status, reload(parent).attempts) == (Status.SUCCEEDED, 1)


def test_a_failed_prerequisite_fails_the_parent_with_its_reason(ask, script):
    child = ask(lane="thing:child")
    parent = ask(prerequisites=[child])
    script.behaviour = lambda work: _raise(errors.RemoteRejected(system="Billecta", status=400, detail="Name is missing"))
    drain(threads=0)
    assert reload(parent).error_code == "prerequisite_failed"
    assert "Name is missing" in reload(parent).message
    assert script.ran == [child.pk]


def test_work_moves_to_the_canonical_lane(ask, script):
    record = ask(lane="action:1", kind="test-free")
    script.behaviour = lambda work: Done() if work.record.entity_key == "thing:1" else _raise(LaneMoved("thing:1"))
    drain(threads=0)
    assert (reload(record).status, reload(record).entity_key, reload(record).attempts) == (Status.SUCCEEDED, "thing:1", 1)


# --- 4. Unknown outcomes -------------------------------------------------------------------------------------------


class Remote:
    """A remote system in which a create can take effect though its answer is lost."""

    def __init__(self) -> None:
        self.objects: list[str] = []
        self.lose_answer = False
        self.looks = 0

    def look(self) -> str | None:
        self.looks += 1
        return self.objects[0] if self.objects else None

    def create(self, *, takes_effect: bool = True) -> str:
        if takes_effect:
            self.objects.append("made")
        if self.lose_answer:
            raise errors.OutcomeUnknown(system="Billecta", operation="create", detail="timeout")
        return "made"

    def once(self, work: Work, *, takes_effect: bool = True, look_first: bool = True) -> Done:
        made = write_once(
            work,
            "create",
            system="Billecta",
            look=self.look,
            write=lambda: self.create(takes_effect=takes_effect),
            keep=lambda once: None,
            look_first=look_first,
        )
        return Done(billecta_id=made.it)


def test_a_create_whose_answer_was_lost_is_found_and_not_repeated(ask, script):
    record, remote = ask(), Remote()
    remote.lose_answer = True
    script.behaviour = remote.once
    drain(threads=0)
    waiting = reload(record)
    assert (waiting.status, waiting.failure_kind) == (Status.WAITING_RETRY, "outcome_unknown")
    remote.lose_answer = False
    with later(10):
        drain(threads=0)
    assert (reload(record).status, remote.objects, reload(record).open_writes) == (Status.SUCCEEDED, ["made"], {})


def test_a_create_is_repeated_only_after_two_empty_looks_the_second_a_minute_after_the_send(ask, script):
    record, remote = ask(), Remote()
    remote.lose_answer = True
    script.behaviour = lambda work: remote.once(work, takes_effect=False, look_first=False)
    drain(threads=0)
    remote.lose_answer = False
    script.behaviour = remote.once
    with later(10):
        drain(threads=0)
        assert (reload(record).status, remote.objects, remote.looks) == (Status.WAITING_RETRY, [], 1)
        assert reload(record).not_before >= reload(record).created_at + timedelta(seconds=59)
    with later(62):
        drain(threads=0)
    assert (reload(record).status, remote.objects, remote.looks) == (Status.SUCCEEDED, ["made"], 2)


def test_one_late_look_is_not_enough_to_repeat_a_create(ask, script):
    record, remote = ask(), Remote()
    remote.lose_answer = True
    script.behaviour = lambda work: remote.once(work, takes_effect=False, look_first=False)
    drain(threads=0)
    remote.lose_answer = False
    script.behaviour = remote.once
    with later(100):
        drain(threads=0)
    assert (reload(record).status, remote.objects) == (Status.WAITING_RETRY, [])


def test_a_worker_killed_after_the_send_leaves_a_trace_and_the_next_one_looks(ask, script):
    record, remote = ask(), Remote()
    [claimed] = claim(ALL, 1)
    work = Work(claimed)
    work.begin_write("create")
    remote.create()
    with later(121):
        sweep()
        assert reload(record).failure_kind == "outcome_unknown"
        script.behaviour = lambda work: remote.once(work, look_first=False)
        drain(threads=0)
    assert (reload(record).status, remote.objects) == (Status.SUCCEEDED, ["made"])


def test_a_definite_refusal_closes_the_write(ask, script):
    record = ask()
    refuse = lambda: _raise(errors.RemoteRejected(system="Billecta", status=400, detail="no"))  # noqa: E731
    script.behaviour = lambda work: write_once(work, "create", system="Billecta", look=lambda: None, write=refuse, keep=lambda once: None)
    drain(threads=0)
    assert (reload(record).status, reload(record).open_writes) == (Status.FAILED, {})


@pytest.mark.parametrize(("happened", "status"), [(True, Status.SUCCEEDED), (False, Status.PENDING)])
def test_a_person_decides_what_cannot_be_read_back(ask, script, happened, status):
    record = ask()
    script.behaviour = lambda work: _raise(errors.NeedsDecision(system="Billecta", operation="remind", detail="no listing"))
    drain(threads=0)
    assert reload(record).status == Status.NEEDS_DECISION
    decide(record, happened=happened, actor="Anna")
    assert reload(record).status == status
    assert EventLog.objects.get(action="work.decided").detail["happened"] is happened


def test_work_that_needs_a_decision_holds_its_lane(ask, script):
    ask(), ask()
    script.behaviour = lambda work: _raise(errors.NeedsDecision(system="Billecta", operation="remind", detail="no listing"))
    drain(threads=0)
    assert len(script.ran) == 1


# --- 6. Events are hints -------------------------------------------------------------------------------------------


def _event(entity: str = "77", name: str = "TestHappened") -> WebhookEvent:
    return WebhookEvent.objects.get(pk=receive(Delivery(body=b"{}", event_name=name, entity_id=entity)))


def test_events_of_one_entity_collapse_into_one_look(script):
    events = [_event(), _event(), _event(), _event(entity="78")]
    drain(threads=0)
    assert len(script.ran) == 2
    assert {WebhookEvent.objects.get(pk=event.pk).status for event in events} == {"processed"}


def test_an_event_that_comes_while_the_truth_is_fetched_is_looked_at_again(script):
    _event()
    triage()
    [in_flight] = claim(ALL, 1)
    late = _event()
    run(in_flight)
    assert WebhookEvent.objects.get(pk=late.pk).status == "received"
    drain(threads=0)
    assert len(script.ran) == 2
    assert WebhookEvent.objects.get(pk=late.pk).status == "processed"


def test_events_of_cancelled_work_have_failed_with_the_reason_and_a_retry_takes_them_along(script):
    event = _event()
    triage()
    record = cancel(SyncRecord.objects.get(), actor="anna")
    event.refresh_from_db()
    assert (event.status, bool(event.reason)) == (WebhookEvent.Status.FAILED, True)
    assert event.processed_at is not None
    retry(record, actor="anna")
    drain(threads=0)
    event.refresh_from_db()
    assert (event.status, event.reason) == (WebhookEvent.Status.PROCESSED, "")


def test_events_settle_before_the_truth_is_fetched(script):
    PortalConfiguration.objects.update(settle_seconds=1.0)
    _event()
    assert drain(threads=0, seconds=0.2) == 1
    assert script.ran == []
    with later(1.1):
        drain(threads=0)
    assert len(script.ran) == 1


@pytest.mark.parametrize(("name", "status"), [("TestIgnored", "ignored"), ("NeverHeardOf", "unrecognised"), ("testhappened", "processed")])
def test_an_event_is_handled_ignored_for_a_reason_or_kept_as_unknown(script, name, status):
    event = _event(name=name)
    drain(threads=0)
    event.refresh_from_db()
    assert event.status == status
    assert bool(event.reason) is (status != "processed")


def test_a_failed_look_fails_its_events_and_a_retry_takes_them_along(script):
    event = _event()
    script.behaviour = lambda work: _raise(errors.RemoteNotFound(system="Billecta", what="Invoice 77"))
    drain(threads=0)
    event.refresh_from_db()
    assert (event.status, "77" in event.reason) == ("failed", True)
    script.behaviour = lambda work: Done()
    assert event.sync_record is not None
    retry(event.sync_record, actor="Anna")
    drain(threads=0)
    event.refresh_from_db()
    assert event.status == "processed"


# --- 8. Three families, one recorder -------------------------------------------------------------------------------


def test_a_temporary_error_is_tried_again_after_about_5_15_45_and_120_seconds(ask, script):
    record = ask()
    script.behaviour = lambda work: _raise(errors.RemoteUnavailable(system="Billecta", detail="503"))
    waits = []
    now = timezone.now()
    for _try in range(6):
        with time_machine.travel(now, tick=False):
            drain(threads=0)
            waits.append((reload(record).not_before - now).total_seconds())
            now = reload(record).not_before
    assert waits == [pytest.approx(wait, rel=0.2) for wait in (5, 15, 45, 128, 300, 300)]


def test_it_gives_up_after_a_day_and_says_so(ask, script):
    record = ask()
    script.behaviour = lambda work: _raise(errors.RemoteUnavailable(system="Billecta", detail="503"))
    drain(threads=0)
    tries, now = 1, timezone.now()
    while reload(record).status == Status.WAITING_RETRY:
        now = reload(record).not_before
        with time_machine.travel(now, tick=False):
            drain(threads=0)
        tries += 1
    assert reload(record).failure_kind == "exceeded"
    assert timedelta(hours=24) <= now - reload(record).created_at <= timedelta(hours=31)
    assert 15 < tries < 60


def test_retry_after_becomes_not_before(ask, script):
    record, when = ask(), timezone.now() + timedelta(minutes=7)
    script.behaviour = lambda work: _raise(errors.RateLimited(system="Billecta", not_before=when))
    drain(threads=0)
    assert reload(record).not_before == when


def test_our_own_throttle_is_not_counted_as_a_try(ask, script):
    record = ask()
    script.behaviour = lambda work: _raise(errors.Throttled(system="Billecta", not_before=timezone.now() + timedelta(seconds=30)))
    drain(threads=0)
    assert (reload(record).status, reload(record).attempts, reload(record).tries.count()) == (Status.PENDING, 0, 0)
    assert reload(record).not_before > timezone.now() + timedelta(seconds=25)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.ValidationFailed([errors.Problem("order.duedate", "missing", "The due date is missing.")]), "validation"),
        (errors.RemoteRejected(system="Billecta", status=400, detail="no"), "rejected"),
        (errors.CredentialsRefused(system="Billecta", status=401), "config"),
        (KeyError("bug"), "internal"),
    ],
)
def test_each_family_of_error_fails_with_its_kind_and_is_not_repeated(ask, script, error, kind):
    record = ask()
    script.behaviour = lambda work: _raise(error)
    drain(threads=0)
    assert (reload(record).status, reload(record).failure_kind, len(script.ran)) == (Status.FAILED, kind, 1)
    assert reload(record).message


def test_skipped_work_says_why(ask, script):
    record = ask()
    script.behaviour = lambda work: Skipped("already_attested", "The order is attested already.", "Nothing to do.")
    drain(threads=0)
    assert (reload(record).status, reload(record).message) == (Status.SKIPPED, "The order is attested already.")


# --- People --------------------------------------------------------------------------------------------------------


def test_work_with_an_open_write_cannot_be_cancelled(ask, script):
    record, remote = ask(), Remote()
    remote.lose_answer = True
    script.behaviour = remote.once
    drain(threads=0)
    with pytest.raises(errors.GuardRefused):
        cancel(record, actor="Anna")


def test_cancelled_work_is_not_run(ask, script):
    record = ask()
    cancel(record, actor="Anna")
    drain(threads=0)
    assert (script.ran, reload(record).status) == ([], Status.CANCELLED)


def test_succeeded_work_cannot_be_retried(ask):
    record = ask()
    drain(threads=0)
    with pytest.raises(errors.GuardRefused):
        retry(record, actor="Anna")


def test_nothing_is_sent_when_the_switch_is_off_and_all_of_it_later(ask, script):
    record = ask()
    PortalConfiguration.objects.update(sending_enabled=False)
    drain(threads=0)
    assert script.ran == []
    PortalConfiguration.objects.update(sending_enabled=True)
    drain(threads=0)
    assert reload(record).status == Status.SUCCEEDED


def test_a_restored_copy_sends_nothing_until_an_admin_confirms(ask, script, settings):
    from integration.ledger.sending import bind, why_not_sending

    record = ask()
    assert why_not_sending() == ""
    settings.BILLECTA_BASE_URL = "http://127.0.0.1:4711"
    drain(threads=0)
    assert (script.ran, "127.0.0.1:4711" in why_not_sending()) == ([], True)
    bind(actor="Anna")
    drain(threads=0)
    assert reload(record).status == Status.SUCCEEDED


def _raise(error: Exception):
    raise error
