"""Debtors and articles that Billecta has already are linked by their own numbers: exactly one match, never a guess, never a twin."""

from __future__ import annotations

from typing import Any

import pytest

from integration.commands.batches import Asker
from integration.commands.dry_run import dry_run
from integration.commands.selection import CommandRequest
from integration.models import RecordLink, SyncRecord
from integration.sync.invoices import known_creditor
from tests.flows.test_main_job import UPSERT
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)
DEBTORS, ARTICLES = "upsert-debtors-in-billecta", "upsert-articles-in-billecta"
ANNA = {"CreditorPublicId": CREDITOR, "Name": "A. Andersson", "OrgNo": "191212121212", "Notes": "kept"}
RENT = {"CreditorPublicId": CREDITOR, "ArticleNumber": "HYRA", "Description": "Månadshyra", "UnitPrice": 1, "IsActive": True}


@pytest.fixture(autouse=True)
def _creditor_is_known(world):
    known_creditor(CREDITOR)


def seed(world: World, **tables: list[dict[str, Any]]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = world.billecta.control("POST", "seed", tables)
    world.billecta.control("DELETE", "journal")
    return ids


def debtor(world: World, debtor_id: str) -> dict[str, Any]:
    view: dict[str, Any] = world._billecta("GET", f"/v1/debtors/debtor/{debtor_id}")
    return view


def last(kind: str) -> SyncRecord:
    return SyncRecord.objects.filter(kind=kind).latest("pk")


def assert_nothing_was_made(world: World) -> None:
    assert (world.effects("debtor.created"), world.effects("product.created")) == ([], [])


def test_a_debtor_with_the_number_is_linked_and_brought_up_to_date(world, ask, settle):
    [known] = seed(world, debtors=[ANNA])["debtors"]
    ask(DEBTORS, world.ids["debtor"])
    settle()
    link = RecordLink.objects.get(limetype="debtor")
    assert (link.billecta_id, link.origin) == (known, RecordLink.Origin.MATCHED)
    now = debtor(world, known)
    assert (now["Name"], now["DebtorExternalId"], now["Notes"]) == ("Anna Andersson", f"kvittens:debtor:{world.ids['debtor']}", "kept")
    assert_nothing_was_made(world)
    assert [row["billectaid"] for row in world.lime_objects("creditordebtor")] == [known]


def test_an_order_links_its_parties_by_number_and_sets_their_external_ids(world, ask, settle):
    ids = seed(world, debtors=[ANNA], products=[RENT])
    ask(UPSERT, world.ids["order"])
    settle()
    assert len(world.effects("debtor.created")) == 0
    assert len(world.effects("product.created")) == 1, "the parking lot was not there"
    assert debtor(world, ids["debtors"][0])["DebtorExternalId"] == f"kvittens:debtor:{world.ids['debtor']}"
    assert len(world.effects("invoice.created")) == 1


@pytest.mark.parametrize("lost", [{"kind": "reset_after_write"}, {"kind": "status", "status": 500}])
def test_an_order_whose_party_was_linked_but_not_updated_at_once_gets_it_updated(world, ask, settle, lost):
    [known] = seed(world, debtors=[ANNA])["debtors"]
    world.billecta.control("POST", "faults", {**lost, "operation": "update_debtor", "times": 2})
    ask(UPSERT, world.ids["order"])
    settle()
    assert debtor(world, known)["DebtorExternalId"] == f"kvittens:debtor:{world.ids['debtor']}"
    assert len(world.effects("invoice.created")) == 1


def test_two_debtors_with_the_number_are_shown_and_none_is_made(world, ask, settle):
    known = seed(world, debtors=[ANNA, {**ANNA, "Name": "Anna A"}])["debtors"]
    ask(DEBTORS, world.ids["debtor"])
    settle()
    failed = last(DEBTORS)
    assert (failed.status, failed.error_code) == ("failed", "ambiguous_match")
    assert all(public_id in failed.error_params["ids"] for public_id in known)
    assert_nothing_was_made(world)
    assert not RecordLink.objects.filter(limetype="debtor").exists()


def test_a_debtor_that_another_lime_debtor_is_linked_to_is_not_taken(world, ask, settle):
    twin = world.lime.control("POST", "seed", {"objects": [_lime_debtor("twin")]})["ids"]["twin"]
    ask(DEBTORS, world.ids["debtor"])
    settle()
    ask(DEBTORS, twin)
    settle()
    failed = last(DEBTORS)
    assert (failed.lime_id, failed.status, failed.error_code) == (twin, "failed", "ambiguous_match")
    assert str(world.ids["debtor"]) in failed.error_params["ids"]
    assert len(world.effects("debtor.created")) == 1


def test_a_debtor_with_another_lime_debtors_external_id_is_not_taken_though_the_portal_lost_its_link(world, ask, settle):
    [known] = seed(world, debtors=[{**ANNA, "DebtorExternalId": "kvittens:debtor:99999"}])["debtors"]
    ask(DEBTORS, world.ids["debtor"])
    settle()
    failed = last(DEBTORS)
    assert (failed.status, failed.error_code) == ("failed", "ambiguous_match")
    assert f"{known} ↔ kvittens:debtor:99999" in failed.error_params["ids"]
    assert debtor(world, known)["DebtorExternalId"] == "kvittens:debtor:99999"
    assert_nothing_was_made(world)


def test_a_debtor_without_number_is_created(world, ask, settle):
    nobody = world.lime.control("POST", "seed", {"objects": [{**_lime_debtor("nobody"), "values": {"name": "Utan nummer"}}]})["ids"][
        "nobody"
    ]
    seed(world, debtors=[{"CreditorPublicId": CREDITOR, "Name": "Utan nummer"}])
    ask(DEBTORS, nobody)
    settle()
    assert last(DEBTORS).status == "succeeded"
    assert len(world.effects("debtor.created")) == 1


def test_after_a_lost_answer_only_the_external_id_is_looked_for(world, ask, settle):
    """The debtor that the lost send made is not confused with one that a person made meanwhile."""
    world.billecta.control("POST", "faults", {"kind": "reset_after_write", "operation": "create_debtor", "times": 1})
    ask(DEBTORS, world.ids["debtor"])
    settle()
    assert last(DEBTORS).status == "succeeded"
    assert len(world.effects("debtor.created")) == 1
    asked = [call["operation"] for call in world.billecta.journal("call")]
    assert asked.count("debtors_by_orgno") == 1, "before the send, not after it"


def test_an_article_with_the_number_is_linked_case_as_given(world, ask, settle):
    ids = seed(world, products=[RENT, {**RENT, "ArticleNumber": "hyra"}])["products"]
    ask(ARTICLES, world.ids["rent"])
    settle()
    assert RecordLink.objects.get(limetype="article").billecta_id == ids[0]
    product = world._billecta("GET", f"/v1/products/product/{ids[0]}")
    assert (product["Description"], product["ProductExternalId"]) == ("Hyra", f"kvittens:article:{world.ids['rent']}")
    assert_nothing_was_made(world)


def test_two_articles_with_the_number_are_shown_and_none_is_made(world, ask, settle):
    known = seed(world, products=[RENT, RENT])["products"]
    ask(ARTICLES, world.ids["rent"])
    settle()
    failed = last(ARTICLES)
    assert (failed.status, failed.error_code) == ("failed", "ambiguous_match")
    assert all(public_id in failed.error_params["ids"] for public_id in known)
    assert_nothing_was_made(world)


def test_many_new_articles_list_the_products_once_and_see_what_changed_since(world, ask, settle):
    """The second article finds its product by the list of the first; of two with its number one was deleted meanwhile."""
    gone, kept = seed(world, products=[{**RENT, "ArticleNumber": "P"}, {**RENT, "ArticleNumber": "P"}])["products"]
    ask(ARTICLES, world.ids["rent"])
    settle()
    world._call("DELETE", f"/v1/products/product/{gone}")
    ask(ARTICLES, world.ids["parking"])
    settle()
    assert RecordLink.objects.get(limetype="article", lime_id=world.ids["parking"]).billecta_id == kept
    assert [call["operation"] for call in world.billecta.journal("call")].count("list_products") == 1


def test_two_new_articles_with_one_number_are_not_taken_for_each_other(world, ask, settle):
    """The list was fetched before the first was made, so the second must know of it by other means."""
    world.lime.control("PUT", f"objects/article/{world.ids['parking']}", {"articlenumber": "HYRA"})
    for article in ("rent", "parking"):
        ask(ARTICLES, world.ids[article])
        settle()
    assert (last(ARTICLES).status, last(ARTICLES).error_code) == ("failed", "ambiguous_match")
    assert len(world.effects("product.created")) == 1


def test_a_dry_run_says_whether_it_would_be_made_or_updated_or_cannot_be_told(world):
    def tried(command: str, lime_id: int) -> dict[str, Any]:
        [shown] = dry_run(command, CommandRequest(ids=(lime_id,), options={"creditor": CREDITOR}), asker=Asker(actor="test"))
        return shown

    seed(world, debtors=[ANNA], products=[RENT, RENT])
    assert (tried(DEBTORS, world.ids["debtor"])["method"], RecordLink.objects.count()) == ("PUT", 0)
    assert tried(ARTICLES, world.ids["parking"])["method"] == "POST"
    assert [problem["code"] for problem in tried(ARTICLES, world.ids["rent"])["problems"]] == ["ambiguous_match"]


def test_a_products_price_is_in_kronor_and_a_rows_is_in_ore(world, ask, settle):
    ask(UPSERT, world.ids["order"])
    settle()
    [product] = [one for one in world._billecta("GET", f"/v1/products/products/{CREDITOR}") if one["ArticleNumber"] == "HYRA"]
    [invoice] = world.invoices()
    [row] = [record for record in invoice["Records"] if record["ArticleNumber"] == "HYRA"]
    assert product["UnitPrice"] == 4000
    assert (row["UnitPrice"]["Value"], row["UnitPrice"]["CurrencyCode"]) == (4000_00, "SEK")


def test_a_creditors_contact_is_nested_in_billecta(world, ask, settle):
    world.lime.control("PUT", f"objects/creditor/{world.ids['creditor']}", {"contactname": "Lena Björk", "email": "lena@bjork.se"})
    ask("upsert-creditors-in-billecta", world.ids["creditor"])
    settle()
    creditor = world._billecta("GET", f"/v1/creditors/creditor/{CREDITOR}")
    contact = creditor["CreditorContact"]
    assert (contact["FirstName"], contact["LastName"], contact["Email"]) == ("Lena", "Björk", "lena@bjork.se")
    assert "ContactName" not in creditor


def _lime_debtor(ref: str) -> dict[str, Any]:
    return {"limetype": "debtor", "ref": ref, "values": {"name": "Anna Andersson", "ssnregno": "19121212-1212"}}
