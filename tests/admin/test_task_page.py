"""A task's page: how far it has come, the result of each object with its next step, and what can be done about them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from integration.models import Batch, SyncRecord
from integration.presentation import badges
from tests.admin.conftest import work

ATTEST = "attest-orders-in-billecta"


def task(*states: str) -> Batch:
    batch = Batch.objects.create(command=ATTEST, total=len(states), requested_by={"actor": "anna"})
    for state in states:
        work(state, batch=batch)
    return batch


def address(batch: Batch, rest: str = "change/") -> str:
    return f"/admin/integration/batch/{batch.pk}/{rest}"


def shown(client, batch: Batch, rest: str = "change/") -> str:
    return str(client.get(address(batch, rest)).content.decode())


def statuses(batch: Batch) -> list[str]:
    return sorted(SyncRecord.objects.filter(batch=batch).values_list("status", flat=True))


def test_each_object_has_its_result_code_cause_and_next_step(administrator, db):
    batch = task("succeeded", "failed")
    page = shown(administrator, batch)
    first, second = re.findall(r'<li data-lime-id="\d+">.*?</li>', page, re.DOTALL)
    assert "Billecta refused (400): Wrong due date" in first
    assert "remote_rejected" in first
    assert "Read what Billecta says, mend the data, then retry." in first
    assert str(batch.records.get(status="succeeded").billecta_id) in second
    assert "2 of 2 done: 1 succeeded, 1 failed, 0 skipped, 0 cancelled." in page
    assert re.search(r"Failed <strong>1</strong>", page)


def test_it_names_the_command_and_who_asked(administrator, db):
    page = shown(administrator, task("pending"))
    assert "Attest orders in Billecta" in page
    assert "anna" in page
    assert "anna" in administrator.get("/admin/integration/batch/").content.decode()


@pytest.mark.parametrize(
    ("states", "running"),
    [(("pending",), True), (("succeeded", "in_flight"), True), (("needs_decision",), True), (("succeeded", "failed"), False), ((), False)],
)
def test_it_is_fetched_again_only_while_it_runs(administrator, db, states, running):
    batch = task(*states)
    for rest in ("change/", "progress/"):
        assert (f'hx-get="{address(batch, "progress/")}"' in shown(administrator, batch, rest)) is running, rest


def test_the_panel_alone_is_seen_by_those_who_may_see_tasks(administrator, operator, accountant):
    batch = task("pending")
    assert "<html" not in shown(administrator, batch, "progress/")
    assert operator.get(address(batch, "progress/")).status_code == 200
    assert accountant.get(address(batch, "progress/")).status_code == 403


def test_it_costs_the_same_for_two_objects_and_for_twenty(administrator, db):
    def queries(batch: Batch) -> int:
        with CaptureQueriesContext(connection) as captured:
            administrator.get(address(batch, "progress/"))
        return len(captured)

    assert queries(task(*["failed"] * 20)) == queries(task("failed", "pending"))


def test_a_large_task_shows_a_hundred_and_says_how_many_more(administrator, db):
    batch = task(*["succeeded"] * 101, "failed")
    page = shown(administrator, batch, "progress/")
    assert page.count("<li data-lime-id") == 100
    assert "and 2 more" in page
    first = re.search(r"<li data-lime-id.*?</li>", page, re.DOTALL)
    assert first
    assert "remote_rejected" in first[0]


class TestFindingItsObjects:
    """A task by filter before its objects are found: the work that finds them stands for the task, and is counted nowhere."""

    def finding(self, state: str) -> Batch:
        batch = task()
        batch.total, batch.resolution = None, work(state, kind="resolve-selection", limetype="order", lime_id=None)
        batch.save()
        return batch

    @pytest.mark.parametrize(
        ("state", "status", "said", "operations"),
        [
            ("pending", "PENDING", "The objects are being found.", {"cancel"}),
            ("in_flight", "STARTED", "The objects are being found.", {"cancel"}),
            ("failed", "FAILURE", "The objects could not be found, so nothing was sent: Billecta refused (400)", {"retry-failed"}),
            ("cancelled", "FAILURE", "Cancelled before the objects were found: nothing was sent.", set()),
        ],
    )
    def test_it_shows_how_that_stands(self, administrator, db, state, status, said, operations):
        batch = self.finding(state)
        page = shown(administrator, batch)
        assert f'data-status="{status}"' in page
        assert said in page
        assert set(re.findall(r"/operate/([\w-]+)/", page)) == operations
        assert (f'hx-get="{address(batch, "progress/")}"' in page) is (status != "FAILURE")
        assert f"/admin/integration/syncrecord/{batch.resolution_id}/change/" in page
        assert "Show its pieces of work" not in page

    @pytest.mark.parametrize(("state", "said"), [("pending", "PENDING"), ("failed", "FAILURE"), ("cancelled", "FAILURE")])
    def test_the_list_says_the_same(self, administrator, db, state, said):
        self.finding(state)
        page = administrator.get("/admin/integration/batch/").content.decode()
        with translation.override("en"):
            assert badges.status_badge(Batch.Status, said) in page
        assert "0 / –" in page

    def test_it_is_found_again_and_cancelled(self, administrator, db):
        batch = self.finding("failed")
        administrator.post(address(batch, "operate/retry-failed/"))
        assert SyncRecord.objects.get(resolves=batch).status == "pending"
        assert "Retry what failed: done." in shown(administrator, batch)
        administrator.post(address(batch, "operate/cancel/"))
        assert SyncRecord.objects.get(resolves=batch).status == "cancelled"
        assert 'data-status="FAILURE"' in shown(administrator, batch)


class TestOperations:
    """Retrying what failed, and stopping what has not begun."""

    def operate(self, client, batch: Batch, name: str):
        return client.post(address(batch, f"operate/{name}/"))

    def test_what_failed_is_put_back_and_the_rest_left(self, administrator, db):
        batch = task("failed", "succeeded")
        assert self.operate(administrator, batch, "retry-failed")["Location"] == address(batch)
        assert statuses(batch) == ["pending", "succeeded"]
        assert "Retry what failed: done for 1 object." in shown(administrator, batch)

    def test_what_has_not_begun_is_cancelled(self, administrator, db):
        batch = task("pending", "succeeded")
        self.operate(administrator, batch, "cancel")
        assert statuses(batch) == ["cancelled", "succeeded"]

    def test_a_finished_task_cannot_be_cancelled_and_says_why(self, administrator, db):
        batch = task("succeeded")
        self.operate(administrator, batch, "cancel")
        assert "The task is finished: there is nothing left to cancel." in shown(administrator, batch)

    def test_only_what_can_be_done_is_offered(self, administrator, operator):
        def offered(client, *states: str) -> set[str]:
            return set(re.findall(r"/operate/([\w-]+)/", shown(client, task(*states))))

        assert offered(administrator, "pending", "failed") == {"retry-failed", "cancel"}
        assert offered(administrator, "failed") == {"retry-failed"}
        assert offered(administrator, "succeeded") == set()
        assert offered(operator, "pending", "failed") == set()

    @pytest.mark.parametrize("name", ["retry-failed", "cancel"])
    def test_who_only_looks_is_refused(self, operator, db, name):
        batch = task("failed", "pending")
        assert self.operate(operator, batch, name).status_code == 403
        assert statuses(batch) == ["failed", "pending"]

    def test_nothing_happens_by_following_a_link_or_by_another_name(self, administrator, db):
        batch = task("failed")
        assert administrator.get(address(batch, "operate/retry-failed/")).status_code == 405
        assert self.operate(administrator, batch, "destroy").status_code == 404
        assert statuses(batch) == ["failed"]
