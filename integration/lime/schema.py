"""What a Lime solution looks like: its limetypes and their properties, read from Lime's own metadata, since every solution differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integration.errors import RemoteUnavailable

SYSTEM = "Lime"
EMPTY_KEY = "empty"
"""The key of an option field that is not set."""


class PropertyType(StrEnum):
    """What a property holds. `UNKNOWN` stands for types that Lime added later."""

    STRING = "string"
    TEXT = "text"
    PHONE = "phone"
    LINK = "link"
    XML = "xml"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    YESNO = "yesno"
    USER = "user"
    OPTION = "option"
    SET = "set"
    FILE = "file"
    HAS_ONE = "hasone"
    HAS_MANY = "hasmany"
    BELONGS_TO = "belongsto"
    HAS_AND_BELONGS_TO_MANY = "hasandbelongstomany"
    SYSTEM = "system"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> PropertyType:  # noqa: ARG003
        return cls.UNKNOWN

    @property
    def is_textual(self) -> bool:
        """Whether it is cleared with "" and refuses null."""
        return self in {PropertyType.STRING, PropertyType.TEXT, PropertyType.PHONE, PropertyType.LINK, PropertyType.XML}


@dataclass(frozen=True)
class LimeOption:
    """One choice of an option property; an inactive one is read but never written."""

    key: str
    text: str
    inactive: bool = False


@dataclass(frozen=True)
class LimeProperty:
    """One property of a limetype. `length` is in characters, None when there is no limit; `computed` ones are read-only."""

    name: str
    label: str
    type: PropertyType
    length: int | None = None
    required: bool = False
    options: tuple[LimeOption, ...] = ()
    related_type: str | None = None
    computed: bool = False

    def option(self, key: str) -> LimeOption | None:
        """The option with this key, without regard to case."""
        return next((option for option in self.options if option.key.lower() == key.lower()), None)


@dataclass(frozen=True)
class Limetype:
    """One kind of object."""

    name: str
    label: str
    properties: Mapping[str, LimeProperty] = field(default_factory=dict)

    def missing(self, names: Iterable[str]) -> list[str]:
        """Which of the names are not properties here, in their order. Lime's own, that begin with `_`, always are."""
        return [name for name in names if name not in self.properties and not name.startswith("_")]


@dataclass(frozen=True)
class LimeSchema:
    """All limetypes that the portal's user may see, by name."""

    limetypes: Mapping[str, Limetype]

    def missing(self, names: Iterable[str]) -> list[str]:
        """Which of the names are not limetypes here, in their order."""
        return [name for name in names if name not in self.limetypes]


def read_schema(data: Any) -> LimeSchema:
    """Reads `GET limetype/?_embed=limetypes.properties`. Raises RemoteUnavailable when it is not that."""
    return LimeSchema({limetype.name: limetype for limetype in (read_limetype(item) for item in _embedded(data, "limetypes"))})


def read_limetype(data: Any) -> Limetype:
    """Reads `GET limetype/{name}/?_embed=properties`. Raises RemoteUnavailable when it is not that."""
    name = _name(data, "a limetype")
    properties = (read_property(item) for item in _embedded(data, "properties"))
    return Limetype(name, _label(data.get("localname"), name), {one.name: one for one in properties})


def read_property(data: Any) -> LimeProperty:
    """Reads `GET limetype/{name}/{property}/`. Raises RemoteUnavailable when it is not that."""
    name = _name(data, "a property")
    length = data.get("length")
    return LimeProperty(
        name=name,
        label=_label(data.get("localname"), name),
        type=PropertyType(str(data.get("type", "")).lower()),
        length=length if isinstance(length, int) and length > 0 else None,
        required=bool(data.get("required")),
        options=tuple(_option(item) for item in _embedded(data, "options") if isinstance(item, dict)),
        related_type=_related_type(data),
        computed=bool(data.get("has_sql")),
    )


def _embedded(data: Any, name: str) -> list[Any]:
    """The list `name` of a HAL object, embedded or not; a mapping by name is read as a list."""
    if not isinstance(data, dict):
        raise RemoteUnavailable(system=SYSTEM, detail=f"unreadable answer, its {name} are not in an object")
    found = (data.get("_embedded") or {}).get(name, data.get(name))
    return list(found.values()) if isinstance(found, dict) else found or []


def _name(data: Any, what: str) -> str:
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name:
        raise RemoteUnavailable(system=SYSTEM, detail=f"unreadable answer, {what} has no name")
    return name


def _label(localname: Any, name: str) -> str:
    if isinstance(localname, dict):
        localname = localname.get("singular")
    return str(localname or name)


def _option(data: dict[str, Any]) -> LimeOption:
    """An option that was given no key is known by its id as text."""
    return LimeOption(str(data.get("key") or data.get("id") or ""), str(data.get("text", "")), bool(data.get("inactive")))


def _related_type(data: dict[str, Any]) -> str | None:
    link = (data.get("_links") or {}).get("related_type") or {}
    return str(link["name"]) if link.get("name") else None
