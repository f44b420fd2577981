"""The default mapping, and views and schemas from files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integration.mapping.lime_schema import LimeSchema
from integration.mapping.spec import MappingSpec, default_mapping

FIXTURES = Path(__file__).parent / "fixtures"
DEFAULT = Path(__file__).parents[2] / "integration" / "mapping" / "data" / "default-mappings.json"


@pytest.fixture
def spec() -> MappingSpec:
    return default_mapping()


@pytest.fixture
def default_json() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DEFAULT.read_text(encoding="utf-8"))
    return data


@pytest.fixture
def view() -> Callable[[str], dict[str, Any]]:
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def schema(view) -> LimeSchema:
    solution: LimeSchema = view("lime_schema")
    return solution
