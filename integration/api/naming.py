"""Which objects a name in a path or a filter means."""

from __future__ import annotations

from django.db.models import Q

from integration.sync.naming import lime_id_of, names_nothing


def named(value: str, path: str = "") -> Q:
    """The condition for the object that `value` names. A malformed name names nothing.

    Args:
        path: the lookup path to the object, with its closing underscores (`invoice__debtor__`); empty for the model itself.
    """
    if "\0" in value or names_nothing(value):
        return Q(pk__in=[])
    lime_id = lime_id_of(value)
    return Q(**{f"{path}billecta_id": value}) if lime_id is None else Q(**{f"{path}lime_id": lime_id})
