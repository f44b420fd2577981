"""Who may do what: the key, masked refusals, policies, the rate limit and the longest address."""

import pytest


def test_without_the_key_nothing_is_answered(lime):
    lime.session.headers["x-api-key"] = "another"
    assert lime.call("GET", "limetype/").status_code == 401
    del lime.session.headers["x-api-key"]
    assert lime.call("GET", "limetype/").status_code == 401


@pytest.mark.parametrize(("mode", "status"), [("invalid", 401), ("masked", 404)])
def test_a_key_can_be_refused_openly_or_by_hiding_everything(lime, mode, status):
    lime.create("debtor", name="Anna Ek")
    lime.control("PUT", "modes", {"auth": mode})
    assert lime.call("GET", "limeobject/debtor/1001/").status_code == status
    lime.control("PUT", "modes", {"auth": "valid"})
    assert lime.call("GET", "limeobject/debtor/1001/").status_code == 200


def test_a_new_key_kills_the_old(lime):
    lime.control("PUT", "api-key", {"key": "new-key"})
    assert lime.call("GET", "").status_code == 401
    lime.session.headers["x-api-key"] = "new-key"
    assert lime.call("GET", "").status_code == 200


@pytest.mark.parametrize(
    ("right", "method", "path"),
    [
        ("read", "GET", "limeobject/debtor/1001/"),
        ("write", "PUT", "limeobject/debtor/1001/"),
        ("add", "POST", "limeobject/debtor/"),
        ("delete", "DELETE", "limeobject/debtor/1001/"),
    ],
)
def test_a_policy_denies_one_right_on_one_limetype(lime, right, method, path):
    lime.create("debtor", name="Anna Ek")
    lime.control("PUT", "modes", {"denied": [{"limetype": "debtor", "right": right}]})
    assert lime.call(method, path, json={"name": "Bo Ek"}).status_code == 403
    assert [effect["effect"] for effect in lime.effects()] == ["object.created"]
    assert lime.create("creditor", name="Bostads AB")["_id"] == 1001


def test_a_denied_limetype_cannot_be_queried_or_reached_through_a_relation(lime):
    ids = lime.seed({"limetype": "debtor", "ref": "d", "values": {"name": "Anna"}})
    lime.control("PUT", "modes", {"denied": [{"limetype": "order", "right": "read"}]})
    assert lime.query_answer("order", {"_id": None}).status_code == 403
    assert lime.call("GET", f"limeobject/debtor/{ids['d']}/order/").status_code == 403


def test_calls_over_the_limit_are_refused_until_it_is_lifted(lime):
    lime.control("PUT", "limits", {"requests": 2, "seconds": 300})
    assert [lime.call("GET", "").status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(lime.call("GET", "").headers["Retry-After"]) <= 301
    lime.control("PUT", "limits", {"enabled": False})
    assert lime.call("GET", "").status_code == 200


def test_a_refusal_may_keep_silent_about_how_long(lime):
    lime.control("PUT", "limits", {"requests": 0, "retry_after": False})
    answer = lime.call("GET", "")
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


def test_the_limit_is_lime_clouds_at_first(lime):
    assert lime.sandbox.limits.enabled
    assert lime.sandbox.limits.windows == {"api": [(3000, 300.0)]}


def test_a_long_address_is_refused(lime):
    spent = len("/kvittens/api/v1/query/?q=")
    assert lime.call("GET", "query/?q=" + "x" * (8001 - spent)).status_code == 414
    assert lime.call("GET", "query/?q=" + "x" * (8000 - spent)).status_code == 400


def test_users_are_for_administrators(lime):
    users = lime.get("admin/users/", active="true", user_type="API")
    assert users == [{"id": 3701, "username": "kvittens@api", "active": True, "loginType": "internal", "userType": "API"}]
    assert lime.get("admin/users/3701") == users[0]
    lime.control("PUT", "modes", {"admin_rights": False})
    assert lime.call("GET", "admin/users/").status_code == 403


@pytest.mark.parametrize(
    "switch", [{"auth": "open"}, {"denied": [{"limetype": "debtor"}]}, {"no_such_switch": True}, {"deliveries": {"eat": 1}}]
)
def test_an_unknown_switch_changes_nothing(lime, switch):
    before = lime.control("GET", "modes")
    lime.control("PUT", "modes", {"error_body": "text", **switch}, status=400)
    assert lime.control("GET", "modes") == before
