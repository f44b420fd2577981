"""How objects are named in paths and filters: by the Billecta public id, or by `lime:<id>`."""

from __future__ import annotations

from django.db.models import Q

LIME = "lime:"


def named(value: str, path: str = "") -> Q:
    """The condition for the object that `value` names. A malformed name names nothing.

    Args:
        path: the lookup path to the object, with its closing underscores (`invoice__debtor__`); empty for the model itself.
    """
    if "\0" in value:
        return Q(pk__in=[])
    if not value.startswith(LIME):
        return Q(**{f"{path}billecta_id": value})
    number = value.removeprefix(LIME)
    return Q(**{f"{path}lime_id": int(number)}) if number.isdecimal() and len(number) < 19 else Q(pk__in=[])


def name_of(billecta_id: str, lime_id: int | None) -> str:
    """The name under which an object is found in paths: its public id, else its Lime id."""
    return billecta_id or f"{LIME}{lime_id}"
