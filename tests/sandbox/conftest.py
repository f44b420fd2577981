"""One Billecta process for all tests of Billecta's side and of what both sandboxes share, emptied before each."""

from collections.abc import Iterator

import pytest

from tests.sandbox.billecta.api import Api
from tests.sandbox.process import SandboxProcess


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    """The process; it sends invoices at once and limits nothing."""
    with SandboxProcess("billecta", "--send-delay", "0", "--no-limits") as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """The process with empty books, journal and faults."""
    sandbox_process.control("POST", "reset")
    sandbox_process.control("PUT", "webhooks", {"subscriptions": [], "retry_base_seconds": 60, "held_seconds": 2})
    sandbox_process.control("PUT", "limits", {"enabled": False})
    sandbox_process.control("PUT", "settings", {"send_delay": 0})
    return sandbox_process


@pytest.fixture
def api(sandbox: SandboxProcess) -> Api:
    """Billecta's API with one creditor, one debtor and one product in the books."""
    api = Api(sandbox)
    api.seed()
    return api
