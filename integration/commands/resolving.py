"""Finds the objects of a command that was asked for by filter or for everything, and makes a piece of work of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integration import ledger
from integration.commands import personal_options
from integration.commands.batches import belonging
from integration.commands.refusals import FilterTooLong, ParentAmbiguous, ParentNotRelated, TooManyObjects
from integration.commands.selection import CommandRequest, Parent, Selection
from integration.commands.table import Command, table
from integration.errors import GuardRefused, Throttled
from integration.ledger import Done, Nothing, Outcome, Skipped, Work
from integration.ledger.bulk import chunks
from integration.ledger.called_off import is_called_off
from integration.ledger.registry import Kind, registry
from integration.lime.query import Expression, Query, and_, eq
from integration.lime.schema import PropertyType
from integration.models import Batch, PortalConfiguration
from integration.models.ledger import Queue
from integration.sync import lime_schema
from integration.sync.systems import lime
from integration.sync.versions import published

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
SHORTEST_PAUSE = 0.05


def register() -> None:
    """Put the work that finds a batch's objects in the ledger's registry."""
    registry.add_kind(
        Kind(
            Batch.RESOLVING,
            Queue.OUTBOUND,
            resolve,
            after=personal_options.forget,
            calls={"lime": 1},
            title=gettext_lazy("Find the objects of a task in Lime"),
        )
    )


def resolve(work: Work) -> Outcome:
    """Find the objects in Lime, then make all their work and the task's total in one transaction, so that it happens once or not at all.

    Raises:
        TooManyObjects: more than the configured cap; nothing is sent.
        ParentNotRelated, ParentAmbiguous, FilterTooLong: the selection cannot be asked for in this Lime.
        RemoteRejected: Lime refuses the filter.
        GuardRefused: it failed before, and what it needs to know of a person was forgotten.
    """
    batch = Batch.objects.get(resolution=work.record)
    if batch.total is not None:
        return Nothing(result=_result(batch))
    command, creditors = table[batch.command], frozenset(work.record.options["creditors"])
    request = CommandRequest(options=work.record.options["options"], selection=Selection.from_body(batch.body))
    if personal_options.are_forgotten(command, request.options):
        raise GuardRefused(reason=_("The personal data of this task is no longer kept."), remedy=_("Give the command anew."))
    cap = PortalConfiguration.current().filter_cap
    found = first_ids(command, request, creditors, most=cap + 1, patience=PATIENCE_SECONDS)
    if len(found) > cap:
        raise TooManyObjects(cap=cap)
    return _take_on(work, batch, command, request, creditors, found)


def _take_on(work: Work, batch: Batch, command: Command, request: CommandRequest, creditors: frozenset[str], found: list[int]) -> Outcome:
    with transaction.atomic():
        batch = Batch.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.pk)
        if batch.total is not None:
            return Nothing(result=_result(batch))
        if is_called_off(work.record, batch):
            return Skipped("task_cancelled", _("The task was cancelled before its objects were found."), _("Give the command again."))
        batch.total = 0
        for ids in chunks(found):
            subjects = belonging(command, command.subjects(ids, request.options), creditors)
            batch.total += ledger.submit_many(
                command.id, subjects, batch=batch, requested_by=work.record.requested_by, requester=work.record.requester
            )
        batch.save(update_fields=["total"])
    return Done(result=_result(batch))


def first_ids(command: Command, request: CommandRequest, creditors: frozenset[str], *, most: int, patience: float = 0) -> list[int]:
    """The Lime ids of the first `most` objects of the request's selection that the asker may see.

    Args:
        creditors: the public ids that the asker is limited to, empty for no limit; what does not provably belong to one of
            them is left out.
        patience: for how many seconds to wait for each page while the limit of calls to Lime is reached; then Throttled is raised.
    """
    found: list[int] = []
    for page in _pages(command, request.selection or Selection(), patience):
        visible = page if not creditors else _visible(command, request, creditors, page)
        found += visible[: most - len(found)]
        if len(found) >= most:
            break
    return found


def _visible(command: Command, request: CommandRequest, creditors: frozenset[str], ids: list[int]) -> list[int]:
    own = {subject.lime_id for subject in belonging(command, command.subjects(ids, request.options), creditors)}
    return [lime_id for lime_id in ids if lime_id in own]


def _pages(command: Command, selection: Selection, patience: float) -> Iterator[list[int]]:
    """The ids in Lime that the selection means, each once, page by page; parts of a cut query may find the same object."""
    parts = _queries(command, selection)
    seen: set[int] = set()
    for part in parts:
        after = 0
        while page := _patiently(partial(lime().page_of_ids, part, after=after), patience):
            after = page[-1]
            yield [lime_id for lime_id in page if lime_id not in seen]
            seen.update(page if len(parts) > 1 else ())


def _queries(command: Command, selection: Selection) -> list[Query]:
    limetype = published()[1].limetype(command.limetype)
    of_parent = _of_parent(limetype, selection.parent) if selection.parent else None
    try:
        return Query(limetype, ["_id"], and_(selection.filter, of_parent)).parts()
    except ValueError:
        raise FilterTooLong from None


def _of_parent(limetype: str, parent: Parent) -> Expression:
    """A filter for the objects that belong to the parent, by the only relation that leads to its limetype."""
    names = {parent.limetype, published()[1].limetype(parent.limetype)}
    properties = lime_schema.limetype(limetype).properties.values()
    relations = [one.name for one in properties if one.type is PropertyType.BELONGS_TO and one.related_type in names]
    if len(relations) == 1:
        return eq(relations[0], parent.id)
    lime_schema.forget()
    if not relations:
        raise ParentNotRelated(limetype=limetype, parent=parent.limetype)
    raise ParentAmbiguous(limetype=limetype, parent=parent.limetype, relations=", ".join(relations))


def _patiently(read: Callable[[], T], patience: float) -> T:
    """What `read` returns, waiting here while the limit of calls is reached: to begin anew would spend the same calls again."""
    until = time.monotonic() + patience
    while True:
        try:
            return read()
        except Throttled as held:
            pause = (held.not_before - timezone.now()).total_seconds() if held.not_before else 0
            if time.monotonic() + pause > until:
                raise
            time.sleep(max(pause, SHORTEST_PAUSE))


def _result(batch: Batch) -> dict[str, object]:
    return {"task": str(batch.pk), "objects": batch.total}
