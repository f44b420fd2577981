"""Who is let in: Basic, SecureToken encoded twice, and nobody else."""

import base64

import pytest
import requests

from tests.sandbox.billecta.api import Api

CREDITORS = "/v1/creditors/creditors"


def _get(api: Api, authorization: str | None) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": authorization} if authorization else {}
    return session.get(api.sandbox.url + CREDITORS, headers=headers, timeout=60)


def test_basic_is_let_in(api: Api) -> None:
    assert _get(api, "Basic c2FuZGJveDpzYW5kYm94").status_code == 200


def test_a_token_is_let_in_when_it_is_encoded_again(api: Api) -> None:
    token = api.ok("authenticate")["Value"]
    assert _get(api, f"SecureToken {base64.b64encode(token.encode()).decode()}").status_code == 200
    assert _get(api, f"SecureToken {token}").status_code == 401


def test_a_token_gets_no_token(api: Api) -> None:
    token = base64.b64encode(api.ok("authenticate")["Value"].encode()).decode()
    url = f"{api.sandbox.url}/v1/authentication/apiauthenticate"
    assert requests.post(url, headers={"Authorization": f"SecureToken {token}"}, timeout=60).status_code == 401


@pytest.mark.parametrize(
    "authorization",
    [None, "Basic d3Jvbmc6d3Jvbmc=", "Basic !", "Bearer c2FuZGJveDpzYW5kYm94", "SecureToken bm90aGluZw==", "SecureToken /w=="],
)
def test_others_are_not(api: Api, authorization: str | None) -> None:
    answer = _get(api, authorization)
    assert answer.status_code == 401
    assert answer.json() == {"Message": "Authorization has been denied for this request.", "ExternalErrorCode": None}


def test_a_refused_call_changes_nothing(api: Api) -> None:
    api.session.auth = ("sandbox", "wrong")
    assert api.refused("create_creditor", {"Name": "Ny"})[0] == 401
    api.session.auth = ("sandbox", "sandbox")
    assert len(api.ok("list_creditors")) == 1
