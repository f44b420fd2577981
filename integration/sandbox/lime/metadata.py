"""The limetype API: limetypes, properties and options as a tenant's schema describes itself."""

from typing import Any

from integration.sandbox.lime.schema import Limetype, Option, Property


def show_limetype(limetype: Limetype, root: str, *, with_properties: bool) -> dict[str, Any]:
    """One limetype, with its properties embedded when asked for."""
    shown: dict[str, Any] = {
        "name": limetype.name,
        "localname": {"singular": limetype.singular, "plural": limetype.plural},
        "_links": {"self": {"href": f"{root}limetype/{limetype.name}/"}},
    }
    if with_properties:
        shown["_embedded"] = {"properties": [show_property(limetype, prop, root) for prop in limetype.properties.values()]}
    return shown


def show_property(limetype: Limetype, prop: Property, root: str) -> dict[str, Any]:
    """One property; `length` for text with a limit, `options` for options, a link to the related limetype for relations."""
    links: dict[str, Any] = {"self": {"href": f"{root}limetype/{limetype.name}/{prop.name}/"}}
    if prop.related:
        links["related_type"] = {"href": f"{root}limetype/{prop.related}/", "name": prop.related}
    shown: dict[str, Any] = {
        "name": prop.name,
        "localname": prop.localname,
        "type": prop.type,
        "required": prop.required,
        "_links": links,
    }
    if prop.length is not None:
        shown["length"] = prop.length
    if prop.type == "option":
        shown["options"] = [_option(option, order) for order, option in enumerate(prop.options)]
    return shown


def _option(option: Option, order: int) -> dict[str, Any]:
    return {"id": option.id, "key": option.name, "text": option.text, "inactive": option.inactive, "order": order}
