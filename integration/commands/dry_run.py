"""What a command would send, found out without changing anything."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.utils.translation import gettext as _

from integration.commands.batches import Asker, checked, find_command, requester_of, visible_subjects
from integration.commands.narrowing import problems_of_narrowing
from integration.commands.refusals import DryRunNotSupported, invalid
from integration.commands.requesters import Requester
from integration.commands.resolving import first_ids
from integration.commands.selection import CommandRequest
from integration.commands.table import Command, Preview
from integration.errors import Problem, RemoteRejected, RemoteTimeout, WillNeverWork
from integration.http.deadline import time_is_up, within

MOST_OBJECTS = 100
SECONDS = 15.0


def dry_run(command_id: str, request: CommandRequest, *, asker: Asker) -> list[dict[str, Any]]:
    """What the command would send for each object and creditor, and every problem that would stop it.

    Returns the contract's objects: lime_id, creditor, method, path, payload, problems. Calls Lime and Billecta for reading.

    Raises:
        UnknownCommand, InvalidRequest, ObjectNotVisible: as `batches.start`; also for more than 100 objects, and for a filter
            that Lime refuses.
        DryRunNotSupported: the command has no dry run.
        RetryLater: Lime or Billecta could not answer within 15 s in all.
    """
    command = find_command(command_id)
    if command.preview is None:
        raise DryRunNotSupported(command=command.id)
    request = checked(command, request, asker)
    if len(request.ids) > MOST_OBJECTS:
        raise invalid("ids", _("A dry run takes at most %(limit)s objects.") % {"limit": MOST_OBJECTS})
    visible_subjects(command, request, asker)
    who = requester_of(asker, request)
    with within(SECONDS):
        request = _found(command, request, asker)
        ids = request.ids if command.needs_selection else (0,)
        found = [preview for lime_id in ids for preview in _in_time(command, lime_id, request)][:MOST_OBJECTS]
        previews = [_for_requester(command, preview, who) for preview in found]
    return [_shown(preview) for preview in previews if not asker.creditors or preview.creditor in asker.creditors]


def _found(command: Command, request: CommandRequest, asker: Asker) -> CommandRequest:
    """The request with the ids of the objects that it chooses by a filter; they are looked for no further than one too many."""
    if request.selection is None:
        return request
    try:
        found = first_ids(command, request, asker.creditors, most=MOST_OBJECTS + 1)
    except RemoteRejected as refusal:
        raise invalid("filter", refusal.message) from refusal
    if len(found) > MOST_OBJECTS:
        text = _("A dry run takes at most %(limit)s objects, and the selection finds more. Narrow the filter, or start without dry run.")
        raise invalid("filter", text % {"limit": MOST_OBJECTS})
    return replace(request, ids=tuple(found), selection=None)


def _in_time(command: Command, lime_id: int, request: CommandRequest) -> list[Preview]:
    """The previews of one object. A call that was cut short shows as a problem of the object, so the time counts first."""
    previews = _previews(command, lime_id, request)
    if time_is_up():
        raise RemoteTimeout(system="Lime/Billecta", detail=_("the dry run took longer than %(seconds)s s") % {"seconds": SECONDS})
    return previews


def _previews(command: Command, lime_id: int, request: CommandRequest) -> list[Preview]:
    preview = command.preview
    if preview is None:
        return []
    try:
        return [_narrowed(command, one, request) for one in preview(lime_id, request.options)]
    except WillNeverWork as error:
        creditor = str(request.options.get("creditor", ""))
        return [Preview(lime_id, creditor, "", "", None, [Problem(field=command.limetype, code=error.code, message=error.message)])]


def _narrowed(command: Command, preview: Preview, request: CommandRequest) -> Preview:
    """The preview with what it says of an object that the named creditor leaves out."""
    stops = problems_of_narrowing(command.limetype, preview.lime_id, request.options.get("creditor"), preview.creditor)
    return replace(preview, problems=[*preview.problems, *stops])


def _for_requester(command: Command, preview: Preview, who: Requester) -> Preview:
    """The preview with what stops this very person."""
    stops = command.for_requester(preview.lime_id, who) if command.for_requester and preview.lime_id is not None else []
    return replace(preview, problems=[*preview.problems, *stops])


def _shown(preview: Preview) -> dict[str, Any]:
    return {**asdict(preview), "problems": [problem.as_dict() for problem in preview.problems]}
