"""Settings that are wrong are told by name, with an example, and without telling the key."""

import pytest

from integration.errors import InvalidLimeApiConfig
from integration.lime.client import LimeClient
from integration.lime.configuration import checked_base_url


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://acme.lime-crm.com/acme", "https://acme.lime-crm.com/acme"),
        ("https://acme.lime-crm.com/acme/", "https://acme.lime-crm.com/acme"),
        ("https://crm.example.se/Lime CRM", "https://crm.example.se/Lime%20CRM"),
        ("https://crm.example.se/Lime%20CRM/", "https://crm.example.se/Lime%20CRM"),
        ("http://127.0.0.1:8102/hyror & lån", "http://127.0.0.1:8102/hyror%20%26%20l%C3%A5n"),
        ("https://api.example.se/api", "https://api.example.se/api"),
    ],
)
def test_an_address_with_its_database(given: str, used: str):
    assert checked_base_url(given) == used


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.lime-crm.com/acme",
        "https://acme.lime-crm.com",
        "https://acme.lime-crm.com/",
        "https://a.se/acme/api/v1/",
        "https://a.se/acme?x=1",
        "https://u:p@a.se/acme",
        "https://[/acme",
    ],
)
def test_an_address_that_is_wrong_is_explained(url: str):
    with pytest.raises(InvalidLimeApiConfig) as raised:
        LimeClient(url, "key")
    assert raised.value.params["setting"] == "LIME_BASE_URL"
    assert raised.value.params["problem"]
    assert "https://acme.lime-crm.com/acme" in str(raised.value)


@pytest.mark.parametrize("key", ["", " ", "nyckel med blanksteg", "rad\nbrytning", "nyckelö"])
def test_a_key_that_is_wrong_is_explained(key: str):
    with pytest.raises(InvalidLimeApiConfig) as raised:
        LimeClient("https://acme.lime-crm.com/acme", key)
    assert raised.value.params["setting"] == "LIME_API_KEY"
    assert not key.strip() or key not in str(raised.value)
