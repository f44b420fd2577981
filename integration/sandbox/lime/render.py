"""Objects as the APIs show them: HAL in the limeobject API, bare values in webhooks."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from integration.sandbox.lime.moments import show_moment
from integration.sandbox.lime.records import Record, system_value
from integration.sandbox.lime.schema import SYSTEM_TYPES, Limetype, Schema
from integration.sandbox.lime.values import show, show_in_object


def api_root(origin: str, database: str) -> str:
    """The absolute address of a database's API, percent-encoded, with a closing slash."""
    return f"{origin}/{quote(database)}/api/v1/"


def show_system(limetype: Limetype, record: Record, name: str) -> Any:
    """A system property, named without its underscore, as all APIs show it."""
    value = system_value(limetype, record, name)
    return show_moment(value) if SYSTEM_TYPES[name] == "time" else value


def hal_object(schema: Schema, record: Record, root: str) -> dict[str, Any]:
    """An object as the limeobject API shows it; `root` comes from `api_root`."""
    limetype = schema.limetypes[record.limetype]
    shown = {prop.name: show_in_object(prop, record.values[prop.name]) for prop in limetype.inline}
    for name in SYSTEM_TYPES:
        shown[f"_{name}"] = show_system(limetype, record, name)
    shown["_links"] = _links(limetype, record, root)
    return shown


def _links(limetype: Limetype, record: Record, root: str) -> dict[str, Any]:
    own = f"{root}limeobject/{limetype.name}/{record.id}/"
    links: dict[str, Any] = {
        "self": {"href": own},
        "limetype": {"href": f"{root}limetype/{limetype.name}/", "name": limetype.name},
    }
    for prop in limetype.properties.values():
        if prop.type in {"belongsto", "hasmany"}:
            links[f"relation_{prop.name}"] = {"href": f"{own}{prop.name}/", "name": prop.name}
        if prop.type == "hasmany":
            links[f"new_{prop.name}"] = {"href": f"{own}{prop.name}/new/"}
    return links


def event_values(limetype: Limetype, record: Record) -> dict[str, Any]:
    """All current values as a webhook carries them; system properties have no underscore there."""
    shown = {prop.name: show(prop, record.values[prop.name]) for prop in limetype.inline}
    for name in SYSTEM_TYPES:
        if name != "descriptive":
            shown[name] = show_system(limetype, record, name)
    return shown


def original_values(limetype: Limetype, original: Mapping[str, Any]) -> dict[str, Any]:
    """The old values of what an update changed, as a webhook carries them."""
    return {name: show(limetype.properties[name], value) for name, value in original.items()}
