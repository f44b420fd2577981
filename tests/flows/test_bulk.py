"""Commands over many objects: killed in the middle, one wrong among many, and what they cost in calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.portal import Portal
from tests.flows.world import World

UPSERT = "upsert-debtors-in-billecta"
WRONG, RIGHT = "anna.example.se", "anna@example.se"
KILLED, WITH_ONE_WRONG = 60, 120
"""`make bench` does the same with ten thousand and with a thousand."""


def seed(world: World, count: int, **changed: dict[str, Any]) -> list[int]:
    """So many debtors in Lime; `changed` are values of single ones, by `d` and number."""
    objects = []
    for number in range(count):
        values = {"name": f"Hyresgäst {number}", "email": f"h{number}@example.se", "zipcode": "111 22", "city": "Stockholm"}
        objects.append({"limetype": "debtor", "ref": f"d{number}", "values": {**values, **changed.get(f"d{number}", {})}})
    ids = world.lime.control("POST", "seed", {"objects": objects})["ids"]
    return [int(ids[f"d{number}"]) for number in range(count)]


def sent_names(world: World) -> Counter[str]:
    """How often each debtor was created in Billecta, by its external id."""
    calls = [call for call in world.billecta.journal("call") if call["operation"] == "create_debtor" and call["status"] == 200]
    return Counter(call["body"]["DebtorExternalId"] for call in calls)


def rows_in_lime(world: World) -> Counter[int]:
    """How often each debtor got a row of the link table in Lime, by the debtor's Lime id."""
    made = [call for call in world.lime.journal("call") if call["operation"] == "create_object" and call["status"] == 201]
    return Counter(int(call["body"]["debtor"]) for call in made if call["path"].rstrip("/").endswith("creditordebtor"))


# --- With everything as processes of its own ------------------------------------------------------------------------


@pytest.fixture
def portal(sandboxes: World, tmp_path) -> Iterator[Portal]:
    sandboxes.reset()
    with Portal(sandboxes, tmp_path) as portal:
        assert portal.wait_for(portal.ask("upsert-creditors-in-billecta", sandboxes.ids["creditor"]))["status"] == "SUCCESS"
        yield portal


@pytest.mark.flow
def test_workers_killed_in_the_middle_of_many_debtors_double_none(portal):
    world, debtors = portal.world, seed(portal.world, KILLED)
    for sandbox in (world.billecta, world.lime):
        sandbox.control("POST", "faults", {"kind": "latency", "seconds": 0.05})
    task = portal.ask(UPSERT, *debtors)
    portal.until(lambda: len(world.effects("debtor.created")) >= KILLED // 4)
    portal.kill_workers()
    done = portal.session.get(task, timeout=10).json()["done"]
    assert done < KILLED, "the workers were killed too late to show anything"
    portal.manage(
        "shell",
        "-v0",
        "-c",
        "from integration.models import *; SyncRecord.objects.filter(status='in_flight').update(lease_until='2020-01-01T00:00Z')",
    )
    portal.start_workers()
    ended = portal.wait_for(task, 120)
    assert (ended["status"], ended["succeeded"]) == ("SUCCESS", KILLED)
    portal.until(lambda: len(rows_in_lime(world)) == KILLED)
    assert set(sent_names(world).values()) == {1}
    assert len(world.effects("debtor.created")) == KILLED
    assert rows_in_lime(world) == dict.fromkeys(debtors, 1)


@pytest.mark.flow
def test_one_wrong_among_many_says_what_is_wrong_and_is_mended_alone(portal):
    world = portal.world
    debtors = seed(world, WITH_ONE_WRONG, d7={"email": WRONG})
    ended = portal.wait_for(portal.ask(UPSERT, *debtors), 120)
    assert (ended["status"], ended["succeeded"], ended["failed"]) == ("FAILURE", WITH_ONE_WRONG - 1, 1)
    [wrong] = [result for result in ended["results"] if result["status"] == "failed"]
    assert (wrong["lime_id"], wrong["code"]) == (debtors[7], "validation_failed")
    assert f"debtor[{debtors[7]}].email" in wrong["message"]
    assert WRONG in wrong["message"]
    assert "Lime" in wrong["next_step"]

    world.lime.control("PUT", f"objects/debtor/{debtors[7]}", {"email": RIGHT})
    address = f"{portal.url}/api/v1/tasks/{ended['task_id']}/"
    before = len(world.billecta.journal("call"))
    assert portal.session.post(f"{address}retry-failed/", timeout=20).status_code in {200, 202}
    mended = portal.wait_for(address)
    assert (mended["status"], mended["succeeded"], mended["failed"]) == ("SUCCESS", WITH_ONE_WRONG, 0)
    calls = world.billecta.journal("call")[before:]
    assert [call["body"]["Email"] for call in calls if call["operation"] == "create_debtor"] == [RIGHT]
    assert [call["operation"] for call in calls] == ["debtor_by_external_id", "create_debtor", "get_debtor"]
    assert set(sent_names(world).values()) == {1}


# --- In this process ------------------------------------------------------------------------------------------------


@pytest.fixture
def linked(world: World, ask, settle) -> World:
    """A portal that knows the creditor, with journals that begin now."""
    ask("upsert-creditors-in-billecta", world.ids["creditor"])
    settle()
    for sandbox in (world.billecta, world.lime):
        sandbox.control("DELETE", "journal")
    return world


@pytest.mark.django_db(transaction=True)
def test_many_new_debtors_are_looked_up_in_lime_together(linked, ask, settle):
    debtors = seed(linked, 16)
    ask(UPSERT, *debtors)
    settle()
    in_lime = Counter(call["operation"] for call in linked.lime.journal("call"))
    in_billecta = Counter(call["operation"] for call in linked.billecta.journal("call"))
    assert in_billecta == {"debtor_by_external_id": 16, "create_debtor": 16, "get_debtor": 16}
    assert in_lime["create_object"] == 16
    assert in_lime["get_object"] == 0
    assert in_lime["query"] <= 16, "three for each four debtors, which are claimed together, and a few for what is left over"
    assert rows_in_lime(linked) == dict.fromkeys(debtors, 1)


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_of_many_is_what_lime_holds_of_each(linked, ask, settle):
    ask(UPSERT, *seed(linked, 5))
    settle()
    sent = [call["body"] for call in linked.billecta.journal("call") if call["operation"] == "create_debtor"]
    assert {(body["Name"], body["Email"]) for body in sent} == {(f"Hyresgäst {number}", f"h{number}@example.se") for number in range(5)}


@pytest.mark.django_db(transaction=True)
def test_a_debtor_that_is_gone_fails_alone(linked, ask, settle):
    from integration.models import SyncRecord

    debtors = seed(linked, 4)
    linked.lime.control("DELETE", f"objects/debtor/{debtors[2]}")
    ask(UPSERT, *debtors)
    settle()
    ended = {record.lime_id: (record.status, record.error_code) for record in SyncRecord.objects.filter(kind=UPSERT)}
    assert ended.pop(debtors[2]) == ("failed", "remote_not_found")
    assert {status for status, _code in ended.values()} == {"succeeded"}


@pytest.mark.django_db(transaction=True)
def test_lime_that_does_not_answer_a_common_look_is_asked_for_each(linked, ask, settle):
    debtors = seed(linked, 4)
    linked.lime.control("POST", "faults", {"kind": "status", "status": 400, "operation": "query", "times": 1})
    ask(UPSERT, *debtors)
    settle()
    assert len(linked.effects("debtor.created")) == 4
    assert rows_in_lime(linked) == dict.fromkeys(debtors, 1)
