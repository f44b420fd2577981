"""A plain caller of the sandbox's API for the tests: paths from endpoints.json, nothing of the portal's client."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from tests.sandbox.process import ROOT, SandboxProcess

DATA = ROOT / "integration" / "billecta" / "data"
FIXTURES = Path(__file__).parent / "fixtures"
OPERATIONS: dict[str, dict[str, str]] = json.loads((DATA / "endpoints.json").read_text("utf-8"))["operations"]
CREDITOR = "11111111-1111-4111-8111-111111111111"
DEBTOR = "22222222-2222-4222-8222-222222222222"
PRODUCT = "33333333-3333-4333-8333-333333333333"


def fixture(name: str) -> Any:
    """A payload from the fixtures folder."""
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def day(offset: int) -> str:
    """A date so many days from now."""
    return (datetime.now(UTC) + timedelta(days=offset)).date().isoformat()


class Api:
    """Calls operations by name."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = ("sandbox", "sandbox")

    def call(self, operation: str, body: Any = None, query: dict[str, Any] | None = None, **ids: str) -> requests.Response:
        """The raw answer to an operation; `ids` fill its path."""
        endpoint = OPERATIONS[operation]
        url = self.sandbox.url + endpoint["path"].format(**ids)
        return self.session.request(endpoint["method"], url, json=body, params=query, timeout=60)

    def ok(self, operation: str, body: Any = None, query: dict[str, Any] | None = None, **ids: str) -> Any:
        """The JSON of a successful answer, None when it is empty."""
        answer = self.call(operation, body, query, **ids)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None

    def refused(self, operation: str, body: Any = None, query: dict[str, Any] | None = None, **ids: str) -> tuple[int, str]:
        """Status and message of an answer that must be an error in Billecta's shape."""
        answer = self.call(operation, body, query, **ids)
        assert answer.status_code >= 400, answer.text
        error = answer.json()
        assert set(error) == {"Message", "ExternalErrorCode"}
        return answer.status_code, error["Message"]

    def seed(self) -> None:
        """Put the fixture's creditor, debtor and product into the books."""
        self.sandbox.control("POST", "seed", fixture("seed"))

    def draft(self, **changes: Any) -> str:
        """A new draft of the fixture's invoice; returns its id."""
        action: str = self.ok("create_invoice", {**fixture("invoice_entry"), **changes})["PublicId"]
        return action

    def attested(self, **changes: Any) -> str:
        """A new attested invoice; with the fixture's delivery method it is sent at once."""
        action = self.draft(**changes)
        self.ok("attest_invoice", action=action)
        return action

    def overdue(self) -> str:
        """An attested and sent invoice whose last day to pay has passed."""
        return self.attested(InvoiceDate=day(-40), DueDate=day(-10))

    def invoice(self, action: str) -> Any:
        """The invoice as it is now."""
        return self.ok("get_invoice", action=action)

    def control(self, action: str, what: str, **data: Any) -> Any:
        """Do something to an invoice through the control routes."""
        return self.sandbox.control("POST", f"invoices/{action}/{what}", data)
