"""Articles deleted in Billecta: never under a draft, once is enough, and nothing is deleted in Lime."""

from __future__ import annotations

from typing import Any

import pytest

from integration.commands.batches import Asker
from integration.commands.dry_run import dry_run
from integration.commands.selection import CommandRequest
from integration.models import Article, RecordLink, SyncRecord
from integration.sync.invoices import known_creditor
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)
UPSERT_ARTICLES, DELETE = "upsert-articles-in-billecta", "delete-articles-in-billecta"


@pytest.fixture
def product(world: World, ask, settle) -> str:
    """The rent is a product in Billecta and linked; its public id."""
    known_creditor(CREDITOR)
    ask(UPSERT_ARTICLES, world.ids["rent"])
    settle()
    world.billecta.control("DELETE", "journal")
    return RecordLink.objects.get(limetype="article").billecta_id


def deleted(world: World, ask, settle) -> SyncRecord:
    ask(DELETE, world.ids["rent"])
    settle()
    return SyncRecord.objects.filter(kind=DELETE).latest("pk")


def products(world: World) -> list[str]:
    return [one["ProductPublicId"] for one in world._billecta("GET", f"/v1/products/products/{CREDITOR}")]


def tried(world: World) -> dict[str, Any]:
    [shown] = dry_run(DELETE, CommandRequest(ids=(world.ids["rent"],)), asker=Asker(actor="test"))
    return shown


def assert_gone(world: World, product: str) -> None:
    assert products(world) == []
    assert not RecordLink.objects.filter(limetype="article").exists()
    assert [(row["billectaid"], row["article"]) for row in world.lime_objects("creditorarticle")] == [("", world.ids["rent"])]
    mirrored = Article.objects.get(billecta_id=product)
    assert (mirrored.is_active, mirrored.deleted_at is not None) == (False, True)
    assert world.lime_object("article", world.ids["rent"])["articlenumber"] == "HYRA"


def test_the_product_is_deleted_and_its_id_is_forgotten(world, product, ask, settle):
    done = deleted(world, ask, settle)
    assert (done.status, done.billecta_id) == ("succeeded", product)
    assert_gone(world, product)


def test_the_second_time_there_is_nothing_to_do(world, product, ask, settle):
    deleted(world, ask, settle)
    again = deleted(world, ask, settle)
    assert (again.status, again.result["nothing_to_do"], again.result["note"]) == ("succeeded", True, "article_not_in_billecta")
    assert len(world.effects("product.deleted")) == 1


def test_one_that_a_person_deleted_in_billecta_is_as_wanted(world, product, ask, settle):
    world._call("DELETE", f"/v1/products/product/{product}")
    assert deleted(world, ask, settle).result["nothing_to_do"] is True
    assert_gone(world, product)


def test_sent_again_it_is_made_anew(world, product, ask, settle):
    deleted(world, ask, settle)
    ask(UPSERT_ARTICLES, world.ids["rent"])
    settle()
    [new] = products(world)
    assert new != product
    assert [row["billectaid"] for row in world.lime_objects("creditorarticle")] == [new]


def test_one_that_a_draft_uses_is_kept_and_the_order_is_named(world, ask, settle):
    ask(UPSERT, world.ids["order"])
    settle()
    refused = deleted(world, ask, settle)
    assert (refused.status, refused.error_code) == ("failed", "guard_refused")
    assert str(world.ids["order"]) in refused.message
    assert refused.error_params["remedy"]
    assert [problem["code"] for problem in tried(world)["problems"]] == ["guard_refused"]
    assert len(products(world)) == 2
    assert not world.effects("product.deleted")


def test_one_that_an_invoice_uses_stays_because_billecta_refuses(webhooks, ask, settle):
    ask(UPSERT, webhooks.ids["order"])
    ask(ATTEST, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "sent")
    refused = deleted(webhooks, ask, settle)
    assert (refused.status, refused.error_code) == ("failed", "guard_refused")
    assert "used on an invoice" in refused.message
    assert RecordLink.objects.filter(limetype="article").count() == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset_after_write"},
        {"kind": "timeout_after_write", "seconds": 30},
        {"kind": "timeout_before_write", "seconds": 30},
        {"kind": "status", "status": 500},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_delete_whose_answer_is_lost_ends_as_if_it_had_come(world, product, ask, settle, settings, fault):
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()
    world.billecta.control("POST", "faults", {**fault, "operation": "delete_product", "times": 1})
    assert deleted(world, ask, settle).status == "succeeded"
    assert any(rule["hits"] for rule in world.billecta.control("GET", "faults"))
    assert_gone(world, product)
    assert len(world.effects("product.deleted")) == 1


def test_limes_row_is_cleared_later_when_lime_was_down(world, product, ask, settle):
    world.lime.control("POST", "faults", {"kind": "status", "status": 503, "operation": "update_object", "times": 3})
    assert deleted(world, ask, settle).status == "succeeded"
    assert_gone(world, product)


def test_a_dry_run_shows_the_call_and_changes_nothing(world, product):
    shown = tried(world)
    assert (shown["method"], shown["path"], shown["problems"]) == ("DELETE", f"/v1/products/product/{product}", [])
    assert products(world) == [product]
    assert RecordLink.objects.filter(limetype="article").count() == 1
