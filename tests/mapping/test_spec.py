"""Mappings as values: reading, writing, and what makes no sense."""

from __future__ import annotations

import pytest

from integration.errors import ValidationFailed
from integration.mapping.problems import TEXTS, problem
from integration.mapping.spec import Direction, MappingSpec, Overwrite, Owner, Pair
from integration.mapping.spec_checks import check_against_lime, check_spec, mappable_fields


def _refused(data) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refusal:
        MappingSpec.from_dict(data)
    return {found.field: found.code for found in refusal.value.problems}


def _codes(problems) -> dict[str, str]:
    return {found.field: found.code for found in problems}


def test_the_default_mapping_makes_sense(spec):
    assert check_spec(spec) == []


def test_a_mapping_survives_json(spec, default_json):
    written = spec.to_dict()
    assert MappingSpec.from_dict(written) == spec
    assert written == {key: value for key, value in default_json.items() if not key.startswith("_")}


def test_a_row_may_be_a_list_or_an_object(default_json):
    default_json["to_billecta"]["article"] = [
        ["Description", "description", {"overwrite": "when_empty"}],
        {"billecta_field": "ArticleNumber", "lime_field": "articlenumber"},
        {"billecta_field": "Units", "lime_field": "unit", "overwrite": "when_empty"},
    ]
    assert MappingSpec.from_dict(default_json).pairs_of(Direction.TO_BILLECTA, "article") == (
        Pair("Description", "description", Overwrite.WHEN_EMPTY),
        Pair("ArticleNumber", "articlenumber"),
        Pair("Units", "unit", Overwrite.WHEN_EMPTY),
    )


def test_all_that_cannot_be_read_is_told_at_once_by_row(default_json):
    default_json["to_billecta"]["debtor"][2] = ["Name"]
    default_json["to_lime"]["invoice"][0] = ["InvoiceNumber", "invoicenumber", {"overwrite": "sometimes"}]
    default_json["both_ways"]["debtor"]["name"] = "nobody"
    default_json["limetypes"]["order"] = 7
    default_json["links"] = []
    default_json["to_billeta"] = {}
    assert _refused(default_json) == {
        "to_billecta.debtor[3]": "not_a_pair",
        "to_lime.invoice[1].overwrite": "unknown_overwrite",
        "both_ways.debtor.name": "unknown_owner",
        "limetypes.order": "not_a_name",
        "links": "not_an_object",
        "to_billeta": "unknown_part",
    }


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_what_is_no_mapping_at_all_is_refused(data):
    assert _refused(data) == {"mapping": "not_an_object"}


def test_rows_that_make_no_sense_are_named(default_json):
    default_json["to_billecta"] |= {
        "debtor": [["Nmae", "name"], ["DebtorPublicId", "billectaid"], ["Email", "email"], ["Email", "email2"]],
        "invoice": [["DueDate", "duedate"]],
        "quote": [["Name", "name"]],
    }
    default_json["to_lime"]["order"] = [["InvoiceSendDateOverride", "senddate"], ["DueDate", "duedate"]]
    default_json["order_status_keys"] = [*default_json["order_status_keys"][1:], "odd"]
    assert _codes(check_spec(MappingSpec.from_dict(default_json))) == {
        "to_billecta.debtor[1]": "unknown_field",
        "to_billecta.debtor[2]": "not_writable",
        "to_billecta.debtor[4]": "mapped_twice",
        "to_billecta.invoice[1]": "not_writable",
        "to_billecta.quote[1]": "unknown_object",
        "to_lime.order[1]": "not_readable",
        "to_lime.order[2]": "written_by_both",
        "to_lime.invoice[3]": "written_by_both",
        "required_to_billecta.debtor[1]": "required_not_mapped",
        "limetypes.quote": "limetype_not_named",
        "order_status_keys": "status_missing",
        "order_status_keys[12]": "status_unknown",
    }


def test_a_field_that_goes_both_ways_must_be_listed(default_json):
    default_json["both_ways"] = {"debtor": {"name": "billecta"}}
    spec = MappingSpec.from_dict(default_json)
    assert set(_codes(check_spec(spec)).values()) == {"written_by_both"}
    assert "to_lime.debtor[1]" not in _codes(check_spec(spec))
    assert spec.owner("debtor", "name") is Owner.BILLECTA


def test_without_a_list_a_debtor_is_owned_by_lime(default_json):
    del default_json["both_ways"]
    spec = MappingSpec.from_dict(default_json)
    assert check_spec(spec) == []
    assert set(spec.both_ways["debtor"].values()) == {Owner.LIME}


def test_a_field_of_one_direction_is_owned_by_where_it_comes_from(spec):
    assert spec.owner("invoice", "balance") is Owner.BILLECTA
    assert spec.owner("order", "duedate") is Owner.LIME
    assert spec.owner("debtor", "nowhere") is Owner.LIME


def test_names_and_links_are_looked_up(spec):
    assert spec.lime_field(Direction.TO_BILLECTA, "order", "DueDate") == "duedate"
    assert spec.lime_field(Direction.TO_LIME, "order", "DueDate") is None
    assert spec.link("order", "status") == "billectastatus"
    assert spec.link("order", "nothing") is None
    assert spec.limetype("unheard") == "unheard"


def test_what_a_lime_solution_lacks_is_told(spec, schema):
    found = _codes(check_against_lime(spec, schema))
    assert found["to_billecta.debtor"] == "lime_type_missing"
    assert found["to_lime.invoice[5]"] == "lime_property_missing"
    assert found["to_lime.invoice[6]"] == "lime_type_unfit"
    assert found["to_lime.invoice[10]"] == "lime_options_missing"
    assert found["to_lime.invoice"] == "lime_required_unmapped"
    assert found["links.creditor"] == "lime_type_missing"
    assert "to_lime.invoice[1]" not in found
    assert "to_lime.invoice[3]" not in found


def test_choices_for_a_row_depend_on_its_direction():
    outward = {field.name for field in mappable_fields("order", Direction.TO_BILLECTA)}
    inward = {field.name for field in mappable_fields("order", Direction.TO_LIME)}
    assert "InvoiceSendDateOverride" in outward - inward
    assert "State.Stage" in inward - outward


@pytest.mark.parametrize("code", TEXTS)
def test_every_text_takes_what_it_is_given(code):
    params = dict.fromkeys(("value", "target", "allowed", "rounded", "length", "limit", "type", "object", "missing"), "X")
    assert "to_lime.x" in problem(code, "to_lime.x", **params).message
