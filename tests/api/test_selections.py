"""Commands by filter and for everything: the shapes, and what a task shows before its objects are found."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from integration.commands.table import table
from integration.ledger import claim
from integration.ledger.run import run
from integration.lime.query import COMPARISONS, IN, Query
from integration.models import Batch, SyncRecord
from integration.models.ledger import Queue
from integration.sync import versions
from integration.sync.versions import forget, publish, published
from tests.api.conftest import IMPORT, UPSERT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("things")]
RUN = f"/api/v1/commands/{UPSERT}/"
NAMED = {"key": "name", "op": "=", "exp": "A"}
EVERYTHING = {"context": {"limetype": "order"}, "filter": None, "confirm_all": True}


def ask(client, body, path=RUN, **headers):
    return client.post(path, body, format="json", headers={name.replace("_", "-"): value for name, value in headers.items()})


def by(expression: Any) -> dict[str, Any]:
    return {"context": {"limetype": "order"}, "filter": expression}


def nested(depth: int) -> dict[str, Any]:
    """A filter of so many objects inside each other."""
    expression: dict[str, Any] = NAMED
    for _level in range(depth - 1):
        expression = {"op": "!", "exp": expression}
    return expression


@pytest.mark.parametrize(
    "body",
    [
        EVERYTHING,
        {"context": {"limetype": "order"}, "confirm_all": True},
        {"context": {"limetype": "order", "parent": {"limetype": "debtor", "id": 3}}, "filter": NAMED},
        {"context": {"limetype": "order", "parent": None}, "filter": NAMED, "confirm_all": False, "options": {"fee": 1}},
    ],
)
def test_it_is_taken_on_at_once_without_a_total(lime, body):
    answer = ask(lime, body)
    batch = Batch.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "task_id": str(batch.pk),
        "command": UPSERT,
        "status": "PENDING",
        "total": None,
        "status_url": f"http://testserver/api/v1/tasks/{batch.pk}/",
    }
    [record] = SyncRecord.objects.all()
    assert (record.kind, record.queue, record.batch_id, batch.resolution_id) == ("resolve-selection", "outbound", None, record.pk)


@pytest.mark.parametrize(("language", "summary"), [("sv", "Objekten söks fram."), ("en", "The objects are being found.")])
def test_its_task_says_that_the_objects_are_being_found(lime, language, summary):
    task = lime.get(ask(lime, EVERYTHING).json()["status_url"], headers={"Accept-Language": language}).json()
    assert (task["status"], task["total"], task["done"], task["results"], task["next"]) == ("PENDING", None, 0, [], None)
    assert (task["started_at"], task["finished_at"], task["summary"]) == (None, None, summary)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_its_task_says_why_they_are_not_found(lime, settings, language):
    """The failure is a result of its own without an object, and counts as none."""
    settings.LIME_BASE_URL = "not an address"
    status_url = ask(lime, EVERYTHING).json()["status_url"]
    _forget_systems()
    [record] = claim([Queue.OUTBOUND], 1)
    run(record)
    task = lime.get(status_url, headers={"Accept-Language": language}).json()
    [result] = task["results"]
    assert (task["status"], task["total"], task["failed"], task["done"]) == ("FAILURE", None, 0, 0)
    assert (result["lime_id"], result["status"], result["code"]) == (None, "failed", "invalid_lime_api_config")
    assert result["message"] in task["summary"]
    assert result["next_step"] in task["summary"]
    assert task["finished_at"] is not None
    assert task["summary"].startswith({"sv": "Objekten kunde inte sökas fram", "en": "The objects could not be found"}[language])
    _forget_systems()


def test_what_failed_is_found_again_and_a_waiting_one_cancelled(lime, settings):
    settings.LIME_BASE_URL = "not an address"
    status_url = ask(lime, EVERYTHING).json()["status_url"]
    _forget_systems()
    [record] = claim([Queue.OUTBOUND], 1)
    run(record)
    assert lime.post(f"{status_url}retry-failed/").json()["status"] in {"PENDING", "STARTED"}
    assert SyncRecord.objects.get().status == "pending"
    assert lime.post(f"{status_url}cancel/").json()["status"] == "FAILURE"
    assert SyncRecord.objects.get().status == "cancelled"
    assert lime.post(f"{status_url}cancel/").status_code == 409
    _forget_systems()


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ([], "filter"),
        ("all", "filter"),
        (7, "filter"),
        ({}, "filter.op"),
        ({"key": "name", "exp": "A"}, "filter.op"),
        ({"key": "name", "op": "LIKE", "exp": "A"}, "filter.op"),
        ({"key": "name", "op": ["="], "exp": "A"}, "filter.op"),
        ({"op": "=", "exp": "A"}, "filter.key"),
        ({"key": " ", "op": "=", "exp": "A"}, "filter.key"),
        ({"key": 1, "op": "=", "exp": "A"}, "filter.key"),
        ({"key": "name", "op": "="}, "filter.exp"),
        ({"key": "name", "op": "=", "exp": ["A"]}, "filter.exp"),
        ({"key": "name", "op": "=", "exp": {"a": 1}}, "filter.exp"),
        ({"key": "name", "op": "IN", "exp": []}, "filter.exp"),
        ({"key": "name", "op": "IN", "exp": "A"}, "filter.exp"),
        ({"key": "name", "op": "IN", "exp": [["A"]]}, "filter.exp"),
        ({"op": "AND", "exp": []}, "filter.exp"),
        ({"op": "OR", "exp": NAMED}, "filter.exp"),
        ({"op": "AND", "exp": [NAMED, {}]}, "filter.exp[1].op"),
        ({"op": "!", "exp": [NAMED]}, "filter.exp"),
        ({"op": "OR", "exp": [{"op": "!", "exp": {"key": "name", "op": "==", "exp": 1}}]}, "filter.exp[0].exp.op"),
        ({"key": "name", "op": "=", "exp": "A" * 8_000}, "filter"),
        ({"key": "id", "op": "IN", "exp": list(range(1, 60_000))}, "filter"),
        ({"op": "OR", "exp": [{"key": "id", "op": "IN", "exp": list(range(1, 3_000))}, NAMED]}, "filter"),
    ],
)
def test_what_is_wrong_with_a_filter_is_named(lime, expression, field):
    answer = ask(lime, by(expression))
    assert (answer.status_code, answer.json()["error"], list(answer.json()["fields"])) == (400, "invalid", [field])
    assert not Batch.objects.exists()
    assert not SyncRecord.objects.exists()


@pytest.mark.parametrize(
    "expression",
    [
        *({"key": "name", "op": operator, "exp": ["A"] if operator == IN else "A"} for operator in sorted(COMPARISONS)),
        {"key": "active", "op": "=", "exp": None},
        {"key": "price", "op": ">", "exp": 1.5},
        {"key": "debtor.city", "op": "!=", "exp": ""},
        {"op": "!", "exp": {"op": "OR", "exp": [NAMED, {"op": "AND", "exp": [NAMED]}]}},
        {"key": "id", "op": "IN", "exp": list(range(1, 10_001))},
        {**NAMED, "label": "kept for Lime"},
        nested(48),
    ],
)
def test_limes_own_filters_are_passed_on_as_they_are(lime, expression):
    assert ask(lime, by(copy.deepcopy(expression))).status_code == 202
    assert Batch.objects.get().body["filter"] == expression


def test_a_filter_nested_deeper_is_refused(lime):
    assert ask(lime, by(nested(51))).status_code == 400
    assert not Batch.objects.exists()


def test_each_of_the_questions_fits_a_url():
    parts = Query("order", ["_id"], {"key": "id", "op": "IN", "exp": list(range(1, 10_001))}).parts()
    assert (len(parts), max(len(part.text) for part in parts) < 6_000) == (100, True)


def test_the_limetype_may_be_named_as_in_this_lime(lime, monkeypatch):
    monkeypatch.setattr(versions, "_published", {})
    spec = published()[1]
    publish(replace(spec, limetypes={**spec.limetypes, "order": "avtal"}), note="renamed")
    batches = set()
    for name in ("order", "avtal"):
        batches.add(ask(lime, {**EVERYTHING, "context": {"limetype": name}}).json()["task_id"])
    assert len(batches) == 1
    assert ask(lime, {**EVERYTHING, "context": {"limetype": "debtor"}}).json()["fields"].keys() == {"context.limetype"}
    forget()


def test_a_command_without_selection_takes_any_of_it_as_nothing(lime):
    assert ask(lime, {}, f"/api/v1/commands/{IMPORT}/").json()["total"] == 0
    assert ask(lime, {"context": {"limetype": "creditor"}, "confirm_all": True}, f"/api/v1/commands/{IMPORT}/").json()["total"] == 0


def test_only_the_key_that_asked_and_those_without_limit_see_the_task(client_with, lime, creditor, other_creditor):
    own, other = client_with("commands", creditors=(creditor,)), client_with("commands", creditors=(other_creditor,))
    status_url = ask(own, EVERYTHING).json()["status_url"]
    assert [client.get(status_url).status_code for client in (own, lime, other)] == [200, 200, 404]
    assert SyncRecord.objects.get().options["creditors"] == ["cred-1"]


def test_the_schema_shows_each_shape(lime):
    schema = lime.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    request = schema["components"]["schemas"]["CommandRequest"]["properties"]
    context = schema["components"]["schemas"]["Context"]
    assert {"ids", "context", "filter", "confirm_all", "options", "requested_by"} == set(request)
    assert (set(context["properties"]), context["required"]) == ({"limetype", "id", "parent"}, ["limetype"])
    assert request["filter"]["type"] in ("object", ["object", "null"])
    examples = schema["paths"]["/api/v1/commands/{command_id}/"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    bodies = [example["value"] for example in examples.values()]
    assert len(bodies) == 5
    assert '"confirm_all": true' in json.dumps(bodies)


def test_every_command_with_a_selection_takes_it(lime):
    for command in [one for one in table.values() if one.needs_selection]:
        answer = ask(lime, {**EVERYTHING, "context": {"limetype": command.limetype}}, f"/api/v1/commands/{command.id}/")
        assert answer.status_code in {202, 400}, command.id
        if answer.status_code == 400:
            assert all(name.startswith("options.") for name in answer.json()["fields"]), command.id


def _forget_systems() -> None:
    from integration.sync import systems

    systems.forget()
