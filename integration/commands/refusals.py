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


class TooManyObjects(WillNeverWork):
    """A filter finds more objects than one command takes. Params: cap."""

    code = "too_many_objects"
    template = _("The selection finds more than %(cap)s objects, which is the most that one command takes. Nothing was sent.")
    next_step = _("Narrow the filter and ask again, or raise “objects in one command” in the portal's configuration and retry.")


class ParentNotRelated(WillNeverWork):
    """The chosen limetype has no relation to the limetype of `context.parent`. Params: limetype, parent."""

    code = "parent_not_related"
    template = _("context.parent: “%(limetype)s” has no relation to “%(parent)s” in Lime that a filter can follow.")
    next_step = _("Check the limetype of the parent, or give a filter instead of a parent.")


class ParentAmbiguous(WillNeverWork):
    """The chosen limetype has several relations to the limetype of `context.parent`. Params: limetype, parent, relations."""

    code = "parent_ambiguous"
    template = _("context.parent: “%(limetype)s” has several relations to “%(parent)s” in Lime: %(relations)s.")
    next_step = _("Give a filter on the relation that is meant, instead of a parent.")


class FilterTooLong(WillNeverWork):
    """A filter together with its parent is too long to ask Lime with. Params: none."""

    code = "filter_too_long"
    template = _("The filter is too long for Lime.")
    next_step = _("Use fewer conditions, or name the objects in “ids”.")


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
