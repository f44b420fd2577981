"""Relations: ids inline, links, nested lists, embedded objects and drafts."""

import pytest


@pytest.fixture
def landlord(lime):
    """A debtor with an order of three rows."""
    lime.seed(
        {"limetype": "debtor", "ref": "d", "values": {"name": "Anna Ek"}},
        {"limetype": "order", "ref": "o", "values": {"ordernumber": "A1", "debtor": {"ref": "d"}}},
        *({"limetype": "orderrow", "values": {"order": {"ref": "o"}, "description": text}} for text in ("Hyra", "El", "Hiss")),
    )
    return lime


def test_belongsto_is_an_id_inline_and_hasmany_only_a_link(landlord):
    order = landlord.get("limeobject/order/1001/")
    assert order["debtor"] == 1001
    assert order["creditor"] is None
    assert "orderrow" not in order
    own = f"{landlord.url}/kvittens/api/v1/limeobject/order/1001/"
    assert order["_links"]["relation_debtor"] == {"href": f"{own}debtor/", "name": "debtor"}
    assert order["_links"]["relation_orderrow"] == {"href": f"{own}orderrow/", "name": "orderrow"}
    assert order["_links"]["new_orderrow"] == {"href": f"{own}orderrow/new/"}
    assert "new_debtor" not in order["_links"]
    assert order["_links"]["limetype"]["name"] == "order"


def test_related_objects_are_listed_with_filters_and_pages(landlord):
    path = "limeobject/order/1001/orderrow/"
    assert [row["description"] for row in landlord.listed(path)] == ["Hyra", "El", "Hiss"]
    assert [row["description"] for row in landlord.listed(path, description="h", _sort="description")] == ["Hiss", "Hyra"]
    page = landlord.get(path, _limit=2)
    assert [row["description"] for row in landlord.get(page["_links"]["next"]["href"])["_embedded"]["limeobjects"]] == ["Hiss"]


def test_a_belongsto_relation_is_a_list_of_at_most_one(landlord):
    assert [row["name"] for row in landlord.listed("limeobject/order/1001/debtor/")] == ["Anna Ek"]
    assert landlord.listed("limeobject/order/1001/creditor/") == []


def test_relations_are_embedded_when_asked_for_each(landlord):
    order = landlord.get("limeobject/order/1001/", _embed=["debtor", "orderrow", "creditor"])
    assert order["_embedded"]["relation_debtor"]["name"] == "Anna Ek"
    assert [row["description"] for row in order["_embedded"]["relation_orderrow"]] == ["Hyra", "El", "Hiss"]
    assert "relation_creditor" not in order["_embedded"]
    assert landlord.listed("limeobject/order/", _embed="debtor")[0]["_embedded"]["relation_debtor"]["_id"] == 1001


def test_nothing_is_embedded_unasked(landlord):
    assert "_embedded" not in landlord.get("limeobject/order/1001/")
    assert "_embedded" not in landlord.get("limeobject/order/1001/", _embed="creditor")
    assert landlord.call("GET", "limeobject/order/1001/?_embed=colour").status_code == 400


def test_an_unknown_relation_is_404(landlord):
    assert landlord.call("GET", "limeobject/order/1001/colour/").status_code == 404
    assert landlord.call("GET", "limeobject/order/1001/ordernumber/").status_code == 404


def test_a_draft_is_tied_to_its_parent_and_not_saved(landlord):
    draft = landlord.get("limeobject/order/1001/orderrow/new/")
    assert draft["order"] == 1001
    assert "_id" not in draft
    assert len(landlord.listed("limeobject/orderrow/")) == 3
    assert landlord.call("GET", "limeobject/order/1001/debtor/new/").status_code == 404


def test_moving_an_object_moves_it_in_its_parents_lists(landlord):
    landlord.create("order", ordernumber="A2")
    landlord.update("orderrow", 1002, order=1002)
    assert [row["description"] for row in landlord.listed("limeobject/order/1001/orderrow/")] == ["Hyra", "Hiss"]
    assert [row["description"] for row in landlord.listed("limeobject/order/1002/orderrow/")] == ["El"]


def test_relations_have_other_names_in_the_alternative_schema(alternative):
    alternative.create("order", number="1")
    alternative.create("orderrow", deal=1001, text="Hyra")
    assert alternative.get("limeobject/order/1001/", _embed="rows")["_embedded"]["relation_rows"][0]["text"] == "Hyra"
