"""What the mapping needs to know of a Lime solution: each limetype's fields with type, length, requirement and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from integration.mapping.spec import MappingSpec


class LimeProperty(TypedDict, total=False):
    """One field of a limetype, as Lime's limetype API describes it; `options` holds keys."""

    type: str
    length: int | None
    required: bool
    options: Sequence[str]


LimeSchema = Mapping[str, Mapping[str, LimeProperty]]

TEXT_TYPES = frozenset({"string", "text", "phone", "link", "xml"})


def property_of(schema: LimeSchema | None, spec: MappingSpec, object_name: str, lime_field: str) -> LimeProperty | None:
    """The field in the Lime solution, or None when the solution lacks it or is not known."""
    return (schema or {}).get(spec.limetype(object_name), {}).get(lime_field)


def lacks(schema: LimeSchema | None, spec: MappingSpec, object_name: str, lime_field: str) -> bool:
    """Whether a known Lime solution has no such field, so that it is left out."""
    return schema is not None and property_of(schema, spec, object_name, lime_field) is None


def option_key(info: LimeProperty, name: str) -> str | None:
    """The solution's own spelling of the option that equals `name` without regard to case, or None."""
    return next((key for key in info.get("options", ()) if key.casefold() == name.casefold()), None)
