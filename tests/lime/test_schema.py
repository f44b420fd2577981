"""A solution's own description of itself is read, whatever it holds."""

import json
from pathlib import Path

import pytest

from integration.errors import RemoteUnavailable
from integration.lime.schema import PropertyType, read_limetype, read_property, read_schema

LIMETYPES = json.loads((Path(__file__).parent / "payloads" / "limetypes.json").read_text())


def test_limetypes_and_properties():
    schema = read_schema(LIMETYPES)
    invoice = schema.limetypes["invoice"]
    assert (invoice.label, schema.limetypes["debtor"].properties) == ("Faktura", {})
    number = invoice.properties["invoicenumber"]
    assert (number.type, number.length, number.required, number.label) == (PropertyType.STRING, 32, True, "Fakturanr")
    assert invoice.properties["debtor"].related_type == "debtor"
    assert invoice.properties["age"].computed
    assert invoice.properties["hologram"].type is PropertyType.UNKNOWN


def test_options():
    status = read_schema(LIMETYPES).limetypes["invoice"].properties["status"]
    found = status.option("unpaid")
    assert found is not None
    assert (found.key, found.text, found.inactive) == ("Unpaid", "Obetald", False)
    assert status.option("OLD") in [option for option in status.options if option.inactive]
    assert status.option("nothing") is None


def test_an_option_without_a_key_is_known_by_its_id():
    assert read_schema(LIMETYPES).limetypes["invoice"].properties["stage"].options[0].key == "210301"


def test_what_is_missing():
    schema = read_schema(LIMETYPES)
    assert schema.missing(["invoice", "payment"]) == ["payment"]
    assert schema.limetypes["invoice"].missing(["_id", "amount", "billectaid"]) == ["billectaid"]


def test_one_limetype_and_one_property():
    assert read_limetype({"name": "order", "_embedded": {"properties": {"a": {"name": "a", "type": "yesno"}}}}).properties["a"].label == "a"
    assert read_property({"name": "a", "type": "Option", "_embedded": {"options": [{"key": "k", "text": "K"}]}}).options[0].key == "k"


@pytest.mark.parametrize("data", [None, [], "x", {"_embedded": {"limetypes": [{}]}}, {"_embedded": {"limetypes": ["x"]}}])
def test_what_is_no_description_is_refused(data: object):
    with pytest.raises(RemoteUnavailable, match="unreadable answer"):
        read_schema(data)
