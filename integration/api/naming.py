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
    number = number_of(value.removeprefix(LIME))
    return Q(pk__in=[]) if number is None else Q(**{f"{path}lime_id": number})


def number_of(text: str) -> int | None:
    """The whole number, in plain digits and small enough for the database, that `text` is; None when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def name_of(billecta_id: str, lime_id: int | None) -> str:
    """The name under which an object is found in paths: its public id, else its Lime id."""
    return billecta_id or f"{LIME}{lime_id}"
