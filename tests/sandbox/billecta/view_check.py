"""Checks an answer against models.json on its own: every property there, of the right type, nothing else."""

import base64
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

from tests.sandbox.billecta.api import DATA

MODELS = json.loads((DATA / "models.json").read_text("utf-8"))
WIRE_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d")
PYTHON_TYPES: dict[str, Any] = {"boolean": bool, "integer": int, "number": (int, float), "string": str, "enum": str}


def problems(view: str, value: Any, where: str = "") -> Iterator[str]:
    """What is wrong with `value` as an answer of the view; nothing when it is right. A list view is a bare array."""
    where = where or view
    if view in MODELS["lists"]:
        if not isinstance(value, list):
            yield f"{where} is no array"
            return
        for index, item in enumerate(value):
            yield from _value(MODELS["lists"][view]["items"], item, f"{where}[{index}]")
        return
    model = MODELS["models"][view]
    if set(value) != set(model):
        yield f"{where} lacks {set(model) - set(value)} or has too much: {set(value) - set(model)}"
    for name in set(model) & set(value):
        yield from _value(model[name], value[name], f"{where}.{name}")


def _value(spec: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if value is None:
        if not spec.get("nullable"):
            yield f"{where} is null"
    elif spec["type"] == "object":
        yield from problems(spec["ref"], value, where)
    elif spec["type"] == "array":
        for index, item in enumerate(value):
            yield from _value(spec["items"], item, f"{where}[{index}]")
    elif not isinstance(value, PYTHON_TYPES[spec["type"]]) or (isinstance(value, bool) and spec["type"] != "boolean"):
        yield f"{where} is {value!r}"
    elif spec["type"] == "enum":
        if value not in MODELS["enums"][spec["enum"]]:
            yield f"{where} is no {spec['enum']}: {value}"
    elif spec["type"] == "string":
        yield from _text(spec.get("format"), value, where)


def _text(text_format: str | None, value: str, where: str) -> Iterator[str]:
    if text_format == "date-time" and not WIRE_DATE.fullmatch(value):
        yield f"{where} is no date: {value}"
    if text_format == "guid" and str(uuid.UUID(value)) != value:
        yield f"{where} is no guid: {value}"
    if text_format == "byte":
        base64.b64decode(value, validate=True)
