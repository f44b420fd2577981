"""Work of a cancelled batch that ran when the batch was cancelled: it does not come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
import time_machine
from django.utils import timezone

from integration import errors
from integration.ledger import LaneMoved, WaitFor, Work, cancel_many, claim, drain, retry, sweep
from integration.ledger.run import run
from integration.models import Batch, SyncRecord
from integration.models.ledger import Queue
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db
Status = SyncRecord.Status


@pytest.fixture
def batch(db: None) -> Batch:
    return Batch.objects.create(command="test-ordered", total=1)


def claimed_and_cancelled(batch: Batch) -> SyncRecord:
    """The batch's one piece of work as a worker holds it while a person cancels the batch."""
    [claimed] = claim([Queue.OUTBOUND], 1)
    batch.cancelled_at = timezone.now()
    batch.save()
    assert cancel_many(batch) == 0
    return claimed


def ends_with(error: Exception) -> Callable[[Work], NoReturn]:
    def behaviour(_work: Work) -> NoReturn:
        raise error

    return behaviour


def waits(work: Work) -> NoReturn:
    raise WaitFor([SyncRecord.objects.create(kind="test-free", queue=Queue.OUTBOUND, entity_key=f"before:{work.record.pk}")])


@pytest.mark.parametrize(
    "behaviour",
    [
        waits,
        ends_with(LaneMoved("thing:2")),
        ends_with(errors.Throttled(system="Billecta")),
        ends_with(errors.RemoteUnavailable(system="Billecta", detail="503")),
    ],
    ids=["waits for a prerequisite", "moves to another lane", "throttled", "to be retried"],
)
def test_work_that_would_go_back_to_the_queue_of_a_cancelled_batch_is_cancelled(ask, script, batch, behaviour):
    record = ask(batch=batch)
    claimed = claimed_and_cancelled(batch)
    script.behaviour = behaviour
    run(claimed)
    ended = reload(record)
    assert (ended.status, ended.lease_token) == (Status.CANCELLED, None)
    assert ended.finished_at is not None


def test_a_write_that_is_open_is_found_out_though_the_batch_was_cancelled(ask, script, batch):
    record = ask(batch=batch)
    claimed = claimed_and_cancelled(batch)

    def behaviour(work: Work) -> NoReturn:
        work.begin_write("create")
        raise errors.OutcomeUnknown(system="Billecta", operation="create", detail="time out")

    script.behaviour = behaviour
    run(claimed)
    assert (reload(record).status, list(reload(record).open_writes)) == (Status.WAITING_RETRY, ["create"])

    def refused_at_last(work: Work) -> NoReturn:
        work.end_write("create")
        raise errors.RateLimited(system="Billecta")

    script.behaviour = refused_at_last
    with time_machine.travel(timezone.now() + timedelta(seconds=121), tick=False):
        drain(threads=0)
    assert (reload(record).status, reload(record).open_writes) == (Status.CANCELLED, {})


@pytest.mark.parametrize(("open_writes", "status"), [({}, Status.CANCELLED), ({"create": {}}, Status.WAITING_RETRY)])
def test_a_lost_worker_gives_no_work_back_to_a_cancelled_batch(ask, batch, open_writes: dict[str, Any], status):
    record = ask(batch=batch)
    claimed_and_cancelled(batch)
    SyncRecord.objects.update(open_writes=open_writes)
    with time_machine.travel(timezone.now() + timedelta(seconds=121), tick=False):
        sweep()
    assert reload(record).status == status


def test_what_a_person_puts_back_afterwards_runs_as_any_other_work(ask, script, batch):
    record = ask(batch=batch)
    claimed = claimed_and_cancelled(batch)
    script.behaviour = ends_with(errors.Throttled(system="Billecta"))
    run(claimed)
    assert reload(record).status == Status.CANCELLED
    retry(record, actor="anna")
    [claimed] = claim([Queue.OUTBOUND], 1)
    run(claimed)
    assert reload(record).status == Status.PENDING
