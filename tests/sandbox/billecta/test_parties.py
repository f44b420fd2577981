"""Creditors, debtors and products: external ids, deletion while in use, paging, full replacement."""

from typing import Any

import pytest

from tests.sandbox.billecta.api import CREDITOR, DEBTOR, PRODUCT, Api

OTHER = "99999999-9999-4999-8999-999999999999"


def _debtor(api: Api, name: str, **more: str) -> str:
    debtor: str = api.ok("create_debtor", {"CreditorPublicId": CREDITOR, "Name": name, **more})["PublicId"]
    return debtor


@pytest.mark.parametrize(("kind", "id_name"), [("debtor", "DebtorExternalId"), ("product", "ProductExternalId")])
def test_an_external_id_finds_one_none_or_too_many(api: Api, kind: str, id_name: str) -> None:
    body = {"CreditorPublicId": CREDITOR, "Name": "A", "Description": "A", id_name: "x1"}
    find: dict[str, Any] = {"operation": f"{kind}_by_external_id", "creditor": CREDITOR, "query": {"externalid": "x1"}}
    assert api.refused(**find)[0] == 404
    public_id = api.ok(f"create_{kind}", body)["PublicId"]
    assert api.ok(**find)[f"{kind.title()}PublicId"] == public_id
    api.ok(f"create_{kind}", body)
    assert api.refused(**find)[0] == 400


def test_organisation_numbers_are_found_without_their_hyphen(api: Api) -> None:
    found = api.ok("debtors_by_orgno", creditor=CREDITOR, query={"orgno": "5560360793", "countrycode": "SE"})
    assert [debtor["DebtorPublicId"] for debtor in found] == [DEBTOR]
    assert api.ok("debtors_by_orgno", creditor=CREDITOR, query={"orgno": "5560360793", "countrycode": "NO"}) == []


def test_a_put_replaces_everything_but_the_creditor_and_the_birthday(api: Api) -> None:
    before = api.ok("get_debtor", debtor=DEBTOR)
    api.ok("update_debtor", {"DebtorPublicId": DEBTOR, "Name": "Bara namn"})
    after = api.ok("get_debtor", debtor=DEBTOR)
    assert (after["Name"], after["Email"], after["DebtorExternalId"]) == ("Bara namn", None, None)
    assert (after["Created"], after["CreditorPublicId"]) == (before["Created"], CREDITOR)


def test_a_put_of_something_unknown_is_not_found(api: Api) -> None:
    assert api.refused("update_debtor", {"DebtorPublicId": OTHER, "Name": "X"})[0] == 404
    assert api.refused("update_product", {"ProductPublicId": OTHER, "Description": "X"})[0] == 404
    assert api.refused("update_creditor", {"CreditorPublicId": OTHER, "Name": "X"})[0] == 404


def test_what_is_in_use_cannot_be_deleted(api: Api) -> None:
    api.draft()
    assert api.refused("delete_debtor", debtor=DEBTOR)[0] == 400
    assert api.refused("delete_product", product=PRODUCT)[0] == 400
    assert api.refused("delete_creditor", creditor=CREDITOR)[0] == 400


def test_a_products_price_is_a_bare_number_in_kronor(api: Api) -> None:
    assert api.ok("get_product", product=PRODUCT)["UnitPrice"] == 1250.5


def test_lists_are_paged_and_sorted(api: Api) -> None:
    for name in ("Cecilia", "Adam", "Bo"):
        _debtor(api, name)

    def names(**query: str) -> list[str]:
        return [debtor["Name"] for debtor in api.ok("list_debtors", creditor=CREDITOR, query=query)]

    assert names() == ["Åkerö Handel (Norr) AB", "Cecilia", "Adam", "Bo"]
    assert names(offset="1", limit="2") == ["Cecilia", "Adam"]
    assert names(sortingfield="name", ascending="true", limit="2") == ["Adam", "Bo"]
    assert names(sortingfield="Name", ascending="false") == ["Åkerö Handel (Norr) AB", "Cecilia", "Bo", "Adam"]
    assert names(offset="10") == []
    assert api.refused("list_debtors", creditor=CREDITOR, query={"sortingfield": "Nothing"})[0] == 400
    assert api.refused("list_debtors", creditor=CREDITOR, query={"limit": "-1"})[0] == 400


def test_ids_must_be_guids(api: Api) -> None:
    assert api.refused("get_debtor", debtor="12") == (400, "debtor is not a valid guid")
    assert api.ok("get_debtor", debtor=DEBTOR.upper())["DebtorPublicId"] == DEBTOR


def test_seeding_twice_changes_nothing(api: Api) -> None:
    before = api.sandbox.control("GET", "state")
    api.seed()
    assert api.sandbox.control("GET", "state") == before


@pytest.mark.parametrize("body", [b"{", b"", b"[NaN]"])
def test_a_body_that_is_no_json_is_refused(api: Api, body: bytes) -> None:
    answer = api.session.post(f"{api.sandbox.url}/v1/debtors/debtor", data=body)
    assert (answer.status_code, answer.json()["Message"]) == (400, "The request body is not valid JSON")
