"""Which objects a command is asked for, read from the shapes that Lime sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integration.commands.filters import check_filter
from integration.commands.refusals import invalid
from integration.commands.table import Command
from integration.lime.query import Expression
from integration.sync.versions import published

SHAPES = frozenset({"ids", "context", "filter", "confirm_all", "options", "requested_by"})
LARGEST_ID = 2**63 - 1
LONGEST_NAME = 200


@dataclass(frozen=True)
class Parent:
    """The Lime object whose related objects are meant."""

    limetype: str
    id: int


@dataclass(frozen=True)
class Selection:
    """Objects that are not named one by one: those that a filter of Lime's finds, None for all, of one parent when it is given."""

    filter: Expression | None = None
    parent: Parent | None = None
    confirm_all: bool = False

    def as_body(self, limetype: str) -> dict[str, Any]:
        """The selection in the shape that a request has."""
        parent = {"parent": {"limetype": self.parent.limetype, "id": self.parent.id}} if self.parent else {}
        return {"context": {"limetype": limetype, **parent}, "filter": self.filter, "confirm_all": self.confirm_all}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Selection:
        """What `as_body` made."""
        parent = body["context"].get("parent")
        return cls(body["filter"], Parent(parent["limetype"], parent["id"]) if parent else None, body["confirm_all"])


@dataclass(frozen=True)
class CommandRequest:
    """What one caller asks of one command: options as given, the Lime user who asked, and which objects.

    These are Lime ids without repeats, or a `selection` that is still to be found in Lime.
    """

    ids: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    requested_by: Mapping[str, Any] = field(default_factory=dict)
    selection: Selection | None = None


def read_request(command: Command, body: Any) -> CommandRequest:
    """Read a request's body: `ids`, `context` of one object or of many, or nothing where the command needs no selection.

    Raises InvalidRequest naming the field.
    """
    if not isinstance(body, dict):
        raise invalid("body", _("The body must be a JSON object."))
    for name in body:
        if name not in SHAPES:
            raise invalid(str(name), _("“%(name)s” is not part of a command. Use: %(known)s.") % {"name": name, "known": _listed(SHAPES)})
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise invalid("options", _("“options” must be a JSON object, not %(value)s.") % {"value": _shown(options)})
    ids, selection = _selected(command, body)
    return CommandRequest(ids, options, _requester(body.get("requested_by")), selection)


def _selected(command: Command, body: dict[str, Any]) -> tuple[tuple[int, ...], Selection | None]:
    if not command.needs_selection:
        return (), None
    if "ids" in body and "context" in body:
        raise invalid("ids", _("Name the objects in “ids” or in “context”, not in both."))
    if "ids" in body:
        return _without_filter(body, _ids(body["ids"])), None
    if "context" not in body:
        raise invalid("ids", _('The command needs objects. Give their Lime ids, for example {"ids": [1001]}.'))
    context = _context(command, body["context"])
    if "id" not in context:
        return (), _many(body, context.get("parent"))
    if not _is_id(context["id"]):
        raise invalid("context.id", _("%(value)s is no Lime id: use a positive whole number.") % {"value": _shown(context["id"])})
    return _without_filter(body, (context["id"],)), None


def _ids(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise invalid("ids", _("“ids” must be a list of at least one Lime id, not %(value)s.") % {"value": _shown(value)})
    for item in value:
        if not _is_id(item):
            raise invalid("ids", _("%(value)s is no Lime id: use positive whole numbers.") % {"value": _shown(item)})
    return tuple(dict.fromkeys(value))


def _context(command: Command, context: Any) -> dict[str, Any]:
    """The context, when it is about what the command works on: by its own name, or by the one that it has in this Lime solution."""
    if not isinstance(context, dict):
        raise invalid("context", _("“context” must be a JSON object, not %(value)s.") % {"value": _shown(context)})
    given = context.get("limetype")
    if given != command.limetype and given != published()[1].limetype(command.limetype):
        raise invalid(
            "context.limetype",
            _("%(value)s does not go with this command, which works on “%(expected)s”.")
            % {"value": _shown(given), "expected": command.limetype},
        )
    return context


def _many(body: dict[str, Any], parent: Any) -> Selection:
    if parent is not None and not (isinstance(parent, dict) and isinstance(parent.get("limetype"), str) and _is_id(parent.get("id"))):
        raise invalid("context.parent", _("“parent” must hold a limetype and an id, not %(value)s.") % {"value": _shown(parent)})
    confirmed, chosen = body.get("confirm_all", False), body.get("filter")
    if not isinstance(confirmed, bool):
        raise invalid("confirm_all", _("“confirm_all” must be true or false, not %(value)s.") % {"value": _shown(confirmed)})
    if chosen is None and not confirmed:
        raise invalid("confirm_all", _("Without a filter every object is meant: confirm with “confirm_all”: true."))
    return Selection(
        filter=None if chosen is None else check_filter(chosen),
        parent=Parent(parent["limetype"], parent["id"]) if parent else None,
        confirm_all=confirmed,
    )


def _without_filter(body: dict[str, Any], ids: tuple[int, ...]) -> tuple[int, ...]:
    if body.get("filter") is not None:
        raise invalid("filter", _("A filter goes with a context of many objects, not with objects that are named by their ids."))
    return ids


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
