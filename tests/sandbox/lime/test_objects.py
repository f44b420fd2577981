"""Objects: created, changed in part, deleted, restored; times with Stockholm's offset; what hooks of the solution do to a save."""

from datetime import UTC, datetime

import pytest


def test_a_created_object_has_its_empty_values_and_system_properties(lime):
    lime.sandbox.crm.clock = lambda: datetime(2026, 3, 1, 8, 15, 22, 507_300, tzinfo=UTC)
    order = lime.create("order", ordernumber="A1", invoicefee=29.5)
    assert {name: order[name] for name in ("message", "freightfee", "vatincluded", "duedate", "debtor", "invoicefee")} == {
        "message": "", "freightfee": 0.0, "vatincluded": False, "duedate": None, "debtor": None, "invoicefee": 29.5,
    }  # fmt: skip
    assert {name: value for name, value in order.items() if name.startswith("_") and name != "_links"} == {
        "_id": 1001,
        "_timestamp": "2026-03-01T09:15:22.507000+01:00",
        "_createdtime": "2026-03-01T09:15:22.507000+01:00",
        "_createduser": 3701,
        "_updateduser": 3701,
        "_descriptive": "A1",
    }
    assert lime.create("order")["_id"] == 1002


def test_a_decimal_is_a_json_number_with_decimals(lime):
    created = lime.call("POST", "limeobject/article/", json={"articlenumber": "1", "price": 1250}).text
    assert '"price":1250.0' in created


def test_put_changes_only_what_is_sent(lime):
    lime.create("debtor", name="Anna Ek", email="anna@example.se")
    changed = lime.update("debtor", 1001, city="Lund")
    assert (changed["name"], changed["email"], changed["city"]) == ("Anna Ek", "anna@example.se", "Lund")
    assert lime.get("limeobject/debtor/1001/") == changed


def test_the_last_write_wins_and_leaves_other_properties_alone(lime):
    lime.create("debtor", name="Anna Ek", comment="Ring först", city="Lund")
    lime.control("PUT", "objects/debtor/1001", {"comment": "Flyttad", "city": "Malmö"})
    changed = lime.update("debtor", 1001, city="Ystad")
    assert (changed["comment"], changed["city"]) == ("Flyttad", "Ystad")


def test_delete_answers_204_and_empties_what_pointed_at_it(lime):
    ids = lime.seed(
        {"limetype": "debtor", "ref": "d", "values": {"name": "Anna"}},
        {"limetype": "order", "ref": "o", "values": {"debtor": {"ref": "d"}}},
    )
    answer = lime.call("DELETE", f"limeobject/debtor/{ids['d']}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert lime.call("GET", f"limeobject/debtor/{ids['d']}/").status_code == 404
    assert lime.get(f"limeobject/order/{ids['o']}/")["debtor"] is None
    assert lime.create("debtor", name="Bo")["_id"] == ids["d"] + 1


def test_a_deleted_object_can_be_restored(lime):
    lime.create("debtor", name="Anna")
    lime.create("debtor", name="Bo")
    lime.call("DELETE", "limeobject/debtor/1001/")
    lime.control("POST", "objects/debtor/1001/restore")
    assert [row["name"] for row in lime.listed("limeobject/debtor/")] == ["Anna", "Bo"]
    lime.control("POST", "objects/debtor/1001/restore", status=404)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-28", "2026-03-28T00:00:00+01:00"),
        ("2026-03-30", "2026-03-30T00:00:00+02:00"),
        ("2026-10-25", "2026-10-25T00:00:00+02:00"),
        ("2026-06-30T22:30:00Z", "2026-07-01T00:00:00+02:00"),
        ("2026-06-30T22:30:00", "2026-06-30T00:00:00+02:00"),
        (None, None),
    ],
)
def test_a_date_is_midnight_in_stockholm(lime, sent, shown):
    assert lime.create("order", duedate=sent)["duedate"] == shown


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-29T00:59:59.9996Z", "2026-03-29T01:59:59.999000+01:00"),
        ("2026-03-29T01:00:00Z", "2026-03-29T03:00:00.000000+02:00"),
        ("2026-10-25T00:59:00+00:00", "2026-10-25T02:59:00.000000+02:00"),
        ("2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00.000000+01:00"),
        ("2026-07-01", "2026-07-01T00:00:00.000000+02:00"),
    ],
)
def test_a_time_follows_daylight_saving(lime, sent, shown):
    lime.create("invoice", invoicenumber="1")
    assert lime.create("payment", invoice=1001, createddate=sent)["createddate"] == shown


def test_the_timestamp_follows_daylight_saving(lime):
    lime.sandbox.crm.clock = lambda: datetime(2026, 3, 29, 0, 59, 59, 900_000, tzinfo=UTC)
    created = lime.create("debtor", name="Anna")
    lime.sandbox.crm.clock = lambda: datetime(2026, 3, 29, 1, 0, 0, 123_456, tzinfo=UTC)
    updated = lime.update("debtor", 1001, city="Lund")
    assert created["_timestamp"] == "2026-03-29T01:59:59.900000+01:00"
    assert updated["_timestamp"] == "2026-03-29T03:00:00.123000+02:00"
    assert updated["_createdtime"] == created["_createdtime"]


def test_a_server_hook_rewrites_what_was_sent(lime):
    hooks = [
        {"limetype": "debtor", "action": "digits", "property": "ssnregno"},
        {"limetype": "debtor", "action": "upper", "property": "city"},
        {"limetype": "debtor", "action": "set", "property": "comment", "value": "Kontrollerad"},
    ]
    lime.control("PUT", "modes", {"server_hooks": hooks})
    answer = lime.create("debtor", name="Bo AB", ssnregno="556677-8899", city="Lund")
    assert (answer["ssnregno"], answer["city"], answer["comment"]) == ("5566778899", "LUND", "Kontrollerad")


def test_a_server_hook_refuses_a_save(lime):
    lime.create("debtor", name="Anna")
    lime.control("PUT", "modes", {"server_hooks": [{"limetype": "debtor", "action": "refuse", "message": "Låst kund"}]})
    answer = lime.call("PUT", "limeobject/debtor/1001/", json={"city": "Lund"})
    assert (answer.status_code, answer.json()) == (400, {"message": "Låst kund"})
    lime.control("PUT", "modes", {"server_hooks": []})
    assert lime.update("debtor", 1001)["city"] == ""


def test_a_malformed_server_hook_is_refused(lime):
    lime.control("PUT", "modes", {"server_hooks": [{"limetype": "debtor", "action": "sing"}]}, status=400)
    lime.control("PUT", "modes", {"server_hooks": [{"limetype": "debtor", "action": "upper"}]}, status=400)


def test_effects_are_journalled(lime):
    lime.create("debtor", name="Anna", city="Lund")
    lime.update("debtor", 1001, name="Anna", city="Malmö")
    lime.call("DELETE", "limeobject/debtor/1001/")
    told = [(effect["effect"], effect["limetype"], effect["id"], effect.get("changed")) for effect in lime.effects()]
    assert told == [
        ("object.created", "debtor", 1001, None),
        ("object.updated", "debtor", 1001, ["city"]),
        ("object.deleted", "debtor", 1001, None),
    ]
