"""Creditors, debtors and articles are sent once, whatever happens to the answer; what is wrong is named and nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from integration.commands.batches import Asker
from integration.commands.dry_run import dry_run
from integration.commands.selection import CommandRequest
from integration.models import SyncRecord
from integration.sync.invoices import known_creditor
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)

WRONG_NUMBER = {"ssnregno": "556016-0681"}
CASES: dict[str, dict[str, Any]] = {
    "upsert-creditors-in-billecta": {
        "effect": "creditor.created",
        "create": "create_creditor",
        "object": {"limetype": "creditor", "values": {"name": "Nya Bolaget AB", "ssnregno": "556036-0793"}},
        "wrong": WRONG_NUMBER,
        "named": "ssnregno",
    },
    "upsert-debtors-in-billecta": {
        "effect": "debtor.created",
        "create": "create_debtor",
        "object": {"limetype": "debtor", "values": {"name": "Bo Berg", "email": "bo@example.se"}},
        "wrong": WRONG_NUMBER,
        "named": "ssnregno",
    },
    "upsert-articles-in-billecta": {
        "effect": "product.created",
        "create": "create_product",
        "object": {"limetype": "article", "values": {"articlenumber": "GARAGE", "description": "Garage", "price": 800, "vat": 25}},
        "wrong": {"vat": 17},
        "named": "vat",
    },
}
EACH = pytest.mark.parametrize("command", CASES)


@pytest.fixture
def lime_id(world: World, command: str) -> int:
    """An object that is new to Billecta."""
    known_creditor(CREDITOR)
    seeded = {"ref": "new", **CASES[command]["object"]}
    made: int = world.lime.control("POST", "seed", {"objects": [seeded]})["ids"]["new"]
    return made


def made(world: World, command: str) -> int:
    """How many of them Billecta made, by its own journal."""
    return len(world.effects(CASES[command]["effect"]))


def last(command: str) -> SyncRecord:
    return SyncRecord.objects.filter(kind=command).latest("pk")


@EACH
def test_a_new_one_is_made_and_sent_again_changes_nothing(world, ask, settle, command, lime_id):
    ask(command, lime_id)
    settle()
    assert (last(command).status, made(world, command)) == ("succeeded", 1)
    world.billecta.control("DELETE", "journal")
    ask(command, lime_id)
    settle()
    assert last(command).status == "succeeded"
    assert [call["operation"] for call in world.billecta.journal("call") if call["method"] != "GET"] == []


@EACH
def test_what_is_wrong_is_named_and_nothing_is_sent(world, ask, settle, command, lime_id):
    limetype = CASES[command]["object"]["limetype"]
    world.lime.control("PUT", f"objects/{limetype}/{lime_id}", CASES[command]["wrong"])
    ask(command, lime_id)
    settle()
    record = last(command)
    assert (record.status, record.error_code, made(world, command)) == ("failed", "validation_failed", 0)
    assert [problem["field"] for problem in record.error_params["problems"]] == [f"{limetype}[{lime_id}].{CASES[command]['named']}"]


@EACH
def test_a_dry_run_shows_it_and_sends_nothing(world, command, lime_id):
    [shown] = dry_run(command, CommandRequest(ids=(lime_id,)), asker=Asker(actor="test"))
    assert (shown["method"], shown["problems"], made(world, command)) == ("POST", [], 0)
    assert shown["payload"]
    assert [call["method"] for call in world.billecta.journal("call") if call["method"] != "GET"] == []


@EACH
@pytest.mark.parametrize("kind", ["timeout_after_write", "timeout_before_write", "reset_after_write"])
def test_a_lost_answer_makes_one(world, ask, settle, impatient, command, lime_id, kind):
    world.billecta.control("POST", "faults", {"kind": kind, "operation": CASES[command]["create"], "times": 1, "seconds": 30})
    ask(command, lime_id)
    settle(until=lambda: last(command).is_finished)
    assert (last(command).status, made(world, command)) == ("succeeded", 1)


def test_a_dry_run_of_an_attest_shows_the_call_and_attests_nothing(world, ask, settle):
    ask("upsert-orders-in-billecta", world.ids["order"])
    settle()
    [shown] = dry_run("attest-orders-in-billecta", CommandRequest(ids=(world.ids["order"],)), asker=Asker(actor="test"))
    [invoice] = world.invoices()
    assert (shown["method"], shown["path"]) == ("PUT", f"/v1/invoice/attest/{invoice['ActionPublicId']}")
    assert (shown["problems"], world.effects("invoice.attested")) == ([], [])


def test_an_order_that_was_never_sent_is_not_attested(world, ask, settle):
    ask("attest-orders-in-billecta", world.ids["order"])
    settle()
    assert (last("attest-orders-in-billecta").error_code, world.effects("invoice.attested")) == ("guard_refused", [])
