"""Finds what Lime changed without telling: imports, changes made in its database, lost webhooks.

Lime is asked for what has a `_timestamp` since the last pass, in pages by id, so that objects of the same moment, or that are
changed or deleted meanwhile, are never passed over. A page's work and the cursor are committed together: a pass that is
stopped goes on where it was, and `since` moves only at its end, to a little before the moment at which it was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integration.commands import creditors
from integration.commands.articles import ARTICLES
from integration.commands.debtors import DEBTORS
from integration.errors import ValidationFailed
from integration.ledger import Done, Kind, Nothing, Outcome, Work, registry, submit_collapsed
from integration.ledger.submit import Subject
from integration.mapping.spec import MappingSpec
from integration.models import LimeCursor, PortalConfiguration, RecordLink, SyncRecord
from integration.models.ledger import Queue
from integration.sync import lime_records
from integration.sync.in_step import ROW, kept_of, look_for, orders_of_rows, sent_fields, switched_on
from integration.sync.lime_records import LimeRecord
from integration.sync.order_source import with_id
from integration.sync.versions import published

SWEEP = "sweep-lime"
LANE = "lime/sweep"
OVERLAP = timedelta(minutes=5)
"""How far before its beginning the next pass looks: for writes that were under way, and for clocks that differ (reference section 5)."""
PAGE = 200
PARTIES = {"creditor": creditors.is_in_step, "debtor": DEBTORS.is_in_step, "article": ARTICLES.is_in_step}


def register() -> None:
    """Put the work of this module in the ledger's registry."""
    title = _("Look for changes that Lime did not tell of")
    registry.add_kind(Kind(SWEEP, Queue.OUTBOUND, sweep, collapsible=True, calls={"lime": 1}, title=title))


def ask() -> bool:
    """Submit a sweep when it is time for one; returns whether it was. What has just been switched on is swept from now on."""
    portal, now = PortalConfiguration.current(), timezone.now()
    wanted = _names(portal)
    if not _time_has_come(portal, wanted, now):
        return False
    with transaction.atomic():
        LimeCursor.objects.exclude(name__in=wanted).delete()
        LimeCursor.objects.bulk_create([LimeCursor(name=name, since=now, asked_at=now) for name in wanted], ignore_conflicts=True)
        if not _late(portal, now).exists() or SyncRecord.objects.filter(entity_key=LANE, status__in=SyncRecord.UNFINISHED).exists():
            return False
        LimeCursor.objects.update(asked_at=now)
        LimeCursor.objects.filter(pass_started_at=None).update(pass_started_at=now, after_id=0)
        submit_collapsed(SWEEP, [Subject(entity_key=LANE, limetype="")])
    return True


def _time_has_come(portal: PortalConfiguration, wanted: Sequence[str], now: datetime) -> bool:
    """Whether a sweep is due or a switch was turned; mostly neither, and then nothing is written."""
    return set(LimeCursor.objects.values_list("name", flat=True)) != set(wanted) or _late(portal, now).exists()


def _late(portal: PortalConfiguration, now: datetime) -> QuerySet[LimeCursor]:
    return LimeCursor.objects.filter(asked_at__lte=now - timedelta(minutes=portal.lime_sweep_minutes))


def _names(portal: PortalConfiguration) -> list[str]:
    on = switched_on(portal)
    return [*on, ROW] if "order" in on else on


def sweep(work: Work) -> Outcome:  # noqa: ARG001  it is about no object of its own
    """End the pass over each kind of object that is kept in step; submits work for what is linked and not known to be in step.

    When the calls run out, or Lime cannot be reached, the next try goes on with the page that is next.
    """
    _version, spec = published()
    found = {name: _pass(spec, name) for name in _names(PortalConfiguration.current())}
    return (Done if any(found.values()) else Nothing)(result={"looks": found})


def _pass(spec: MappingSpec, name: str) -> int:
    """Go through all pages of one kind; returns how many looks were asked for."""
    looks = 0
    cursor = _under_way(name)
    while cursor is not None:
        page = lime_records.changed_since(spec.limetype(name), sent_fields(spec, name), cursor.since, after_id=cursor.after_id, limit=PAGE)
        wanted = _looks(spec, name, page)
        looks += len(wanted)
        cursor = _commit(cursor, page, _kind(name), wanted)
    return looks


def _kind(name: str) -> str:
    """The work that keeps an object in step."""
    kept = kept_of(name)
    assert kept is not None  # noqa: S101  only what is kept in step has a cursor
    return kept.kind


def _under_way(name: str) -> LimeCursor | None:
    """The cursor of the pass that was asked for; None when it has come to its end, or was switched off meanwhile."""
    return LimeCursor.objects.filter(name=name, pass_started_at__isnull=False).first()


def _commit(cursor: LimeCursor, page: Sequence[LimeRecord], kind: str, wanted: Sequence[Subject]) -> LimeCursor | None:
    """Ask for the page's looks and move the cursor, together; the cursor for the next page, None after an empty one.

    Only an empty page is the last: a server may give fewer than were asked for. When another worker has moved the cursor, it is
    its pass, and nothing is asked for.
    """
    mine = LimeCursor.objects.filter(name=cursor.name, pass_started_at=cursor.pass_started_at, after_id=cursor.after_id)
    moved = {"after_id": page[-1].id} if page else _ended(cursor)
    with transaction.atomic():
        if not mine.update(**moved):
            return None
        if wanted:
            submit_collapsed(kind, wanted)
    return _under_way(cursor.name) if page else None


def _ended(cursor: LimeCursor) -> dict[str, object]:
    begun: datetime = cursor.pass_started_at or timezone.now()
    return {"since": max(cursor.since, begun - OVERLAP), "pass_started_at": None, "after_id": 0}


def _looks(spec: MappingSpec, name: str, page: Sequence[LimeRecord]) -> list[Subject]:
    """The work that a page asks for; what the portal can see to be in step needs none."""
    if name in PARTIES:
        return _of_parties(name, {record.id: record for record in page})
    order_ids = {record.id for record in page} if name == "order" else _orders_of(spec, page)
    return [subject for found in look_for("order", order_ids).values() for subject in found.subjects]


def _orders_of(spec: MappingSpec, rows: Sequence[LimeRecord]) -> set[int]:
    """The orders that rows belong to now and that they were last sent with."""
    named = (row.values.get(spec.link(ROW, "order") or "order") for row in rows)
    sent_with = orders_of_rows(row.id for row in rows)
    return {order for order in named if isinstance(order, int)}.union(*sent_with.values())


def _of_parties(name: str, page: Mapping[int, LimeRecord]) -> list[Subject]:
    links = {(link.lime_id, link.billecta_id): link for link in RecordLink.objects.filter(limetype=name, lime_id__in=page)}
    wanted = [subject for found in look_for(name, page).values() for subject in found.subjects]
    return [subject for subject in wanted if not _is_in_step(links.get((subject.lime_id or 0, subject.billecta_id)), page)]


def _is_in_step(link: RecordLink | None, page: Mapping[int, LimeRecord]) -> bool:
    if link is None:
        return False
    try:
        return PARTIES[link.limetype](link, with_id(page[link.lime_id]))
    except ValidationFailed:  # the look tells what is wrong with it
        return False
