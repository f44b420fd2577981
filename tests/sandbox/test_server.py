"""The process: it starts quickly, keeps its state over restarts, goes on with what it had begun, and refuses bad options."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sandbox.billecta.api import CREDITOR, DEBTOR, Api
from tests.sandbox.process import ROOT, SandboxProcess


def test_state_survives_a_restart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxProcess("billecta", "--send-delay", "0", state=tmp_path / "state.json") as process:
        api = Api(process)
        api.seed()
        action = api.attested()
        api.control(action, "pay", amount_ore=1000)
        api.control(api.attested(), "pay", amount_ore=400_000)
        before, state = api.invoice(action), process.control("GET", "state")
    with SandboxProcess("billecta", "--send-delay", "0", state=tmp_path / "state.json") as again:
        with capsys.disabled():
            sys.stdout.write(f"\nthe sandbox started in {again.started_in:.2f} s\n")
        api = Api(again)
        assert again.control("GET", "state") == state
        assert api.invoice(action) == before
        api.control(action, "pay")
        assert api.invoice(action)["State"]["Stage"] == "Completed"
        assert api.invoice(api.attested())["InvoiceNumber"] == "1003"
        assert len(api.ok("open_invoices_by_debtor", debtor=DEBTOR)) == 1


def test_state_survives_a_kill_shortly_after_the_change(tmp_path: Path) -> None:
    with SandboxProcess("billecta", state=tmp_path / "state.json") as process:
        Api(process).seed()
        until = time.monotonic() + 60
        while not (tmp_path / "state.json").exists():
            assert time.monotonic() < until, "the state was not saved"
            time.sleep(0.02)
        process.kill()
    assert CREDITOR in json.loads((tmp_path / "state.json").read_text("utf-8"))["creditors"]
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_what_was_to_be_sent_is_sent_after_a_restart(tmp_path: Path) -> None:
    with SandboxProcess("billecta", "--send-delay", "60", state=tmp_path / "state.json") as process:
        api = Api(process)
        api.seed()
        action = api.attested()
        assert api.invoice(action)["State"]["Stage"] == "Attested"
    with SandboxProcess("billecta", "--send-delay", "0.05", state=tmp_path / "state.json") as process:
        until = time.monotonic() + 60
        while Api(process).invoice(action)["State"]["Stage"] != "InvoiceSent":
            assert time.monotonic() < until
            time.sleep(0.02)


def test_credentials_can_be_chosen() -> None:
    with SandboxProcess("billecta", "--username", "anna", "--password", "hemligt") as process:
        api = Api(process)
        assert api.call("list_creditors").status_code == 401
        api.session.auth = ("anna", "hemligt")
        assert api.ok("list_creditors") == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["fortnox"], "invalid choice: 'fortnox'"),
        (["billecta", "--webhook-url", "http://127.0.0.1:9", "--webhook-header", "key"], "--webhook-header 'key' is not NAME=VALUE"),
        (["billecta", "--paths", "[]"], "must be a JSON object"),
        (["billecta", "--paths", '{"nothing": "GET /x"}'], "nothing is not an operation that the sandbox knows"),
    ],
)
def test_bad_options_are_named(options: list[str], complaint: str) -> None:
    command = [sys.executable, "-m", "integration.sandbox", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert complaint in ended.stderr
