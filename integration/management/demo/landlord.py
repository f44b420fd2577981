"""The landlord's data: read from `landlord.json`, dates counted from today, and put into the Lime sandbox once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from integration.management.demo.systems import Lime

FILE = Path(__file__).with_name("landlord.json")


@dataclass(frozen=True)
class Ending:
    """What becomes of one order: `draft`, `unpaid`, `paid`, `part-paid` (with `ore`) or `credited`."""

    ordernumber: str
    ends: str
    ore: int | None = None


@dataclass(frozen=True)
class Landlord:
    """`objects` are Lime objects in the order they are made, each with `limetype`, `ref` and `values`."""

    objects: list[dict[str, Any]]
    endings: list[Ending]

    @property
    def creditor(self) -> str:
        """The landlord's name, by which it is found in Lime."""
        return str(next(row["values"]["name"] for row in self.objects if row["limetype"] == "creditor"))


def read_landlord(today: date) -> Landlord:
    """The data as of `today` (Stockholm): a value `{"days": n}` in the file becomes the date n days from it."""
    data = json.loads(FILE.read_text("utf-8"))
    objects = [{**row, "values": {name: _dated(value, today) for name, value in row["values"].items()}} for row in data["objects"]]
    return Landlord(objects, [Ending(**row) for row in data["endings"]])


def move_in(landlord: Landlord, lime: Lime) -> bool:
    """Put the landlord into Lime unless it lives there already; returns whether it moved in now. All or nothing."""
    if lime.objects("creditor", "name", landlord.creditor):
        return False
    lime.seed(landlord.objects)
    return True


def _dated(value: Any, today: date) -> Any:
    if isinstance(value, Mapping) and "days" in value:
        return (today + timedelta(days=value["days"])).isoformat()
    return value
