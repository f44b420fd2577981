"""The default mapping fits the default Lime solution, as the sandbox holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from integration.mapping.lime_schema import LimeProperty, LimeSchema
from integration.mapping.spec import Direction, MappingSpec
from integration.mapping.spec_checks import check_against_lime

SOLUTION = Path(__file__).parents[2] / "integration" / "sandbox" / "lime" / "schemas" / "default.json"


def _solution() -> LimeSchema:
    limetypes = json.loads(SOLUTION.read_text(encoding="utf-8"))["limetypes"]
    return {limetype["name"]: {info["name"]: _property(info) for info in limetype["properties"]} for limetype in limetypes}


def _property(info: dict[str, Any]) -> LimeProperty:
    keys = [option["key"] if isinstance(option, dict) else option for option in info.get("options", [])]
    return {"type": info["type"], "length": info.get("length"), "required": info.get("required", False), "options": keys}


def test_nothing_is_lacking(spec):
    assert check_against_lime(spec, _solution()) == []


def test_a_field_that_the_solution_lacks_is_told(spec):
    solution = {name: dict(properties) for name, properties in _solution().items()}
    del solution["order"]["message"]
    number = 1 + [pair.lime_field for pair in spec.pairs_of(Direction.TO_BILLECTA, "order")].index("message")
    assert [(found.field, found.code) for found in check_against_lime(spec, solution)] == [
        (f"to_billecta.order[{number}]", "lime_property_missing")
    ]


def test_a_renamed_limetype_is_told(spec):
    renamed = MappingSpec(**{**spec.__dict__, "limetypes": {**spec.limetypes, "payment": "receipt"}})
    assert [(found.field, found.code) for found in check_against_lime(renamed, _solution())] == [
        ("to_lime.payment", "lime_type_missing"),
        ("links.payment", "lime_type_missing"),
    ]
