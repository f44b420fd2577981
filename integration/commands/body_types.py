"""The types of what a command's body holds, also of what this command has no use for: a mistake there is a mistake in the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from integration.commands.refusals import InvalidRequest

LARGEST_ID = 2**63 - 1


def check_types(body: Any) -> None:
    """Raises InvalidRequest that names each member of another type than the API's schema says."""
    members = body.items() if isinstance(body, dict) else ()
    wrong = {name: value for name, value in members if name in _TYPES and not _TYPES[name](value)}
    if wrong:
        raise InvalidRequest({name: [_text(name, value)] for name, value in wrong.items()})


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


_TYPES: dict[str, Callable[[Any], bool]] = {
    "ids": lambda value: isinstance(value, list) and all(_is_id(item) for item in value),
    "context": lambda value: isinstance(value, dict),
    "filter": lambda value: value is None or isinstance(value, dict),
    "confirm_all": lambda value: isinstance(value, bool),
    "requested_by": lambda value: value is None or isinstance(value, dict),
}


def _text(name: str, value: Any) -> str:
    text = _("“%(name)s” cannot be %(value)s: write it as the schema of the API says, or leave it out.")
    return text % {"name": name, "value": repr(value)[:60]}
