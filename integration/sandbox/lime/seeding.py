"""Filling Lime with objects that refer to each other: all of them, or none."""

from collections.abc import Mapping
from typing import Any

from integration.sandbox.base import Refusal
from integration.sandbox.lime.crm import Change
from integration.sandbox.lime.records import Record
from integration.sandbox.lime.sandbox import LimeSandbox
from integration.sandbox.lime.users import ADMIN


def seed(sandbox: LimeSandbox, data: Mapping[str, Any]) -> dict[str, int]:
    """Create `objects` in order and return the ids by their `ref`. Raises Refusal (400) and leaves nothing behind.

    Each has `limetype`, `values` and perhaps `ref`; a relation's value is an id or `{"ref": …}` of an earlier object. They are journalled
    and saved, and subscribers hear of them only when `events` is true.
    """
    rows = data.get("objects")
    if not isinstance(rows, list):
        raise Refusal(400, "objects must be a list")
    ids: dict[str, int] = {}
    created: list[Record] = []
    try:
        for row in rows:
            record = _insert(sandbox, row, ids)
            created.append(record)
            if row.get("ref"):
                ids[str(row["ref"])] = record.id
    except Refusal as refusal:
        for record in created:
            sandbox.tables[record.limetype].take(record.id)
        raise Refusal(400, f"objects[{len(created)}]: {refusal.message}") from None
    for record in created:
        sandbox.record(Change("new", record), tell=data.get("events") is True)
    return ids


def _insert(sandbox: LimeSandbox, row: object, ids: Mapping[str, int]) -> Record:
    if not isinstance(row, dict) or not isinstance(row.get("limetype"), str) or not isinstance(row.get("values"), dict):
        raise Refusal(400, "An object has a limetype and values")
    values = {name: _referred(value, ids) for name, value in row["values"].items()}
    return sandbox.crm.insert(row["limetype"], values, ADMIN.id)


def _referred(value: object, ids: Mapping[str, int]) -> object:
    if not isinstance(value, dict) or "ref" not in value:
        return value
    if value["ref"] not in ids:
        raise Refusal(400, f"No earlier object has the ref {value['ref']!r}")
    return ids[value["ref"]]
