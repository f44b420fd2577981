"""Why a command is not taken on: what the caller asked for is unknown, malformed, or in conflict with an earlier request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from integration.errors import WillNeverWork

Fields = Mapping[str, Sequence[str]]


class UnknownCommand(WillNeverWork):
    """No command has this id. Params: command."""

    code = "unknown_command"
    template = _("There is no command “%(command)s”.")
    next_step = _("GET /api/v1/commands/ lists all commands.")


class InvalidRequest(WillNeverWork):
    """The request's shape or a value in it is wrong. `fields` names each field with texts that say value and remedy."""

    code = "invalid"
    template = _("%(text)s")
    next_step = _("Mend each named field, then ask again.")

    def __init__(self, fields: Fields) -> None:
        self.fields = {name: list(texts) for name, texts in fields.items()}
        super().__init__(text=" ".join(text for texts in self.fields.values() for text in texts))


class SelectionNotSupported(WillNeverWork):
    """The command cannot be asked for with this kind of selection. Params: none."""

    code = "selection_not_supported"
    template = _("Selection by filter is not supported: the portal takes objects by their Lime ids.")
    next_step = _("Name the objects in “ids”, or one of them in “context” with its limetype and id.")


class DryRunNotSupported(WillNeverWork):
    """The command has no dry run. Params: command."""

    code = "dry_run_not_supported"
    template = _("The command “%(command)s” has no dry run.")
    next_step = _("Ask for it without dry_run.")


class IdempotencyConflict(WillNeverWork):
    """The idempotency key was used for another body. Params: key."""

    code = "idempotency_conflict"
    template = _("The idempotency key “%(key)s” was used with another body during the last 7 days.")
    next_step = _("Use a new key for a new request, or send the same body to get the earlier task.")


class ObjectNotVisible(WillNeverWork):
    """The caller is limited to some creditors and names something that does not provably belong to them. Params: what."""

    code = "not_found"
    template = _("%(what)s does not exist, or does not belong to a creditor that this key may see.")
    next_step = _("Check the id, or use a key that is not limited to other creditors.")


def invalid(field: str, text: Any) -> InvalidRequest:
    """An InvalidRequest about one field."""
    return InvalidRequest({field: [str(text)]})
