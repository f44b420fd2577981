"""Settings that are wrong are told by name, with an example, and without telling a secret."""

import base64

import pytest

from integration.billecta.client import BillectaClient
from integration.errors import InvalidBillectaApiConfig

URL = "https://api.billecta.com"
GOOD = "Basic cG9ydGFsOmhlbWxpZ3Q="


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("url", ["https://api.billecta.com", "https://api.billecta.com/", "http://127.0.0.1:8101"])
@pytest.mark.parametrize("authentication", [GOOD, f"SecureToken {encoded('token')}"])
def test_what_is_right_is_taken(url: str, authentication: str):
    BillectaClient(url, authentication).close()


@pytest.mark.parametrize(
    ("authentication", "problem"),
    [
        ("", "is missing"),
        ("cG9ydGFsOmhlbWxpZ3Q=", "must begin with Basic or SecureToken"),
        ("Bearer cG9ydGFsOmhlbWxpZ3Q=", "must begin with"),
        ("Basic", "exactly one space"),
        ("Basic ", "exactly one space"),
        ("Basic  cG9ydGFsOmhlbWxpZ3Q=", "exactly one space"),
        ("Basic cG9ydGFsOmhlbWxpZ3Q= ", "exactly one space"),
        ("Basic not/base64!", "must have base64"),
        (f"Basic {encoded('user')}", "user:password"),
        (f"Basic {encoded(':password')}", "user:password"),
        ("SecureToken tokén", "must have base64"),
    ],
)
def test_authentication_that_is_wrong_is_explained(authentication: str, problem: str):
    with pytest.raises(InvalidBillectaApiConfig) as raised:
        BillectaClient(URL, authentication)
    assert raised.value.params["setting"] == "BILLECTA_AUTHENTICATION"
    assert problem in raised.value.params["problem"]
    assert raised.value.params["example"].startswith("Basic ")
    secret = authentication.partition(" ")[2].strip()
    assert not secret or secret not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.billecta.com",
        "ftp://api.billecta.com",
        "https://",
        "https://api.billecta.com/v1",
        "https://a b.se",
        "https://a.se?x=1",
        "https://u:p@a.se",
        "http://a.se:port",
    ],
)
def test_a_base_url_that_is_wrong_is_explained(url: str):
    with pytest.raises(InvalidBillectaApiConfig) as raised:
        BillectaClient(url, GOOD)
    assert raised.value.params["setting"] == "BILLECTA_BASE_URL"
    assert "https://api.billecta.com" in str(raised.value)


def test_a_creditors_own_authentication_is_checked_too():
    with pytest.raises(InvalidBillectaApiConfig) as raised:
        BillectaClient(URL, GOOD, authentication_by_creditor={"3f0c": "Basic"})
    assert raised.value.params["setting"] == "BILLECTA_AUTHENTICATION_BY_CREDITOR[3f0c]"


@pytest.mark.parametrize(
    ("operation", "text", "problem"),
    [
        ("fly", "GET /v1/fly", "is not a call"),
        ("credit", "/v1/invoice/credit", "METHOD /path"),
        ("credit", "PATCH /v1/invoice/credit", "METHOD /path"),
        ("credit", "POST v1/invoice/credit", "METHOD /path"),
        ("credit", "POST /v1/invoice/credit?x=1", "METHOD /path"),
        ("credit", "POST /v1/invoice/{credit}", "may hold {action}"),
        ("pause", "PUT /v1/invoice/pause", "must hold {action}"),
        ("pause", "PUT /v1/invoice/{action", "unbalanced"),
    ],
)
def test_a_path_that_is_wrong_is_explained(operation: str, text: str, problem: str):
    with pytest.raises(InvalidBillectaApiConfig) as raised:
        BillectaClient(URL, GOOD, paths={operation: text})
    assert raised.value.params["setting"] == f"BILLECTA_PATHS[{operation}]"
    assert problem in raised.value.params["problem"]
