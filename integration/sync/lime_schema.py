"""What the connected Lime solution looks like, read once in a while: for reading and writing values, and for the mapping."""

from __future__ import annotations

import time
from threading import Lock

from integration.lime.schema import LimeSchema, Limetype, PropertyType
from integration.mapping import lime_schema as mapping_schema
from integration.sync.systems import lime

KEPT_SECONDS = 600.0
_lock = Lock()
_read: tuple[float, LimeSchema, mapping_schema.LimeSchema] | None = None


def limetypes() -> LimeSchema:
    """The solution's limetypes; read from Lime at most every ten minutes by each process."""
    return _current()[1]


def lime_schema() -> mapping_schema.LimeSchema:
    """The same, in the shape that the mapping takes."""
    return _current()[2]


def limetype(name: str) -> Limetype:
    """One limetype; without properties when the solution has none of that name."""
    return limetypes().limetypes.get(name) or Limetype(name, name)


def forget() -> None:
    """Read the solution anew at the next use, after someone has changed it."""
    global _read  # noqa: PLW0603  one cache for each process
    _read = None


def _current() -> tuple[float, LimeSchema, mapping_schema.LimeSchema]:
    global _read  # noqa: PLW0603
    known = _read
    if known is None or time.monotonic() - known[0] > KEPT_SECONDS:
        with _lock:
            schema = lime().limetypes()
            known = _read = (time.monotonic(), schema, _for_mapping(schema))
    return known


def _for_mapping(schema: LimeSchema) -> mapping_schema.LimeSchema:
    return {
        name: {
            field.name: _property(field.type, field.length, field.required, [o.key for o in field.options if not o.inactive])
            for field in kind.properties.values()
        }
        for name, kind in schema.limetypes.items()
    }


def _property(kind: PropertyType, length: int | None, required: bool, options: list[str]) -> mapping_schema.LimeProperty:
    return {"type": str(kind), "length": length, "required": required, "options": options}
