"""Tasks: counts, status, results, retry and cancel."""

from __future__ import annotations

import pytest

from integration.api import command_views
from integration.commands import batches
from integration.commands.selection import CommandRequest
from integration.ledger import drain
from integration.models import Batch, SyncRecord
from tests.api.conftest import UPSERT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("things")]
Status = SyncRecord.Status


@pytest.fixture
def batch() -> Batch:
    return batches.start(UPSERT, CommandRequest((1, 2, 3)), asker=batches.Asker("test"))


def task(client, batch: Batch):
    return client.get(f"/api/v1/tasks/{batch.pk}/").json()


def act(client, batch: Batch, action: str):
    return client.post(f"/api/v1/tasks/{batch.pk}/{action}/")


def test_a_task_begins_pending_and_ends_in_success(lime, batch):
    begun = task(lime, batch)
    assert (begun["status"], begun["total"], begun["done"], begun["started_at"], begun["finished_at"]) == ("PENDING", 3, 0, None, None)
    drain(threads=0)
    ended = task(lime, batch)
    assert (ended["status"], ended["done"], ended["succeeded"]) == ("SUCCESS", 3, 3)
    assert ended["started_at"] <= ended["finished_at"]
    assert ended["results"][0] == {
        "lime_id": 1,
        "creditor": "",
        "status": "succeeded",
        "billecta_id": "B-1",
        "code": "",
        "message": "",
        "next_step": "",
    }


def test_one_failure_fails_the_task_and_leaves_the_others_their_success(lime, batch, things):
    things.fails = {2}
    drain(threads=0)
    ended = task(lime, batch)
    assert (ended["status"], ended["succeeded"], ended["failed"]) == ("FAILURE", 2, 1)
    failed = ended["results"][1]
    assert (failed["status"], failed["code"], failed["message"], failed["next_step"]) == (
        "failed",
        "guard_refused",
        "It is broken.",
        "Mend it in Lime.",
    )


def test_a_task_stays_started_while_an_object_waits_to_be_retried(lime, batch):
    drain(threads=0)
    SyncRecord.objects.filter(lime_id=2).update(status=Status.WAITING_RETRY, finished_at=None)
    waiting = task(lime, batch)
    assert (waiting["status"], waiting["done"], waiting["finished_at"]) == ("STARTED", 2, None)


def test_only_what_failed_is_repeated(lime, batch, things):
    things.fails = {2}
    drain(threads=0)
    things.fails, things.ran = set(), []
    assert act(lime, batch, "retry-failed").status_code == 202
    drain(threads=0)
    assert things.ran == [2]
    assert task(lime, batch)["status"] == "SUCCESS"


def test_a_cancelled_task_is_a_failure_and_runs_no_further(lime, batch, things):
    drain(threads=0, seconds=0)
    SyncRecord.objects.filter(lime_id=1).update(status=Status.IN_FLIGHT)
    cancelled = act(lime, batch, "cancel").json()
    assert (cancelled["status"], cancelled["cancelled"]) == ("STARTED", 2)
    SyncRecord.objects.filter(lime_id=1).update(status=Status.SUCCEEDED)
    ended = task(lime, batch)
    assert (ended["status"], ended["succeeded"], ended["cancelled"], ended["done"]) == ("FAILURE", 1, 2, 3)
    drain(threads=0)
    assert things.ran == []


def test_a_finished_task_cannot_be_cancelled(lime, batch):
    drain(threads=0)
    answer = act(lime, batch, "cancel")
    assert (answer.status_code, answer.json()["error"]) == (409, "guard_refused")
    assert task(lime, batch)["status"] == "SUCCESS"


def test_results_come_in_pages(lime, batch, monkeypatch):
    monkeypatch.setattr(command_views, "RESULTS_OF_A_PAGE", 2)
    first = task(lime, batch)
    second = lime.get(first["next"]).json()
    assert [result["lime_id"] for page in (first, second) for result in page["results"]] == [1, 2, 3]
    assert (second["next"], second["total"]) == (None, 3)


def test_a_thousand_results_are_a_page():
    assert command_views.RESULTS_OF_A_PAGE == 1000


def test_a_result_with_an_address_gives_the_task_one(lime, things):
    batch = batches.start(UPSERT, CommandRequest((1,)), asker=batches.Asker("test"))
    SyncRecord.objects.update(result={"result_url": "/api/v1/snapshots/1/"})
    assert task(lime, batch)["result_url"] == "/api/v1/snapshots/1/"


def test_work_that_was_given_up_says_what_to_do(lime, batch):
    SyncRecord.objects.filter(lime_id=1).update(
        status=Status.FAILED, failure_kind="exceeded", error_code="remote_unavailable", error_params={"system": "Lime", "detail": "503"}
    )
    result = task(lime, batch)["results"][0]
    assert "Lime" in result["message"]
    assert result["next_step"] != ""
    assert result["next_step"] != task(lime, batch)["results"][1]["next_step"]


def test_a_task_costs_a_constant_number_of_queries(lime, things, django_assert_num_queries):
    small = batches.start(UPSERT, CommandRequest((1,)), asker=batches.Asker("test"))
    large = batches.start(UPSERT, CommandRequest(tuple(range(10, 40))), asker=batches.Asker("test"))
    task(lime, small)
    for batch in (small, large):
        with django_assert_num_queries(3):
            task(lime, batch)


def test_a_task_of_other_creditors_does_not_exist(client_with, creditor, other_creditor):
    theirs = batches.start(UPSERT, CommandRequest((1,), {"creditor": "cred-2"}), asker=batches.Asker("test"))
    own = batches.start(UPSERT, CommandRequest((2,), {"creditor": "cred-1"}), asker=batches.Asker("test"))
    limited = client_with("commands", creditors=(creditor,))
    assert [limited.get(f"/api/v1/tasks/{batch.pk}/").status_code for batch in (theirs, own)] == [404, 200]
    assert act(limited, theirs, "cancel").status_code == 404


@pytest.mark.parametrize("task_id", ["4b3c1c7e-5f0d-4c58-9d3a-1f1f7e0c9a11", "1", "x"])
def test_an_unknown_task_is_not_found(lime, task_id):
    answer = lime.get(f"/api/v1/tasks/{task_id}/")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_acting_on_a_task_needs_the_scope(client_with, batch):
    assert act(client_with("read"), batch, "cancel").status_code == 403
    assert task(client_with("read"), batch)["status"] == "PENDING"
