"""The query API: operators, paths, selection, order and paging."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def shop(lime):
    """Two debtors; three orders, the last without debtor."""
    lime.seed(
        {"limetype": "debtor", "ref": "anna", "values": {"name": "Anna Ek", "city": "Lund"}},
        {"limetype": "debtor", "ref": "bo", "values": {"name": "Bo Alm", "city": "Malmö"}},
        order("A1", 10, "2026-01-31", {"ref": "anna"}, "created"),
        order("A10", 20, "2026-02-28", {"ref": "bo"}, "attested"),
        order("b2", 30, None, None, "empty"),
    )
    return lime


def order(number, fee, due, debtor, status):
    values = {"ordernumber": number, "invoicefee": fee, "duedate": due, "debtor": debtor, "billectastatus": status}
    return {"limetype": "order", "values": values}


def found(lime, expression):
    return [row["ordernumber"] for row in lime.query("order", {"ordernumber": None}, filter=expression)]


def exp(key, op, operand):
    return {"key": key, "op": op, "exp": operand}


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [
        (exp("ordernumber", "=", "A1"), ["A1"]),
        (exp("ordernumber", "=", "a1"), ["A1"]),
        (exp("ordernumber", "!=", "A1"), ["A10", "b2"]),
        (exp("ordernumber", "=?", "A1"), ["A1", "A10"]),
        (exp("ordernumber", "?", "1"), ["A1", "A10"]),
        (exp("ordernumber", "IN", ["A10", "B2"]), ["A10", "b2"]),
        (exp("invoicefee", ">", 10), ["A10", "b2"]),
        (exp("invoicefee", ">=", 20.0), ["A10", "b2"]),
        (exp("invoicefee", "<", 20), ["A1"]),
        (exp("invoicefee", "<=", 20), ["A1", "A10"]),
        (exp("duedate", ">", "2026-01-31"), ["A10"]),
        (exp("duedate", "=", None), ["b2"]),
        (exp("billectastatus", "=", "created"), ["A1"]),
        (exp("billectastatus", "=", "empty"), ["b2"]),
        (exp("billectastatus", "IN", ["created", "attested"]), ["A1", "A10"]),
        (exp("debtor", "=", 1002), ["A10"]),
        (exp("debtor", "=", None), ["b2"]),
        (exp("debtor.city", "=", "lund"), ["A1"]),
        (exp("debtor._id", "IN", [1001, 1002]), ["A1", "A10"]),
        (exp("id", "IN", [1001, 1003]), ["A1", "b2"]),
        (exp("_id", "=", 1002), ["A10"]),
        (exp("_id", ">", 1001), ["A10", "b2"]),
        (exp("_timestamp", ">", "2020-01-01T00:00:00Z"), ["A1", "A10", "b2"]),
        (exp("_timestamp", "<", "2020-01-01"), []),
        (exp("_updateduser", "=", 1), ["A1", "A10", "b2"]),
        ({"op": "!", "exp": exp("ordernumber", "=?", "A")}, ["b2"]),
        ({"op": "AND", "exp": [exp("ordernumber", "=?", "A"), exp("debtor", "=", 1001)]}, ["A1"]),
        ({"op": "AND", "exp": [exp("debtor", "=", 1001), exp("ordernumber", "=", "A10")]}, []),
        ({"op": "OR", "exp": [exp("ordernumber", "=", "b2"), exp("debtor.name", "?", "alm")]}, ["A10", "b2"]),
        (None, ["A1", "A10", "b2"]),
    ],
)
def test_filters_find_what_they_say(shop, expression, numbers):
    assert found(shop, expression) == numbers


@pytest.mark.parametrize(
    "expression",
    [
        exp("colour", "=", "blue"),
        exp("ordernumber", "~", "A"),
        exp("ordernumber", "=", 1),
        exp("orderrow", "=", 1),
        exp("orderrow.description", "=", "Hyra"),
        exp("ordernumber.x", "=", "A"),
        exp("billectastatus", "=", "unheard-of"),
        exp("billectastatus", ">", "created"),
        exp("invoicefee", "?", "1"),
        exp("invoicefee", ">", None),
        exp("duedate", ">", "soon"),
        exp("_id", "IN", 1001),
        {"op": "AND", "exp": []},
        {"key": "ordernumber"},
        "ordernumber = A1",
    ],
)
def test_a_filter_that_makes_no_sense_is_400(shop, expression):
    assert shop.query_answer("order", {"_id": None}, filter=expression).status_code == 400


def test_an_index_stays_true_when_objects_change(shop):
    by_number = exp("ordernumber", "=", "A1")
    assert found(shop, by_number) == ["A1"]
    shop.update("order", 1001, ordernumber="C1")
    assert found(shop, by_number) == []
    shop.create("order", ordernumber="A1")
    shop.create("order", ordernumber="A1")
    shop.call("DELETE", "limeobject/order/1004/")
    assert shop.query("order", {"_id": None}, filter=by_number) == [{"_id": 1005}]


def test_selected_values_are_plain_and_nest_through_relations(shop):
    selected = {"_id": None, "id": "", "debtor": {"_id": None, "name": ""}, "billectastatus": None, "invoicefee": None, "duedate": None}
    assert shop.query("order", selected, filter=exp("ordernumber", "=", "A1")) == [
        {
            "_id": 1001,
            "id": 1001,
            "debtor": {"_id": 1001, "name": "Anna Ek"},
            "billectastatus": "created",
            "invoicefee": 10.0,
            "duedate": "2026-01-31T00:00:00+01:00",
        }
    ]
    assert shop.query("order", {"debtor": {"name": None}}, filter=exp("_id", "=", 1003)) == [{"debtor": None}]
    assert shop.query("order", {"debtor": None}, filter=exp("_id", "=", 1002)) == [{"debtor": 1002}]


@pytest.mark.parametrize(
    "selected", [{"orderrow": None}, {"orderrow": {"description": None}}, {"colour": None}, {"ordernumber": {"x": None}}]
)
def test_what_cannot_be_selected_is_400(shop, selected):
    assert shop.query_answer("order", selected).status_code == 400


def test_order_limit_and_offset(shop):
    ordered = {"orderBy": [{"invoicefee": "DESC"}]}
    assert [row["_id"] for row in shop.query("order", {"_id": None}, **ordered)] == [1003, 1002, 1001]
    assert shop.query("order", {"_id": None}, **ordered, limit=1, offset=1) == [{"_id": 1002}]
    assert len(shop.query("order", {"_id": None}, limit=0)) == 3
    by_name = [{"debtor.name": "DESC"}, {"_id": "ASC"}]
    assert [row["_id"] for row in shop.query("order", {"_id": None}, orderBy=by_name)] == [1002, 1001, 1003]


@pytest.mark.parametrize(
    "query",
    [
        {"limetype": "landlord"},
        {"responseFormat": {}},
        {"orderBy": [{"colour": "ASC"}]},
        {"orderBy": [{"_id": "UP"}]},
        {"orderBy": ["_id"]},
        {"limit": -1},
        {"limit": "all"},
    ],
)
def test_a_query_that_makes_no_sense_is_400(shop, query):
    answer = shop.query_answer("order", {"_id": None}, **{name: value for name, value in query.items() if name != "limetype"})
    if "limetype" in query:
        answer = shop.query_answer(query["limetype"], {"_id": None})
    assert answer.status_code == 400
    assert shop.call("GET", "query/", params={"q": "{"}).status_code == 400
    assert shop.call("GET", "query/").status_code == 400


@pytest.mark.parametrize(("seconds", "found"), [(-1, ["A1"]), (0, ["A1"]), (1, [])])
def test_moments_of_one_day_are_compared_by_the_clock(lime, seconds, found):
    changed = datetime.fromisoformat(lime.create("order", ordernumber="A1")["_timestamp"])
    since = (changed + timedelta(seconds=seconds)).astimezone(UTC)
    assert [
        row["ordernumber"]
        for row in lime.query("order", {"ordernumber": None}, filter={"key": "_timestamp", "op": ">=", "exp": since.isoformat()})
    ] == found
