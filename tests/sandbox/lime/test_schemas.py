"""The two schema files, how they are described over the API, and what makes a schema file malformed."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration.sandbox.lime.app import SCHEMAS
from integration.sandbox.lime.schema import Schema

INTEGRATION = Path(__file__).parents[3] / "integration"

LIMETYPES = {
    "creditor", "debtor", "creditordebtor", "article", "creditorarticle", "order", "orderrow", "invoice", "invoicerow", "payment",
    "coworker", "document", "integration_monitor", "integration_monitor_batch", "integration_monitor_log",
}  # fmt: skip


def load(name: str) -> Schema:
    return Schema.load(SCHEMAS / f"{name}.json")


def data_file(path: str) -> Any:
    return json.loads((INTEGRATION / path).read_text("utf-8"))


@pytest.mark.parametrize("name", ["default", "alternative"])
def test_both_schemas_hold_the_same_limetypes(name):
    assert set(load(name).limetypes) == LIMETYPES


def test_the_default_schema_holds_every_field_of_the_default_mappings():
    mappings = data_file("mapping/data/default-mappings.json")
    limetypes = load("default").limetypes
    named = [(limetype, field) for limetype, links in mappings["links"].items() for field in links.values()]
    for direction in ("to_billecta", "to_lime"):
        named += [(limetype, field) for limetype, pairs in mappings[direction].items() for _, field in pairs]
    assert [(limetype, field) for limetype, field in named if field not in limetypes[limetype].properties] == []
    status = limetypes["order"].properties["billectastatus"]
    assert [option.key for option in status.options] == ["empty", *mappings["order_status_keys"]]
    assert limetypes["order"].properties["billectaerror"].length == 512


@pytest.mark.parametrize(
    ("limetype", "field", "enum"),
    [
        ("order", "deliverymethod", "DeliveryMethodTypeView"),
        ("order", "language", "LanguageTypeView"),
        ("article", "producttype", "ProductTypeView"),
        ("orderrow", "rowtype", "RecordTypeView"),
        ("invoice", "invoicestatus", "InvoiceActionStageTypeView"),
    ],
)
def test_option_keys_of_the_default_schema_are_billectas_names_in_lower_case(limetype, field, enum):
    names = {name.lower() for name in data_file("billecta/data/models.json")["enums"][enum]} - {"unknown"}
    keys = {option.key for option in load("default").limetypes[limetype].properties[field].options} - {"empty", "unknown"}
    assert keys == names


def test_the_alternative_schema_names_things_differently():
    default, alternative = load("default").limetypes, load("alternative").limetypes
    assert "billecta_id" in alternative["order"].properties
    shared = set(default["order"].properties) & set(alternative["order"].properties)
    assert shared == set()
    assert {option.key for option in alternative["order"].properties["billing_status"].options} == {""}


@pytest.mark.parametrize("fixture", ["lime", "alternative"])
def test_limetypes_describe_themselves(fixture, request):
    lime = request.getfixturevalue(fixture)
    types = lime.get("limetype/", _embed="limetypes.properties")["_embedded"]["limetypes"]
    assert {row["name"] for row in types} == LIMETYPES
    assert all(row["_embedded"]["properties"] for row in types)
    assert "_embedded" not in lime.get("limetype/")["_embedded"]["limetypes"][0]


def test_a_limetype_shows_its_properties_when_asked(lime):
    assert "_embedded" not in lime.get("limetype/invoice/")
    invoice = lime.get("limetype/invoice/", _embed="properties")
    assert invoice["localname"] == {"singular": "Faktura", "plural": "Fakturor"}
    properties = {prop["name"]: prop for prop in invoice["_embedded"]["properties"]}
    assert properties["ocr"]["length"] == 32
    assert properties["pdf"]["type"] == "file"
    assert properties["debtor"]["_links"]["related_type"]["name"] == "debtor"
    assert properties["invoicerow"]["type"] == "hasmany"


def test_a_property_shows_its_options(lime):
    prop = lime.get("limetype/order/deliverymethod/")
    assert {option["key"] for option in prop["options"] if option["inactive"]} == {"avy"}
    assert prop["options"][0]["key"] == "empty"
    assert lime.call("GET", "limetype/order/colour/").status_code == 404


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ([{"name": "n", "localname": "N", "type": "colour"}], "no property type 'colour'"),
        ([{"name": "n", "localname": "N", "type": "string"}, {"name": "n", "localname": "N", "type": "text"}], "twice"),
        ([{"name": "timestamp", "localname": "N", "type": "time"}], "belongs to the system"),
        ([{"name": "n", "localname": "N", "type": "belongsto", "relation": {"limetype": "ghost"}}], "no limetype 'ghost'"),
        ([{"name": "n", "localname": "N", "type": "hasmany", "relation": {"limetype": "t", "property": "x"}}], "no 'x' back"),
        ([], "no property 'n'"),
    ],
)
def test_a_malformed_schema_is_refused_with_its_reason(tmp_path, properties, problem):
    path = tmp_path / "schema.json"
    limetype = {"name": "t", "singular": "T", "plural": "Ts", "descriptive": "n", "properties": properties}
    path.write_text(json.dumps({"limetypes": [limetype]}))
    with pytest.raises(ValueError, match=problem):
        Schema.load(path)
