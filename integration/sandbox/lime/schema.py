"""The limetypes of one Lime solution, loaded from a schema file and checked: properties, options and relations."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

TEXT_TYPES = frozenset({"string", "text", "phone", "link", "xml"})
NUMBER_TYPES = frozenset({"integer", "decimal", "percent"})
PROPERTY_TYPES = TEXT_TYPES | NUMBER_TYPES | {"time", "date", "yesno", "user", "option", "file", "belongsto", "hasmany"}

SYSTEM_TYPES: Mapping[str, str] = {
    "id": "integer",
    "timestamp": "time",
    "createdtime": "time",
    "createduser": "user",
    "updateduser": "user",
    "descriptive": "string",
}
"""What every object has beside its properties; the limeobject API puts an underscore before the name, webhooks do not."""

FIRST_OPTION_ID = 210001


@dataclass(frozen=True)
class Option:
    """One choice of an option property. An empty key means that none was configured; its id stands in for it."""

    id: int
    key: str
    text: str
    inactive: bool = False

    @property
    def name(self) -> str:
        """What the APIs call this option: its key, or its id as text."""
        return self.key or str(self.id)


@dataclass(frozen=True)
class Property:
    """One property of a limetype. `options` starts with the one that means "unset"; `related` is the limetype at the other end."""

    name: str
    localname: str
    type: str
    length: int | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    related: str = ""
    inverse: str = ""
    """For hasmany: the belongsto property of `related` that points back."""

    by_name: Mapping[str, Option] = field(default_factory=dict, compare=False)
    by_id: Mapping[int, Option] = field(default_factory=dict, compare=False)

    @property
    def is_text(self) -> bool:
        """Whether the value is text, which is never null."""
        return self.type in TEXT_TYPES

    @property
    def empty(self) -> object:
        """The stored value of a property that nobody has set."""
        if self.is_text:
            return ""
        if self.type in NUMBER_TYPES:
            return 0
        if self.type == "yesno":
            return False
        return self.options[0].id if self.type == "option" else None


@dataclass(frozen=True)
class Limetype:
    """One limetype; `properties` in the order of the file, `descriptive` names the property that stands for an object."""

    name: str
    singular: str
    plural: str
    descriptive: str
    properties: Mapping[str, Property]

    @property
    def inline(self) -> list[Property]:
        """The properties whose values an object carries: all but hasmany."""
        return [prop for prop in self.properties.values() if prop.type != "hasmany"]


@dataclass(frozen=True)
class Schema:
    """All limetypes of a solution, by name."""

    limetypes: Mapping[str, Limetype]

    @classmethod
    def load(cls, path: Path) -> "Schema":
        """Read a schema file. Raises ValueError naming what is wrong in it."""
        try:
            data = json.loads(path.read_text("utf-8"))
            ids = count(FIRST_OPTION_ID)
            types = [_limetype(row, ids) for row in data["limetypes"]]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name} is not a schema: {error!r}") from error
        schema = cls({limetype.name: limetype for limetype in types})
        if problems := list(schema.problems()):
            raise ValueError(f"{path.name}: {'; '.join(problems)}")
        return schema

    def problems(self) -> Iterator[str]:
        """What does not fit together, one text each."""
        for limetype in self.limetypes.values():
            if limetype.descriptive not in limetype.properties:
                yield f"{limetype.name}: no property {limetype.descriptive!r} to describe it"
            for prop in limetype.properties.values():
                if problem := self._problem(limetype, prop):
                    yield f"{limetype.name}.{prop.name}: {problem}"

    def _problem(self, limetype: Limetype, prop: Property) -> str:
        if prop.type not in PROPERTY_TYPES:
            return f"no property type {prop.type!r}"
        if prop.name in SYSTEM_TYPES or prop.name.startswith("_"):
            return "the name belongs to the system"
        if prop.type not in {"belongsto", "hasmany"}:
            return ""
        related = self.limetypes.get(prop.related)
        if related is None:
            return f"no limetype {prop.related!r}"
        if prop.type == "belongsto":
            return ""
        back = related.properties.get(prop.inverse)
        return "" if back and back.type == "belongsto" and back.related == limetype.name else f"{prop.related} has no {prop.inverse!r} back"


def _limetype(row: dict[str, Any], ids: Iterator[int]) -> Limetype:
    properties = {prop["name"]: _property(prop, ids) for prop in row["properties"]}
    if len(properties) != len(row["properties"]):
        raise ValueError(f"{row['name']} has a property twice")
    return Limetype(row["name"], row["singular"], row["plural"], row["descriptive"], properties)


def _property(row: dict[str, Any], ids: Iterator[int]) -> Property:
    options = _options(row["options"], ids) if row["type"] == "option" else ()
    relation = row.get("relation", {})
    return Property(
        name=row["name"],
        localname=row["localname"],
        type=row["type"],
        length=row.get("length"),
        required=row.get("required", False),
        options=options,
        related=relation.get("limetype", ""),
        inverse=relation.get("property", ""),
        by_name={option.name: option for option in options},
        by_id={option.id: option for option in options},
    )


def _options(rows: list[dict[str, Any]], ids: Iterator[int]) -> tuple[Option, ...]:
    """The choices, after the unset one, whose key is `empty` where the others have keys and missing where they have none."""
    unset = Option(next(ids), "empty" if any(row.get("key") for row in rows) else "", "")
    return (unset, *(Option(next(ids), row.get("key", ""), row["text"], row.get("inactive", False)) for row in rows))
