"""Billecta's documented rate limits, per authorisation."""

from tests.sandbox.billecta.api import CREDITOR, Api


def test_the_101st_look_at_an_invoice_in_ten_seconds_is_refused(api: Api) -> None:
    action = api.draft()
    api.sandbox.control("PUT", "limits", {"enabled": True})
    statuses = [api.call("get_invoice", action=action).status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    refused = api.call("get_invoice", action=action)
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert refused.json()["Message"] == "Too many requests"
    assert api.call("list_creditors").status_code == 200, "other operations are not limited"


def test_the_31st_search_in_ten_seconds_is_refused(api: Api) -> None:
    api.sandbox.control("PUT", "limits", {"enabled": True})
    statuses = [api.call("search_actions", {"CreditorPublicId": CREDITOR}).status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]


def test_limits_can_be_set_and_lifted(api: Api) -> None:
    api.sandbox.control("PUT", "limits", {"enabled": True, "windows": {"list_creditors": [[1, 60]]}})
    assert [api.call("list_creditors").status_code for _ in range(2)] == [200, 429]
    api.sandbox.control("PUT", "limits", {"enabled": False})
    assert api.call("list_creditors").status_code == 200
    api.sandbox.control("PUT", "limits", {"windows": {"list_creditors": []}})
