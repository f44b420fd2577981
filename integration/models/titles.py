"""What people call each kind of work. The ledger's registry fills the table when the portal starts."""

from __future__ import annotations

from integration.errors import Text

TITLES: dict[str, Text] = {}
"""Titles by the id of the kind, which for a command is the command's id."""


def title_of(kind: str) -> str:
    """A kind of work, or a command, in the reader's language; its id when nobody has named it."""
    return str(TITLES.get(kind) or kind)
