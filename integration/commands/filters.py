"""What is asked of one of Lime's filter expressions before it is passed on to Lime, so that a mistake in it is named at once."""

from __future__ import annotations

import json
import math
from typing import Any

from django.utils.translation import gettext as _

from integration.commands.refusals import invalid
from integration.lime.query import COMPARISONS, IN, JUNCTIONS, NOT, Expression, Query

DEEPEST = 50
"""How many objects and lists may lie inside each other, as in the API's bodies."""

MOST_CHARACTERS = 200_000
"""Of the filter as JSON: enough for ten thousand ids."""


def check_filter(value: Any) -> Expression:
    """The filter, when Lime can be asked with it as far as the portal knows Lime's language. Members unknown here are left to Lime.

    Raises InvalidRequest that names the place, as in `filter.exp[1].op`.
    """
    _check(value, "filter", 1)
    expression: Expression = value
    if _characters(expression) > MOST_CHARACTERS or not _fits(expression):
        raise invalid("filter", _("The filter is too long for Lime. Use fewer conditions, or name the objects in “ids”."))
    return expression


def _check(value: Any, place: str, depth: int) -> None:
    if depth > DEEPEST:
        raise invalid(place, _("The filter is nested too deep: at most %(limit)s levels.") % {"limit": DEEPEST})
    if not isinstance(value, dict):
        text = _("A filter is an object with “op”, “exp” and mostly “key”, not %(value)s.")
        raise invalid(place, text % {"value": _shown(value)})
    operator = value.get("op")
    if isinstance(operator, str) and operator in JUNCTIONS:
        _check_parts(value.get("exp"), f"{place}.exp", depth)
    elif operator == NOT:
        _check(value.get("exp"), f"{place}.exp", depth + 1)
    elif isinstance(operator, str) and operator in COMPARISONS:
        _check_comparison(value, place, operator)
    else:
        known = ", ".join(sorted({*JUNCTIONS, NOT, *COMPARISONS}))
        text = _("%(value)s is none of Lime's operators. Use one of: %(known)s.")
        raise invalid(f"{place}.op", text % {"value": _shown(operator), "known": known})


def _check_parts(parts: Any, place: str, depth: int) -> None:
    if not isinstance(parts, list) or not parts:
        raise invalid(place, _("AND and OR take a list of at least one filter, not %(value)s.") % {"value": _shown(parts)})
    for number, part in enumerate(parts):
        _check(part, f"{place}[{number}]", depth + 2)


def _check_comparison(value: dict[str, Any], place: str, operator: str) -> None:
    key, operand = value.get("key"), value.get("exp")
    if not isinstance(key, str) or not key.strip():
        raise invalid(f"{place}.key", _("“key” names a property in Lime, not %(value)s.") % {"value": _shown(key)})
    if operator == IN and (not isinstance(operand, list) or not operand):
        raise invalid(f"{place}.exp", _("IN takes a list of at least one value, not %(value)s.") % {"value": _shown(operand)})
    if "exp" not in value:
        raise invalid(f"{place}.exp", _("“exp” holds what “key” is compared with, and it is missing."))
    for one in operand if isinstance(operand, list) and operator == IN else [operand]:
        if not _is_plain(one):
            text = _("A property is compared with a text, a number, true, false or null, not with %(value)s.")
            raise invalid(f"{place}.exp", text % {"value": _shown(one)})


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _characters(expression: Expression) -> int:
    try:
        return len(json.dumps(expression))
    except (RecursionError, ValueError):
        return MOST_CHARACTERS + 1


def _fits(expression: Expression) -> bool:
    """Whether Lime can be asked, in as many questions as that takes; each must fit a URL."""
    try:
        return bool(Query("limetype", ["_id"], expression).parts())
    except ValueError:
        return False


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
