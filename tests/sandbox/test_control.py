"""The control routes: who may use them, what they tell, and the page."""

from types import SimpleNamespace
from typing import Any

import pytest

from integration.sandbox.base import SANDBOX, Refusal
from integration.sandbox.billecta.sandbox import BillectaSandbox, Settings
from integration.sandbox.control import _from_this_machine, _list_faults
from tests.sandbox.billecta.api import CREDITOR, Api


def test_health(api: Api) -> None:
    assert api.sandbox.control("GET", "health") == {"status": "ok", "under_way": 0}


@pytest.mark.parametrize(
    ("remote", "is_let_in"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("192.0.2.7", False), (None, False)]
)
@pytest.mark.parametrize("is_open", [False, True])
def test_only_this_machine_controls_unless_opened(remote: str | None, is_let_in: bool, is_open: bool) -> None:
    sandbox = BillectaSandbox(Settings(), open_control=is_open)
    request: Any = SimpleNamespace(app={SANDBOX: sandbox}, remote=remote)
    visit = _from_this_machine(_list_faults)(request)
    if is_let_in or is_open:
        assert _finish(visit).status == 200
    else:
        with pytest.raises(Refusal):
            _finish(visit)


def _finish(coroutine: Any) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waited for something")


def test_control_calls_are_not_journalled(api: Api) -> None:
    api.sandbox.control("GET", "state")
    assert api.sandbox.journal("call") == []


def test_the_journal_shows_calls_and_effects_since_a_number(api: Api) -> None:
    mark = api.sandbox.journal()[-1]["seq"]
    action = api.draft()
    call, effect = api.sandbox.journal(since=mark)
    assert (call["method"], call["path"], call["status"], call["operation"]) == ("POST", "/v1/invoice/action", 200, "create_invoice")
    assert call["body"]["ExternalReference"] == "kvittens:order:5001:1"
    assert (effect["effect"], effect["action"]) == ("invoice.created", action)
    api.sandbox.control("DELETE", "journal")
    assert api.sandbox.journal() == []


def test_state_counts_and_shows(api: Api) -> None:
    api.attested()
    state = api.sandbox.control("GET", "state")
    assert (state["counts"]["creditors"], state["counts"]["invoices"], state["counts"]["payments"]) == (1, 1, 0)
    assert state["objects"]["creditors"][CREDITOR]["Name"] == "Björkhagens Bostäder AB"


def test_reset_empties_everything(api: Api) -> None:
    api.attested()
    api.sandbox.control("POST", "faults", {"kind": "reset", "operation": "nothing"})
    api.sandbox.control("POST", "reset")
    assert set(api.sandbox.control("GET", "state")["counts"].values()) == {0}
    assert api.sandbox.journal() == []
    assert api.sandbox.control("GET", "faults") == []


def test_the_page_shows_invoices_and_what_can_happen_to_them(api: Api) -> None:
    action = api.attested()
    api.draft()
    api.ok("update_debtor", {"DebtorPublicId": "22222222-2222-4222-8222-222222222222", "Name": "<script>x</script>"})
    page = api.session.get(f"{api.sandbox.url}/_sandbox/").text
    for shown in ["Kvittens sandbox", "Björkhagens Bostäder AB", "Åkerö Handel (Norr) AB", "3\u00a0162,50 SEK", "InvoiceSent", "Created"]:
        assert shown in page
    for what in ["pay", "credit", "write-off"]:
        assert f'action="/_sandbox/invoices/{action}/{what}"' in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "http" not in page.replace("prefers-color-scheme", ""), "nothing is fetched from elsewhere"


def test_a_form_comes_back_to_the_page_and_speaks_kronor(api: Api) -> None:
    action = api.attested()
    url = f"{api.sandbox.url}/_sandbox/invoices/{action}/pay"
    answer = api.session.post(url, data={"amount_kronor": "1 000,5"}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/_sandbox/")
    assert api.invoice(action)["PaidAmount"]["Value"] == 100_050
    assert api.session.post(url, data={"amount_kronor": "1,005"}, allow_redirects=False).status_code == 400
    api.session.post(url, data={})
    assert api.invoice(action)["CurrentAmount"]["Value"] == 0


def test_the_pages_fault_switches_work(api: Api) -> None:
    url = f"{api.sandbox.url}/_sandbox/faults"
    assert api.session.post(url, data={"kind": "status", "status": "503", "times": "1"}, allow_redirects=False).status_code == 303
    assert api.call("list_creditors").status_code == 503
    api.session.post(url, data={"kind": "status", "status": "500"})
    api.session.post(f"{url}/clear", data={})
    assert api.call("list_creditors").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "settings", {"send_delay": -1}),
        ("PUT", "limits", {"enabled": "no"}),
        ("PUT", "limits", {"windows": []}),
        ("PUT", "limits", {"windows": {"x": [1]}}),
        ("POST", "seed", {"creditors": {}}),
        ("POST", "seed", {"debtors": [{"Name": "No creditor"}]}),
        ("POST", "unmatched-payment", {"creditor": CREDITOR}),
        ("POST", "unmatched-payment", {"creditor": CREDITOR, "amount_ore": 1.5}),
        ("POST", "unmatched-payment", {"creditor": CREDITOR, "amount_ore": 5, "date": "soon"}),
        ("POST", "faults", []),
    ],
)
def test_control_calls_that_make_no_sense_are_refused(api: Api, method: str, path: str, body: Any) -> None:
    assert api.session.request(method, f"{api.sandbox.url}/_sandbox/{path}", json=body).status_code == 400
