"""Every operation of endpoints.json is routed at its path, and an override moves it."""

from typing import Any

import pytest

from integration.sandbox.billecta.operations import OPERATIONS as HANDLERS
from integration.sandbox.billecta.operations import paths
from tests.sandbox.billecta.api import OPERATIONS, Api
from tests.sandbox.process import SandboxProcess

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_every_operation_has_a_handler() -> None:
    assert set(OPERATIONS) <= set(HANDLERS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_call_reaches_its_operation(api: Api, operation: str) -> None:
    ids: dict[str, Any] = dict.fromkeys(("creditor", "debtor", "product", "action", "file", "request"), NOWHERE)
    answer = api.call(operation, **ids)
    assert answer.status_code != 405
    assert api.sandbox.journal("call")[-1]["operation"] == operation


def test_an_unknown_path_is_refused_in_billectas_shape(api: Api) -> None:
    answer = api.session.get(f"{api.sandbox.url}/v1/nothing/here")
    assert (answer.status_code, answer.json()["Message"]) == (404, "Not Found")


def test_an_override_moves_an_operation() -> None:
    with SandboxProcess("billecta", "--paths", '{"credit": "PUT /v1/invoice/creditaction"}') as process:
        api = Api(process)
        assert api.session.post(f"{process.url}/v1/invoice/credit", json={}).status_code == 404
        moved = api.session.put(f"{process.url}/v1/invoice/creditaction", json={})
        assert moved.json()["Message"] == "Invoice action  was not found"


@pytest.mark.parametrize("override", [{"nothing": "GET /v1/x"}, {"credit": "/v1/x"}, {"credit": "POST v1/x"}])
def test_an_override_that_makes_no_sense_is_refused(override: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        paths(override)
