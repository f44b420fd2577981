"""Commands: what Lime may ask, in which shapes, and that the same request is one task."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from integration.api.keys import forget_cached
from integration.commands import batches, dry_run
from integration.commands.selection import CommandRequest
from integration.commands.table import Preview, table
from integration.errors import Problem, RemoteUnavailable
from integration.ledger import drain
from integration.models import ApiKey, Batch, Order, PortalConfiguration, SyncRecord
from tests.api.conftest import IMPORT, UPSERT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("things")]
RUN = f"/api/v1/commands/{UPSERT}/"


def ask(client, body, path=RUN, **headers):
    return client.post(path, body, format="json", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_command_becomes_a_task_with_one_piece_of_work_for_each_object(lime):
    answer = ask(lime, {"ids": [1001, 1002], "options": {"send_date": "2026-03-31"}, "requested_by": {"id": 7, "name": "Anna"}})
    batch = Batch.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "task_id": str(batch.pk),
        "command": UPSERT,
        "status": "PENDING",
        "total": 2,
        "status_url": f"http://testserver/api/v1/tasks/{batch.pk}/",
    }
    records = SyncRecord.objects.order_by("lime_id")
    assert [(record.lime_id, record.options["send_date"], record.batch_id) for record in records] == [
        (1001, "2026-03-31", batch.pk),
        (1002, "2026-03-31", batch.pk),
    ]
    assert "Anna" in records[0].requested_by
    assert lime.get(answer.json()["status_url"]).json()["total"] == 2


def test_one_object_may_be_named_by_its_context(lime):
    assert ask(lime, {"context": {"limetype": "order", "id": 1001}}).json()["total"] == 1
    assert SyncRecord.objects.get().lime_id == 1001


def test_an_object_named_twice_is_one(lime):
    assert ask(lime, {"ids": [1001, 1001]}).json()["total"] == 1


def test_the_prefix_of_limes_own_package_is_accepted(lime):
    answer = ask(lime, {"ids": [1001]}, f"/api/v1/commands/limepkg_billecta_integration.{UPSERT}/")
    assert (answer.status_code, answer.json()["command"]) == (202, UPSERT)


@pytest.mark.parametrize("body", [{}, None])
def test_a_command_without_selection_needs_nothing_and_nothing_found_is_success(lime, body):
    answer = ask(lime, body, f"/api/v1/commands/{IMPORT}/")
    task = lime.get(answer.json()["status_url"]).json()
    assert (answer.status_code, task["status"], task["total"], task["results"]) == (202, "SUCCESS", 0, [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ([], "body"),
        ({"ids": []}, "ids"),
        ({"ids": None}, "ids"),
        ({"ids": "1001"}, "ids"),
        ({"ids": [True]}, "ids"),
        ({"ids": [0]}, "ids"),
        ({"ids": [1.5]}, "ids"),
        ({"ids": [2**63]}, "ids"),
        ({"ids": [1], "context": {"limetype": "order", "id": 1}}, "ids"),
        ({"ids": [1], "idz": [1]}, "idz"),
        ({"context": {"limetype": "debtor", "id": 1}}, "context.limetype"),
        ({"context": {"limetype": "order", "id": "x"}}, "context.id"),
        ({"context": {"limetype": "order"}, "filter": None}, "confirm_all"),
        ({"context": {"limetype": "order"}, "confirm_all": False}, "confirm_all"),
        ({"context": {"limetype": "order"}, "confirm_all": "yes"}, "confirm_all"),
        ({"context": {"limetype": "order"}, "filter": "all"}, "filter"),
        ({"context": {"limetype": "order", "id": 1}, "filter": {"key": "name", "op": "=", "exp": "A"}}, "filter"),
        ({"ids": [1], "filter": {"key": "name", "op": "=", "exp": "A"}}, "filter"),
        ({"context": {"limetype": "order", "parent": 7}, "confirm_all": True}, "context.parent"),
        ({"context": {"limetype": "order", "parent": {"limetype": "debtor"}}, "confirm_all": True}, "context.parent"),
        ({"ids": [1], "requested_by": "Anna"}, "requested_by"),
        ({"ids": [1], "options": []}, "options"),
        ({"ids": [1], "options": {"unknown": 1}}, "options.unknown"),
        ({"ids": [1], "options": {"send_date": "31/3"}}, "options.send_date"),
        ({"ids": [1], "options": {"level": "Eviction"}}, "options.level"),
        ({"ids": [1], "options": {"fee": -1}}, "options.fee"),
        ({"ids": [1], "options": {"fee": "free"}}, "options.fee"),
        ({"ids": [1], "options": {"comment": "too long"}}, "options.comment"),
        ({"ids": [1], "options": {"creditor": "cred-9"}}, "options.creditor"),
        ({"ids": [1], "options": {"creditor": "lime:x"}}, "options.creditor"),
    ],
)
def test_what_is_wrong_is_named(lime, body, field):
    answer = ask(lime, body)
    assert (answer.status_code, answer.json()["error"], list(answer.json()["fields"])) == (400, "invalid", [field])
    assert answer.json()["message"]
    assert not Batch.objects.exists()


def test_an_error_says_value_and_remedy(lime):
    [text] = ask(lime, {"ids": [1], "options": {"level": "Eviction"}}).json()["fields"]["options.level"]
    assert "Eviction" in text
    assert "Reminder, Collection" in text


def test_more_objects_than_the_cap_are_refused(lime):
    PortalConfiguration.objects.update(filter_cap=2)
    assert ask(lime, {"ids": [1, 2, 3]}).json()["fields"]["ids"]


@pytest.mark.parametrize("path", ["/api/v1/commands/no-such-command/", "/api/v1/commands/other.package/"])
def test_an_unknown_command_is_not_found(lime, path):
    assert (ask(lime, {"ids": [1]}, path).status_code, lime.get(path).status_code) == (404, 404)


def test_a_body_that_cannot_be_stored_or_read_is_refused(lime):
    for body in (
        b'{"ids": [1], "requested_by": {"name": "\\u0000"}}',
        b"not json",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"ids": [NaN]}',
    ):
        assert lime.post(RUN, body, content_type="application/json").status_code == 400
    answer = lime.post(RUN, b'{"ids": [' + b"1," * 600_000 + b"1]}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


# --- The same request is one task ------------------------------------------------------------------------------------


def test_an_identical_unfinished_command_is_joined_whoever_asks(lime):
    first = ask(lime, {"ids": [1, 2], "requested_by": {"id": 1, "name": "Anna"}}).json()
    second = ask(lime, {"ids": [2, 1], "requested_by": {"id": 2, "name": "Bo"}}).json()
    assert first["task_id"] == second["task_id"]
    assert ask(lime, {"ids": [1, 2], "options": {"fee": 1}}).json()["task_id"] != first["task_id"]
    drain(threads=0)
    assert ask(lime, {"ids": [1, 2]}).json()["task_id"] != first["task_id"]


def test_an_idempotency_key_gives_the_same_task_even_when_it_is_finished(lime):
    first = ask(lime, {"ids": [1]}, Idempotency_Key="k1").json()["task_id"]
    drain(threads=0)
    assert ask(lime, {"ids": [1]}, Idempotency_Key="k1").json()["task_id"] == first
    assert ask(lime, {"ids": [1]}, Idempotency_Key="k2").json()["task_id"] != first
    conflict = ask(lime, {"ids": [1], "options": {"fee": 1}}, Idempotency_Key="k1")
    assert (conflict.status_code, conflict.json()["error"]) == (409, "idempotency_conflict")


def test_an_idempotency_key_is_kept_for_seven_days_and_for_its_api_key(lime, client_with):
    first = ask(lime, {"ids": [1]}, Idempotency_Key="k1").json()["task_id"]
    drain(threads=0)
    assert ask(client_with("commands"), {"ids": [1]}, Idempotency_Key="k1").json()["task_id"] != first
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        assert ask(lime, {"ids": [1]}, Idempotency_Key="k1").json()["task_id"] == first
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        assert ask(lime, {"ids": [1]}, Idempotency_Key="k1").json()["task_id"] != first


def test_a_too_long_idempotency_key_is_refused(lime):
    assert "Idempotency-Key" in ask(lime, {"ids": [1]}, Idempotency_Key="k" * 201).json()["fields"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("idempotency_key", ["", "k1"])
def test_identical_requests_at_once_make_one_task(things, idempotency_key):
    barrier, made = threading.Barrier(4), []

    def ask_at_once() -> None:
        barrier.wait()
        made.append(batches.start(UPSERT, CommandRequest((1, 2, 3)), asker=batches.Asker("test"), idempotency_key=idempotency_key).pk)
        connections.close_all()

    threads = [threading.Thread(target=ask_at_once) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == Batch.objects.count() == 1
    assert SyncRecord.objects.count() == 3


# --- Dry run -----------------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_what_would_be_sent_and_changes_nothing(lime, things):
    things.fails = {1003}
    answer = ask(lime, {"ids": [1001, 1002, 1003]}, f"{RUN}?dry_run=true")
    good, bad, broken = answer.json()["objects"]
    assert answer.status_code == 200
    assert good == {
        "lime_id": 1001,
        "creditor": "cred-1",
        "method": "POST",
        "path": "/v1/invoice/action",
        "payload": {"Lime": 1001},
        "problems": [],
    }
    assert bad["problems"] == [{"field": "order.duedate", "code": "missing", "message": "The due date is missing."}]
    assert (broken["payload"], broken["problems"][0]["code"]) == (None, "guard_refused")
    assert not Batch.objects.exists()
    assert not SyncRecord.objects.exists()


def test_a_dry_run_takes_a_hundred_objects(lime):
    assert len(ask(lime, {"ids": list(range(1, 101))}, f"{RUN}?dry_run=true").json()["objects"]) == 100
    assert ask(lime, {"ids": list(range(1, 102))}, f"{RUN}?dry_run=true").json()["fields"]["ids"]


def test_a_dry_run_that_lime_cannot_answer_is_a_bad_gateway(lime, things):
    def fail(lime_id, options):
        raise RemoteUnavailable(system="Lime", detail="503")

    table[UPSERT] = _with_preview(table[UPSERT], fail)
    answer = ask(lime, {"ids": [1]}, f"{RUN}?dry_run=true")
    assert (answer.status_code, answer.json()["error"], "Retry-After" in answer) == (502, "remote_unavailable", True)


def test_a_dry_run_takes_fifteen_seconds_in_all(lime, things, monkeypatch):
    """Also when the last object took too long, and made a problem of the call that was cut short."""
    assert dry_run.SECONDS == 15
    monkeypatch.setattr(dry_run, "SECONDS", 0.05)

    def slow(lime_id, options):
        time.sleep(0.06)
        return [Preview(lime_id, "", "", "", None, [Problem(field="order", code="remote_timeout", message="")])]

    table[UPSERT] = _with_preview(table[UPSERT], slow)
    answer = ask(lime, {"ids": [1]}, f"{RUN}?dry_run=true")
    assert (answer.status_code, answer.json()["error"]) == (502, "remote_timeout")


def test_a_command_without_a_preview_has_no_dry_run(lime):
    answer = ask(lime, {}, f"/api/v1/commands/{IMPORT}/?dry_run=true")
    assert (answer.status_code, answer.json()["error"]) == (400, "dry_run_not_supported")


def _with_preview(command, preview):
    return replace(command, preview=preview)


# --- Who may ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_texts_in_both_languages_and_the_schema(lime):
    shown = {command["id"]: command for command in lime.get("/api/v1/commands/").json()}[UPSERT]
    assert shown["title"] == {"sv": "Send things", "en": "Send things"}
    assert set(shown["options"]["properties"]) == {"send_date", "level", "fee", "comment", "creditor"}
    assert (shown["limetype"], shown["destructive"]) == ("order", False)


def test_running_needs_the_scope_and_nothing_is_stored_without(client_with, client):
    assert ask(client_with("read"), {"ids": [1]}).status_code == 403
    answer = client.post(RUN, {"ids": [1]}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert not Batch.objects.exists()


def test_a_creditor_may_be_named_by_its_lime_id(lime, creditor):
    ask(lime, {"ids": [1], "options": {"creditor": "lime:1"}})
    assert SyncRecord.objects.get().creditor_id == "cred-1"


def test_a_limited_key_reaches_only_its_creditors(client_with, creditor, other_creditor):
    limited = client_with("commands", creditors=(creditor,))
    Order.objects.create(lime_id=1, creditor=creditor)
    Order.objects.create(lime_id=2, creditor=other_creditor)
    for body in ({"ids": [2]}, {"ids": [1, 2]}, {"ids": [3]}, {"ids": [2], "options": {"creditor": "cred-2"}}):
        assert ask(limited, body).status_code == 404, body
        assert ask(limited, body, f"{RUN}?dry_run=true").status_code == 404, body
    assert not Batch.objects.exists()
    assert ask(limited, {"ids": [1]}).status_code == 202


def test_a_limited_key_is_not_told_of_a_task_over_what_it_may_not_see(client_with, lime, creditor, other_creditor):
    Order.objects.create(lime_id=2, creditor=other_creditor)
    assert ask(lime, {"ids": [2]}).status_code == 202
    limited = client_with("commands", creditors=(creditor,))
    for headers in ({}, {"Idempotency-Key": "k"}):
        answer = ask(limited, {"ids": [2]}, **headers)
        assert (answer.status_code, "task_id" in answer.json()) == (404, False)


def test_a_key_that_was_limited_since_is_not_told_again_of_its_task(client_with, lime, creditor, other_creditor):
    Order.objects.create(lime_id=2, creditor=other_creditor)
    assert ask(lime, {"ids": [2]}, Idempotency_Key="k").status_code == 202
    ApiKey.objects.get().creditors.set([creditor])
    forget_cached()
    assert ask(lime, {"ids": [2]}, Idempotency_Key="k").status_code == 404


def test_a_task_over_fewer_creditors_is_not_the_same(client_with, lime, creditor, other_creditor, things):
    """An object has work for each of its creditors; a limited key starts only its own."""

    def for_each_creditor(lime_ids, options):
        return [replace(one, creditor_id=name) for name in ("cred-1", "cred-2") for one in things.subjects(lime_ids, options)]

    table[UPSERT] = replace(table[UPSERT], subjects=for_each_creditor)
    own = ask(client_with("commands", creditors=(creditor,)), {"ids": [1]}).json()
    all_of_it = ask(lime, {"ids": [1]}).json()
    assert (own["total"], all_of_it["total"]) == (1, 2)
    assert own["task_id"] != all_of_it["task_id"]


def test_staff_may_run_commands_with_djangos_permission(client, django_user_model):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("anna", password="x", is_staff=True)
    client.force_login(user)
    assert client.post(RUN, {"ids": [1]}, content_type="application/json").status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="add_batch"))
    answer = client.post(RUN, {"ids": [1]}, content_type="application/json")
    assert answer.status_code == 202
    assert Batch.objects.get().requested_by["actor"] == "anna"
