"""Which objects a command is asked for, read from the shapes that Lime sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integration.commands.refusals import SelectionNotSupported, invalid
from integration.commands.table import Command

SHAPES = frozenset({"ids", "context", "filter", "confirm_all", "options", "requested_by"})
LARGEST_ID = 2**63 - 1
LONGEST_NAME = 200


@dataclass(frozen=True)
class CommandRequest:
    """What one caller asks of one command: Lime ids without repeats, options as given, and the Lime user who asked."""

    ids: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    requested_by: Mapping[str, Any] = field(default_factory=dict)


def read_request(command: Command, body: Any) -> CommandRequest:
    """Read a request's body: `ids`, `context` of one object, or nothing where the command needs no selection.

    Raises InvalidRequest naming the field, SelectionNotSupported for a context of many objects.
    """
    if not isinstance(body, dict):
        raise invalid("body", _("The body must be a JSON object."))
    for name in body:
        if name not in SHAPES:
            raise invalid(str(name), _("“%(name)s” is not part of a command. Use: %(known)s.") % {"name": name, "known": _listed(SHAPES)})
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise invalid("options", _("“options” must be a JSON object, not %(value)s.") % {"value": _shown(options)})
    return CommandRequest(_selected(command, body), options, _requester(body.get("requested_by")))


def _selected(command: Command, body: dict[str, Any]) -> tuple[int, ...]:
    if not command.needs_selection:
        return ()
    if "ids" in body and "context" in body:
        raise invalid("ids", _("Name the objects in “ids” or in “context”, not in both."))
    if "ids" in body:
        return _ids(body["ids"])
    if "context" in body:
        return _from_context(command, body)
    raise invalid("ids", _('The command needs objects. Give their Lime ids, for example {"ids": [1001]}.'))


def _ids(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise invalid("ids", _("“ids” must be a list of at least one Lime id, not %(value)s.") % {"value": _shown(value)})
    for item in value:
        if not _is_id(item):
            raise invalid("ids", _("%(value)s is no Lime id: use positive whole numbers.") % {"value": _shown(item)})
    return tuple(dict.fromkeys(value))


def _from_context(command: Command, body: dict[str, Any]) -> tuple[int, ...]:
    context = body["context"]
    if not isinstance(context, dict):
        raise invalid("context", _("“context” must be a JSON object, not %(value)s.") % {"value": _shown(context)})
    if context.get("limetype") != command.limetype:
        raise invalid(
            "context.limetype",
            _("%(value)s does not go with this command, which works on “%(expected)s”.")
            % {"value": _shown(context.get("limetype")), "expected": command.limetype},
        )
    if "id" not in context:
        return _many(body, context)
    if not _is_id(context["id"]):
        raise invalid("context.id", _("%(value)s is no Lime id: use a positive whole number.") % {"value": _shown(context["id"])})
    return (context["id"],)


def _many(body: dict[str, Any], context: dict[str, Any]) -> tuple[int, ...]:
    """A context of many objects: its shape is checked, so that a mistake in it is named, before it is refused."""
    parent, chosen = context.get("parent"), body.get("filter")
    if parent is not None and not (isinstance(parent, dict) and isinstance(parent.get("limetype"), str) and _is_id(parent.get("id"))):
        raise invalid("context.parent", _("“parent” must hold a limetype and an id, not %(value)s.") % {"value": _shown(parent)})
    if chosen is not None and not isinstance(chosen, dict):
        raise invalid("filter", _("“filter” must be one of Lime's filter expressions or null, not %(value)s.") % {"value": _shown(chosen)})
    if chosen is None and body.get("confirm_all") is not True:
        raise invalid("confirm_all", _("Without a filter every object is meant: confirm with “confirm_all”: true."))
    raise SelectionNotSupported


def _requester(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not isinstance(value.get("name", ""), str) or not isinstance(value.get("id", ""), int | str):
        raise invalid(
            "requested_by", _("“requested_by” must hold the id and the name of a Lime user, not %(value)s.") % {"value": _shown(value)}
        )
    return {name: str(value[name])[:LONGEST_NAME] for name in ("id", "name") if name in value}


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
