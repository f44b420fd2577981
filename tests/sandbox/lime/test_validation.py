"""What Lime does not accept, and the shapes its errors can have."""

import pytest


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"colour": "blue"}, "no property 'colour'"),
        ({"_id": 5}, "no property '_id'"),
        ({"orderrow": [1]}, "no property 'orderrow'"),
        ({"ordernumber": "x" * 33}, "longer than the allowed 32"),
        ({"ordernumber": None}, "does not accept null"),
        ({"ordernumber": 7}, "must be text"),
        ({"invoicefee": "29.50"}, "must be a number"),
        ({"invoicefee": True}, "must be a number"),
        ({"vatincluded": 1}, "must be true or false"),
        ({"duedate": "31/3 2026"}, "not an ISO date"),
        ({"duedate": 20260331}, "ISO date as text"),
        ({"deliverymethod": "pigeon"}, "no option 'pigeon'"),
        ({"deliverymethod": "avy"}, "inactive"),
        ({"deliverymethod": 210001}, "no option"),
        ({"debtor": 4711}, "does not exist"),
        ({"debtor": "1001"}, "must be an integer"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(lime, values, reason):
    answer = lime.call("POST", "limeobject/order/", json=values)
    assert answer.status_code == 400
    assert reason in answer.json()["message"]
    assert lime.listed("limeobject/order/") == []


def test_an_update_is_refused_as_a_whole(lime):
    lime.create("order", ordernumber="A1")
    answer = lime.call("PUT", "limeobject/order/1001/", json={"ordernumber": "A2", "debtor": 4711})
    assert answer.status_code == 400
    assert lime.get("limeobject/order/1001/")["ordernumber"] == "A1"


def test_null_empties_everything_but_text(lime):
    lime.create("debtor", name="Anna")
    lime.create("order", debtor=1001, invoicefee=5, duedate="2026-01-01", deliverymethod="email", vatincluded=True)
    emptied = lime.update("order", 1001, debtor=None, invoicefee=None, duedate=None, deliverymethod=None, vatincluded=None)
    assert (emptied["debtor"], emptied["invoicefee"], emptied["duedate"], emptied["vatincluded"]) == (None, 0, None, False)
    assert emptied["deliverymethod"]["key"] == "empty"


@pytest.mark.parametrize("values", [{}, {"name": ""}, {"email": "a@example.se"}])
def test_a_required_text_must_be_there(lime, values):
    answer = lime.call("POST", "limeobject/debtor/", json=values)
    assert (answer.status_code, answer.json()) == (400, {"message": "Property 'name' is required"})


def test_a_required_property_cannot_be_emptied(lime, alternative):
    lime.create("invoice", invoicenumber="1")
    lime.create("payment", invoice=1001)
    assert lime.call("PUT", "limeobject/payment/1001/", json={"invoice": None}).status_code == 400
    alternative.create("debtor", companyname="Bo AB", category="business")
    assert alternative.call("PUT", "limeobject/debtor/1001/", json={"category": "empty"}).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"'])
def test_a_body_must_be_a_json_object(lime, body):
    assert lime.call("POST", "limeobject/debtor/", data=body).status_code == 400


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("message", '{"message":"Object not found"}'),
        ("error", '{"error":"Object not found"}'),
        ("text", "Object not found"),
    ],
)
def test_errors_come_in_the_shape_that_is_switched_on(lime, shape, body):
    lime.control("PUT", "modes", {"error_body": shape})
    assert lime.call("GET", "limeobject/debtor/1/").text == body
