"""A second person attests above an amount: whoever last sent an order may not, whichever door is used."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from rest_framework.test import APIClient

from integration.admin.groups import ADMINISTRATORS, ensure_groups
from integration.api.keys import make
from integration.ledger import submit
from integration.ledger.submit import Subject
from integration.models import Order, PortalConfiguration, SyncRecord
from integration.sync.in_step import KEPT
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
ANNA, BO = {"id": 7, "name": "Anna"}, {"id": "8", "name": "Bo"}
COMMANDS = "/api/v1/commands/"


@pytest.fixture
def lime(world, settle):
    """Lime asks for a command on the order, for one of its users or for none, and it is worked on; what came of it."""
    _row, key = make("Lime", ["commands"])
    client = APIClient(headers={"x-api-key": key})

    def lime(command: str, by: dict[str, Any] | None = None) -> SyncRecord:
        body = {"ids": [world.ids["order"]], **({"requested_by": by} if by is not None else {})}
        answer = client.post(f"{COMMANDS}{command}/", body, format="json")
        assert answer.status_code == 202, answer.content
        settle()
        return SyncRecord.objects.get(batch_id=answer.json()["task_id"])

    return lime


@pytest.fixture
def rule(world):
    """Above 8 000 kr a second person attests; the order is 8 625 kr."""
    PortalConfiguration.objects.update(second_attester_above_ore=8_000_00)


@pytest.fixture
def people(settings) -> dict[str, Client]:
    """Two administrators at the admin's door."""
    ensure_groups()
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    found = {}
    for name in ("carl", "dora"):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.set(Group.objects.filter(name=ADMINISTRATORS))
        found[name] = Client(headers={"accept-language": "en"})
        found[name].force_login(user)
    return found


def in_admin(client: Client, world: World, command: str, step: str = "start") -> str:
    """A person gives the command in the admin; the page that answers."""
    asked = {"step": step, "command": command, "ids": str(world.ids["order"])}
    return client.post("/admin/commands/order/", asked, follow=True).content.decode()


def attests(world: World) -> int:
    return len(world.effects("invoice.attested"))


def test_who_sent_it_is_refused_by_name_and_another_may(world, rule, lime):
    assert lime(UPSERT, ANNA).status == "succeeded"
    assert (Order.objects.get().maker, Order.objects.get().created_by) == ("lime:7", "Anna (Lime)")
    refused = lime(ATTEST, {"id": " 007", "name": "Someone else"})
    assert (refused.status, refused.error_code, attests(world)) == ("failed", "guard_refused", 0)
    reason = str(refused.error_params["reason"])
    assert all(words in reason for words in ("8625.00 SEK", "8000.00 SEK", "Anna (Lime)", "Someone else (Lime)"))
    assert lime(ATTEST, BO).status == "succeeded"
    assert attests(world) == 1


def test_what_was_changed_by_automatic_sync_is_sent_by_nobody_known(world, rule, lime, settle):
    """Who changed the order in Lime is not told, so neither the one who sent it nor another may attest until a person sends it."""
    assert lime(UPSERT, ANNA).status == "succeeded"
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row1']}", {"price": 90_000})
    PortalConfiguration.objects.update(sync_orders=True)
    submit(KEPT["order"].kind, Subject(f"order:{world.ids['order']}", "order", lime_id=world.ids["order"]))
    settle()
    assert world.invoices()[0]["InvoicedAmount"]["Value"] == 180_625_00
    assert [lime(ATTEST, who).error_code for who in (ANNA, BO)] == ["guard_refused"] * 2
    assert lime(UPSERT, BO).status == "succeeded"
    assert lime(ATTEST, BO).error_code == "guard_refused"
    assert lime(ATTEST, ANNA).status == "succeeded"


def test_a_namesake_is_another_person(world, rule, lime):
    lime(UPSERT, ANNA)
    assert lime(ATTEST, {"id": "70", "name": "Anna"}).status == "succeeded"


@pytest.mark.parametrize("limit", [None, 8_625_00])
def test_at_the_amount_or_with_the_rule_off_one_person_is_enough(world, lime, limit):
    PortalConfiguration.objects.update(second_attester_above_ore=limit)
    lime(UPSERT, ANNA)
    assert lime(ATTEST, ANNA).status == "succeeded"


@pytest.mark.parametrize("nobody", [None, {}, {"name": "Bo"}, {"id": " ", "name": "Bo"}, {"id": 0, "name": "Bo"}])
def test_a_key_alone_is_nobody(world, rule, lime, nobody):
    lime(UPSERT, ANNA)
    assert lime(ATTEST, nobody).error_code == "guard_refused"
    assert attests(world) == 0


def test_an_order_that_nobody_is_known_to_have_sent_waits_for_two_people(world, rule, lime):
    lime(UPSERT)
    assert Order.objects.get().maker == "key:Lime"
    assert lime(ATTEST, BO).error_code == "guard_refused"
    lime(UPSERT, BO)
    assert Order.objects.get().maker == "lime:8"
    assert lime(ATTEST, BO).error_code == "guard_refused"
    assert lime(ATTEST, ANNA).status == "succeeded"


