"""What a mapping is: which Billecta field goes with which Lime field, in which direction, and who owns it.

A mapping is a value. It is read from JSON (`data/default-mappings.json` shows the shape), kept in versions elsewhere, and
applied by `engine`.

A field is written by one side only. A Lime field of an object that is mapped in both directions must be listed under
`both_ways` with its owner. Each side's changes are then carried to the other as they happen, and where the two differ without
anyone knowing which came last (first import, daily comparison) the owner's value stands. The default mapping lists the name,
address, phone and e-mail of a debtor, owned by Lime. When a mapping has no `both_ways` at all, a debtor's fields that go both
ways are owned by Lime.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

_DEFAULT = Path(__file__).parent / "data" / "default-mappings.json"


class Direction(StrEnum):
    """Which way values are carried."""

    TO_BILLECTA = "to_billecta"
    TO_LIME = "to_lime"


class Overwrite(StrEnum):
    """What to do when the target already holds a value."""

    ALWAYS = "always"
    WHEN_EMPTY = "when_empty"


class Owner(StrEnum):
    """Whose value stands when both sides write a field and they differ."""

    LIME = "lime"
    BILLECTA = "billecta"


@dataclass(frozen=True)
class Pair:
    """One row of a mapping."""

    billecta_field: str
    lime_field: str
    overwrite: Overwrite = Overwrite.ALWAYS


Pairs = Mapping[tuple[Direction, str], tuple[Pair, ...]]


@dataclass(frozen=True)
class MappingSpec:
    """A whole mapping. Objects are named as in `catalogue.OBJECTS`; `links` are the Lime fields that tie records together."""

    limetypes: Mapping[str, str]
    links: Mapping[str, Mapping[str, str]]
    order_status_keys: tuple[str, ...]
    pairs: Pairs
    required: Mapping[str, tuple[str, ...]]
    both_ways: Mapping[str, Mapping[str, Owner]] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: object) -> MappingSpec:
        """The mapping in `data` (shape of the default mapping). Raises ValidationFailed with every row that cannot be read."""
        from integration.mapping.spec_json import read_spec

        return read_spec(data)

    def to_dict(self) -> dict[str, Any]:
        """The mapping as JSON, in the shape that `from_dict` reads."""
        from integration.mapping.spec_json import write_spec

        return write_spec(self)

    def pairs_of(self, direction: Direction, object_name: str) -> tuple[Pair, ...]:
        """Rows of one object in one direction, in their order; none when it is not mapped."""
        return self.pairs.get((direction, object_name), ())

    def lime_field(self, direction: Direction, object_name: str, billecta_field: str) -> str | None:
        """The Lime field that a Billecta field goes with, or None."""
        pairs = self.pairs_of(direction, object_name)
        return next((pair.lime_field for pair in pairs if pair.billecta_field == billecta_field), None)

    def limetype(self, object_name: str) -> str:
        """The limetype that holds an object in this Lime solution; the object's own name when nothing else is said."""
        return self.limetypes.get(object_name, object_name)

    def link(self, object_name: str, role: str) -> str | None:
        """The Lime field of an object that plays a role (`billecta_id`, `creditor`, `status`, …), or None."""
        return self.links.get(object_name, {}).get(role)

    def owner(self, object_name: str, lime_field: str) -> Owner:
        """Whose value stands for a Lime field: the listed owner, else the side it comes from; Lime for one not mapped."""
        listed = self.both_ways.get(object_name, {}).get(lime_field)
        if listed is not None:
            return listed
        from_billecta = any(pair.lime_field == lime_field for pair in self.pairs_of(Direction.TO_LIME, object_name))
        from_lime = any(pair.lime_field == lime_field for pair in self.pairs_of(Direction.TO_BILLECTA, object_name))
        return Owner.BILLECTA if from_billecta and not from_lime else Owner.LIME

    def fields_both_ways(self, object_name: str) -> tuple[str, ...]:
        """Lime fields of an object that rows of both directions write or read, in the order they come from Billecta."""
        sent = {pair.lime_field for pair in self.pairs_of(Direction.TO_BILLECTA, object_name)}
        return tuple(pair.lime_field for pair in self.pairs_of(Direction.TO_LIME, object_name) if pair.lime_field in sent)


@cache
def default_mapping() -> MappingSpec:
    """The mapping of the default Lime solution."""
    return MappingSpec.from_dict(json.loads(_DEFAULT.read_text(encoding="utf-8")))
