"""Writes to the remote systems at most once, whatever happens to the answer: what is made, and what is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.errors import AmbiguousMatch, GuardRefused, KvittensError, NeedsDecision, OutcomeUnknown
from integration.ledger.work import Work, sent_at
from integration.models import PortalConfiguration

T = TypeVar("T")
LOOKS_BEFORE_REPEATING = 2


@dataclass(frozen=True)
class Once(Generic[T]):
    """The remote object, and whether this very write made it; one that was found may differ from what would be sent now."""

    it: T
    is_new: bool


def write_once(
    work: Work,
    operation: str,
    *,
    system: str,
    look: Callable[[], T | None],
    write: Callable[[], T],
    keep: Callable[[Once[T]], object],
    look_first: bool = True,
    sent: Mapping[str, Any] | None = None,
) -> Once[T]:
    """Look for the object; create it only when it is certain that no earlier send made it.

    The intent is committed before the write is sent. If its answer is lost (timeout, reset, 5xx, a killed worker), the next
    run looks; it writes again only after two empty looks, the second at least the configured time (60 s) after the send,
    since the first write may still be under way. An intent that earlier work on the same object left behind counts as ours.

    Args:
        operation: names the write within this piece of work (`create_invoice`, `create_row:2`).
        look: finds the object in the remote system, or None. Raises AmbiguousMatch when several match.
        write: sends the write and returns the new object.
        keep: stores that the object is there, so that no later run looks or writes. Committed together with the end of the
            intent: a worker killed between the two would leave neither, and the next would send again.
        sent: what `look` needs to know of what was sent, kept with the intent: by the next run the source may have changed.
        look_first: False only where the object cannot exist yet because its parent was created in this very run.

    Raises:
        OutcomeUnknown: the write was sent and it is not known yet what came of it; carries when to look again.
        NeedsDecision: several objects could be the one that was sent, or none is where a person said that there is one.
    """
    open_write = work.open_write(operation) or work.take_over_write(operation)
    if look_first or open_write is not None:
        found = _looked(look, operation, system, of_open_write=open_write is not None)
        if found is not None:
            return _kept(work, operation, Once(found, is_new=False), keep)
    if open_write is not None:
        _must_wait(work, operation, system)
    work.begin_write(operation, **(sent or {}))
    try:
        made = write()
    except (OutcomeUnknown, NeedsDecision):
        raise
    except KvittensError:
        work.end_write(operation)
        raise
    return _kept(work, operation, Once(made, is_new=True), keep)


def change_once(
    work: Work,
    operation: str,
    *,
    system: str,
    happened: Callable[[Mapping[str, Any]], bool | None],
    seen: Callable[[Mapping[str, Any]], str],
    prepare: Callable[[], Mapping[str, Any]],
    write: Callable[[], object],
) -> bool:
    """Change a remote object by a write that must not be sent twice; returns whether it was sent in this very run.

    The intent stays on the work until its outcome is stored, also after a definite answer: what follows the write may fail
    and be run again, and must not send again. So does what a person said to have happened. A write that failed work of the
    same lane left open stops this one. What does not tell is looked at once more when the write has had time to take effect.

    Args:
        happened: says of an open write, from what was noted with it and what the remote system shows now, whether it took
            effect; None when that cannot be told.
        seen: says the same to the person who must decide: what was there before, what was sent, what is there now.
        prepare: checks that the write may be sent now (and raises when not); returns what `happened` needs to know later.

    Raises:
        OutcomeUnknown: it was sent and it is not known yet what came of it; carries when to look again.
        NeedsDecision: it was sent and cannot be told apart from what else happened.
        GuardRefused: earlier work sent the same and nobody knows yet what came of it.
    """
    entry = work.open_write(operation)
    if entry is not None:
        took_effect = True if entry.get("answered") or entry.get("happened") else happened(entry)
        if took_effect:
            return False
        if took_effect is None:
            _let_it_settle(work, operation, system)
            raise NeedsDecision(system=system, operation=operation, detail=seen(entry))
        _must_wait(work, operation, system)
        work.end_write(operation)
    else:
        _stop_when_left_open(work, operation)
    work.begin_write(operation, **prepare())
    try:
        write()
    except (OutcomeUnknown, NeedsDecision):
        raise
    except KvittensError:
        work.end_write(operation)
        raise
    work.answered(operation)
    return True


def _let_it_settle(work: Work, operation: str, system: str) -> None:
    """Raise OutcomeUnknown while the write may still be under way."""
    settled = _settled_at(work, operation)
    if timezone.now() < settled:
        raise OutcomeUnknown(not_before=settled, system=system, operation=operation, detail="not seen yet")


def _settled_at(work: Work, operation: str) -> datetime:
    return sent_at(work.record.open_writes[operation]) + timedelta(seconds=PortalConfiguration.current().second_look_seconds)


def _stop_when_left_open(work: Work, operation: str) -> None:
    left = work.left_open(operation)
    if left is not None:
        raise GuardRefused(
            reason=_("Work %(id)s sent the same and ended before it was finished.") % {"id": left.pk},
            remedy=_("Retry that work, which looks before it sends anything again; then ask anew if it is still needed."),
        )


def _kept(work: Work, operation: str, once: Once[T], keep: Callable[[Once[T]], object]) -> Once[T]:
    with transaction.atomic():
        keep(once)
        work.end_write(operation)
    return once


def _looked(look: Callable[[], T | None], operation: str, system: str, *, of_open_write: bool) -> T | None:
    """What is found. Several that could be what was sent are for a person to tell apart, never a reason to send again."""
    try:
        return look()
    except AmbiguousMatch as error:
        if not of_open_write:
            raise
        raise NeedsDecision(system=system, operation=operation, detail=error.message) from error


def _must_wait(work: Work, operation: str, system: str) -> None:
    """Raise OutcomeUnknown unless this was the second empty look, late enough after the send."""
    if work.record.open_writes[operation].get("happened"):
        raise NeedsDecision(system=system, operation=operation, detail=_("it was said to have happened and cannot be found"))
    looks = work.looked_in_vain(operation)
    settled = _settled_at(work, operation)
    if looks >= LOOKS_BEFORE_REPEATING and timezone.now() >= settled:
        return
    if timezone.now() >= settled:
        settled = timezone.now() + timedelta(seconds=5)
    raise OutcomeUnknown(not_before=settled, system=system, operation=operation, detail="not found yet")