def test_who_changes_the_draft_has_made_it(world, rule, lime):
    lime(UPSERT, ANNA)
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row2']}", {"quantity": 2})
    lime(UPSERT, BO)
    assert Order.objects.get().maker == "lime:8"
    assert lime(ATTEST, BO).error_code == "guard_refused"
    assert lime(ATTEST, ANNA).status == "succeeded"


def test_sending_for_nothing_makes_nobody_the_maker(world, rule, lime):
    lime(UPSERT, ANNA)
    lime(UPSERT, BO)
    assert Order.objects.get().maker == "lime:7"
    assert lime(ATTEST, ANNA).error_code == "guard_refused"


def test_what_a_second_person_asked_for_does_not_hold_for_a_draft_that_was_sent_later(world, rule, lime, settle):
    row = world.ids["order-row2"]
    lime(UPSERT, ANNA)
    world.lime.control("PUT", f"objects/orderrow/{row}", {"quantity": 2})
    failed = lime(ATTEST, BO)
    assert "sedan den skickades" in failed.message or "since it was sent" in failed.message
    lime(UPSERT, ANNA)
    _row, key = make("Lime again", ["commands"])
    answer = APIClient(headers={"x-api-key": key}).post(f"/api/v1/tasks/{failed.batch_id}/retry-failed/")
    assert answer.status_code == 202, answer.content
    settle()
    failed.refresh_from_db()
    assert (failed.status, failed.error_code, attests(world)) == ("failed", "guard_refused", 0)
    assert "Bo (Lime)" in failed.message
    assert lime(ATTEST, BO).status == "succeeded"


def test_orders_chosen_by_a_filter_are_attested_by_who_asked(world, rule, lime, settle):
    lime(UPSERT, ANNA)
    _row, key = make("Lime again", ["commands"])
    client = APIClient(headers={"x-api-key": key})
    everything = {"context": {"limetype": "order"}, "filter": None, "confirm_all": True}
    states = []
    for by in (None, ANNA, BO):
        asked = {**everything, **({"requested_by": by} if by else {})}
        answer = client.post(f"{COMMANDS}{ATTEST}/", asked, format="json")
        assert answer.status_code == 202, answer.content
        settle()
        states.append(SyncRecord.objects.get(kind=ATTEST, batch_id=answer.json()["task_id"]).status)
    assert (states, attests(world)) == (["failed", "failed", "succeeded"], 1)


def test_an_order_in_another_currency_counts_as_above(world, lime):
    PortalConfiguration.objects.update(second_attester_above_ore=1_000_000_00)
    world.lime.control("PUT", f"objects/order/{world.ids['order']}", {"currency": "eur"})
    lime(UPSERT, ANNA)
    assert lime(ATTEST, ANNA).error_code == "guard_refused"
    assert lime(ATTEST, BO).status == "succeeded"


def test_the_admin_is_held_to_it_too(world, rule, people, settle):
    in_admin(people["carl"], world, UPSERT)
    settle()
    assert Order.objects.get().maker == f"user:{User.objects.get(username='carl').pk}"
    in_admin(people["carl"], world, ATTEST)
    settle()
    assert attests(world) == 0
    assert "another person must attest" in in_admin(people["carl"], world, ATTEST, "dry-run")
    assert "another person must attest" not in in_admin(people["dora"], world, ATTEST, "dry-run")
    in_admin(people["dora"], world, ATTEST)
    settle()
    assert attests(world) == 1


def test_who_is_signed_in_is_believed_before_what_the_request_says(world, rule, people, settle):
    in_admin(people["carl"], world, UPSERT)
    settle()
    body = {"ids": [world.ids["order"]], "requested_by": BO}
    assert people["carl"].post(f"{COMMANDS}{ATTEST}/", body, content_type="application/json").status_code == 202
    settle()
    assert SyncRecord.objects.filter(kind=ATTEST).get().error_code == "guard_refused"


@pytest.mark.parametrize(("by", "codes"), [(ANNA, ["guard_refused"]), (BO, []), (None, ["guard_refused"])])
def test_a_dry_run_says_who_may_not(world, rule, lime, by, codes):
    lime(UPSERT, ANNA)
    _row, key = make("Lime again", ["commands"])
    body = {"ids": [world.ids["order"]], **({"requested_by": by} if by else {})}
    answer = APIClient(headers={"x-api-key": key}).post(f"{COMMANDS}{ATTEST}/?dry_run=1", body, format="json")
    [shown] = answer.json()["objects"]
    assert [problem["code"] for problem in shown["problems"]] == codes
    assert attests(world) == 0


def test_two_who_ask_at_once_are_two_tasks(world, rule, lime, settle):
    lime(UPSERT, ANNA)
    _row, key = make("Lime again", ["commands"])
    client = APIClient(headers={"x-api-key": key})
    PortalConfiguration.objects.update(sending_enabled=False)
    asked = [client.post(f"{COMMANDS}{ATTEST}/", {"ids": [world.ids["order"]], "requested_by": by}, format="json") for by in (ANNA, BO)]
    PortalConfiguration.objects.update(sending_enabled=True)
    settle()
    states = [SyncRecord.objects.get(batch_id=answer.json()["task_id"]).status for answer in asked]
    assert (states, attests(world)) == (["failed", "succeeded"], 1)
