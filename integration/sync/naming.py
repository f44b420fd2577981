"""How objects are named by callers: by the Billecta public id, or by `lime:<id>`."""

from __future__ import annotations

LIME = "lime:"


def lime_id_of(name: str) -> int | None:
    """The Lime id in `lime:<id>`; None when `name` is a public id, or no id at all."""
    return number_of(name.removeprefix(LIME)) if name.startswith(LIME) else None


def number_of(text: str) -> int | None:
    """The whole number, in plain digits and small enough for the database, that `text` is; None when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def names_nothing(name: str) -> bool:
    """Whether `name` begins like a Lime id and is none."""
    return name.startswith(LIME) and lime_id_of(name) is None


def name_of(billecta_id: str, lime_id: int | None) -> str:
    """The name under which an object is found: its public id, else its Lime id."""
    return billecta_id or f"{LIME}{lime_id}"
