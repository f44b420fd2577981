"""What an operator does with work: each operation calls the ledger, says how it went, and is refused to those who may not."""

from __future__ import annotations

import pytest

from integration.admin.operations import OPERATIONS
from integration.models import EventLog, SyncRecord
from tests.admin.conftest import event, person, work

LIST = "/admin/integration/syncrecord/"


def operate(client, record: SyncRecord, name: str, **data):
    return client.post(f"{LIST}{record.pk}/operate/{name}/", data, follow=False)


def act(client, action: str, *records) -> str:
    data = {"action": action, "_selected_action": [record.pk for record in records]}
    return str(client.post(LIST, data, follow=True).content.decode())


def status(record: SyncRecord) -> str:
    return SyncRecord.objects.get(pk=record.pk).status


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("failed", "retry", "pending"),
        ("cancelled", "retry", "pending"),
        ("pending", "cancel", "cancelled"),
        ("needs_decision", "happened", "succeeded"),
        ("needs_decision", "not-happened", "pending"),
    ],
)
def test_each_operation_does_what_it_says_and_is_logged_with_who_did_it(administrator, before, name, after):
    record = work(before)
    assert operate(administrator, record, name).status_code == 302
    assert status(record) == after
    logged = EventLog.objects.filter(sync_record=record).latest("pk")
    assert (logged.actor, str(logged.user)) == ("anna", "anna")


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_nothing_happens_by_following_a_link(administrator, name):
    record = work("failed")
    assert administrator.get(f"{LIST}{record.pk}/operate/{name}/").status_code == 405
    assert status(record) == "failed"


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_who_only_looks_sees_no_button_and_is_refused_all_the_same(accountant, db, name):
    record = work(OPERATIONS[name].states[0])
    assert operate(accountant, record, name).status_code == 403
    assert status(record) == OPERATIONS[name].states[0]


def test_an_operator_retries_but_does_not_decide(operator, db):
    record = work("needs_decision")
    page = operator.get(f"{LIST}{record.pk}/change/").content.decode()
    assert "It happened" not in page
    assert operate(operator, record, "happened").status_code == 403
    assert status(record) == "needs_decision"
    failed = work("failed")
    assert "Retry now" in operator.get(f"{LIST}{failed.pk}/change/").content.decode()


def test_a_page_offers_only_what_the_state_allows(administrator, db):
    def offered(state: str) -> set[str]:
        page = administrator.get(f"{LIST}{work(state).pk}/change/").content.decode()
        return {name for name in OPERATIONS if f"/operate/{name}/" in page}

    assert offered("failed") == {"retry"}
    assert offered("pending") == {"cancel"}
    assert offered("needs_decision") == {"happened", "not-happened"}
    assert offered("succeeded") == offered("in_flight") == set()


def test_many_at_once_tell_what_was_done_and_why_the_rest_was_not(administrator, db):
    failed, also, done = work("failed"), work("failed"), work("succeeded")
    page = act(administrator, "retry_selected", failed, also, done)
    assert [status(record) for record in (failed, also, done)] == ["pending", "pending", "succeeded"]
    assert "Retry now: done for 2 pieces of work." in page
    assert f"#{done.pk}: Work that is succeeded cannot be retried." in page


def test_work_that_was_sent_is_not_cancelled(administrator, db):
    record = work("waiting_retry", open_writes={"create_invoice": {"sent_at": "2026-01-01T00:00:00+00:00", "empty_looks": 0}})
    page = act(administrator, "cancel_selected", record)
    assert status(record) == "waiting_retry"
    assert "its outcome is not known yet" in page


def test_list_actions_are_not_offered_without_the_permission(db):
    from django.contrib.auth.models import Permission, User

    client = person("vera")
    User.objects.get(username="vera").user_permissions.add(Permission.objects.get(codename="view_syncrecord"))
    record = work("failed")
    assert "retry_selected" not in client.get(LIST).content.decode()
    act(client, "retry_selected", record)
    assert status(record) == "failed"


def test_the_way_back_stays_on_this_site(administrator, db):
    answer = operate(administrator, work("failed"), "retry", next="https://evil.example/")
    assert answer["Location"].startswith(LIST)
    assert operate(administrator, work("failed"), "retry", next="/admin/")["Location"] == "/admin/"


def test_an_unknown_operation_is_not_found(administrator, db):
    assert operate(administrator, work("failed"), "destroy").status_code == 404


class TestReplay:
    """Events are put back from their list."""

    ADDRESS = "/admin/integration/webhookevent/"

    def replay(self, client, *events) -> str:
        data = {"action": "replay_selected", "_selected_action": [one.pk for one in events]}
        return str(client.post(self.ADDRESS, data, follow=True).content.decode())

    def test_finished_events_are_received_once_more(self, operator, db):
        one, two, busy = event("processed"), event("failed"), event("processing")
        page = self.replay(operator, one, two, busy)
        for row in (one, two, busy):
            row.refresh_from_db()
        assert [row.status for row in (one, two, busy)] == ["received", "received", "processing"]
        assert "2 events are worked on once more." in page
        assert "left alone" in page

    def test_the_button_on_the_page_does_it_too(self, operator, db):
        one, busy = event("failed"), event("processing")
        page = operator.get(f"{self.ADDRESS}{one.pk}/change/").content.decode()
        assert 'value="replay_selected"' in page
        assert f'name="_selected_action" value="{one.pk}"' in page
        assert 'value="replay_selected"' not in operator.get(f"{self.ADDRESS}{busy.pk}/change/").content.decode()

    def test_it_takes_the_permission(self, db):
        from django.contrib.auth.models import Permission, User

        client = person("vera")
        User.objects.get(username="vera").user_permissions.add(Permission.objects.get(codename="view_webhookevent"))
        one = event("failed")
        self.replay(client, one)
        one.refresh_from_db()
        assert one.status == "failed"
