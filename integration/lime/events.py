"""What one of Lime's webhooks says: which event, about which object, and which properties changed (reference section 11.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"[\w.:\-]{1,100}", re.ASCII)
NEW, UPDATE, DELETE, RESTORE = "new", "update", "delete", "restore"


@dataclass(frozen=True)
class LimeEvent:
    """One event. All of it is a hint: the object is read from Lime before anything follows from it.

    Args:
        name: as Lime sent it, `{limetype}.{action}`; empty when there was none.
        lime_id: of the object, None when it was not named.
        values: the current values by property, as the query API shows them; empty for a deleted object.
        original_values: the old values of the properties that an update changed; None for all other events.
    """

    name: str
    lime_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    original_values: Mapping[str, Any] | None = None

    @property
    def limetype(self) -> str:
        """The limetype that the name begins with; empty when the name is not of this form."""
        return self.name.rpartition(".")[0]

    @property
    def action(self) -> str:
        """What happened: `new`, `update`, `delete`, `restore`, or a word that Lime added later."""
        return self.name.rpartition(".")[2] if self.limetype else ""

    def ids_of(self, relation: str) -> set[int]:
        """The objects that a relation points at now and pointed at before the change."""
        both = (self.values.get(relation), (self.original_values or {}).get(relation))
        return {found for found in map(_whole_number, both) if found is not None}


def read_event(data: Mapping[str, Any]) -> LimeEvent:
    """The event in a delivery's JSON; what is missing or of another shape is left out, nothing is raised."""
    name, body = data.get("event"), data.get("body")
    if not isinstance(body, Mapping):
        body = {}
    return LimeEvent(
        name=name if isinstance(name, str) and _NAME.fullmatch(name) else "",
        lime_id=_whole_number(body.get("id")),
        values=_mapping(body.get("values")) or {},
        original_values=_mapping(body.get("original_values")),
    )


def _mapping(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _whole_number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None
