"""Creditors imported from Billecta: each is kept in the mirror and linked to its Lime creditor when there can be only one.

The command begins as one piece of work that lists the creditors and puts one piece of work for each into its own task, in one
transaction, and then leaves the task; so a task holds one result for each creditor, and none for the listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from integration import ledger
from integration.billecta import wire
from integration.commands.matching import digits_of, same_number
from integration.commands.table import Command, Options, Preview, add
from integration.errors import AmbiguousMatch, KvittensError, Problem
from integration.ledger import Done, Nothing, Outcome, Work
from integration.ledger.submit import Subject
from integration.ledger.work import LeaseLost
from integration.lime.calls import api_path
from integration.mapping.spec import Direction, MappingSpec
from integration.models import Batch, Creditor, RecordLink
from integration.sync import lime_records, links
from integration.sync.lime_links import plan_link_row
from integration.sync.lime_objects import by_billecta_id
from integration.sync.lime_records import LimeRecord
from integration.sync.mirror import store_creditor
from integration.sync.naming import LIME
from integration.sync.systems import billecta
from integration.sync.versions import published

IMPORT = "import-creditors-from-billecta"
LISTING_LANE = "creditor-import"
LISTED = "listed"


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=IMPORT,
            limetype="creditor",
            title=_("Import creditors from Billecta"),
            confirmation=_("Import every creditor in Billecta and link it to its creditor in Lime? Nothing is created in Lime."),
            execute=import_creditors,
            calls={"billecta": 2, "lime": 2},
            subjects=subjects,
            preview=preview,
            needs_selection=False,
            lists_first=True,
        )
    )


def subjects(_lime_ids: Sequence[int], options: Options) -> list[Subject]:
    """The listing; with `options.creditor` that one creditor, which needs none. Raises GuardRefused for an unknown `lime:<id>`."""
    named = str(options.get("creditor") or "")
    if named.startswith(LIME):
        named = links.creditor_public_id(named)
    return [_of_one(named, options)] if named else [Subject(entity_key=LISTING_LANE, limetype="creditor", options=dict(options))]


def _of_one(creditor_id: str, options: Options) -> Subject:
    lane = f"{LISTING_LANE}:{creditor_id}"
    return Subject(entity_key=lane, limetype="creditor", billecta_id=creditor_id, creditor_id=creditor_id, options=dict(options))


def import_creditors(work: Work) -> Outcome:
    """Import the creditor that the work names, or find out which there are."""
    return _import(work, work.record.billecta_id) if work.record.billecta_id else _list(work)


def _list(work: Work) -> Outcome:
    """Make one piece of work for each creditor, in the task that asked, and leave that task: all of it or nothing."""
    if work.record.options.get(LISTED):
        return Nothing()
    found = billecta().list_creditors()
    each = [_of_one(view.creditor_id, work.record.options) for view in found]
    with transaction.atomic():
        asked_in = work.record.batch_id
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=asked_in) if asked_in else None
        if batch is None:
            for subject in each:
                ledger.submit(IMPORT, subject, requested_by=work.record.requested_by)
        elif batch.cancelled_at is None:
            ledger.submit_many(IMPORT, each, batch=batch, requested_by=work.record.requested_by)
            Batch.objects.filter(pk=batch.pk).update(total=len(each))
        if batch is None or batch.cancelled_at is None:
            _leave_task(work)
    return Done(result={"creditors": len(each)})


def _leave_task(work: Work) -> None:
    """The listing is no result of its own; one whose worker is lost after this is not made again."""
    options = {**work.record.options, LISTED: True}
    if not work.mine.update(batch=None, options=options):
        raise LeaseLost
    work.record.batch, work.record.options = None, options


def _import(work: Work, creditor_id: str) -> Outcome:
    """Store one creditor and link it by the id that Lime stores, then by organisation number.

    Raises AmbiguousMatch naming the ids when two Lime creditors, or two Billecta creditors, share the number.
    """
    view = billecta().get_creditor(creditor_id)
    _version, spec = published()
    known = links.find("creditor", billecta_id=creditor_id)
    before = Creditor.objects.filter(billecta_id=creditor_id).values_list("view", "lime_id").first()
    store_creditor(view, lime_id=known.lime_id if known else None)
    lime_id = known.lime_id if known else _in_lime(spec, view)
    if lime_id is None:
        return (Nothing if before and before[0] == dict(view.raw) else Done)(creditor_id, {"note": "creditor_without_lime"})
    _link(work, view, lime_id)
    result = {"note": "creditor_linked", "lime_id": lime_id}
    return (Nothing if before == (dict(view.raw), lime_id) and known else Done)(creditor_id, result)


def _link(work: Work, view: wire.Creditor, lime_id: int) -> None:
    with transaction.atomic():
        origin = RecordLink.Origin.MATCHED
        links.link("creditor", creditor_id=view.creditor_id, lime_id=lime_id, billecta_id=view.creditor_id, origin=origin)
        store_creditor(view, lime_id=lime_id)
        plan_link_row("creditor", view.creditor_id, lime_id)
        work.mine.update(lime_id=lime_id)
    work.record.lime_id = lime_id


def _in_lime(spec: MappingSpec, view: wire.Creditor) -> int | None:
    """The Lime id of a creditor, None when Lime has none. Reads only. Raises AmbiguousMatch."""
    stored = by_billecta_id(spec, "creditor", view.creditor_id)
    if stored is not None:
        return stored.id
    same = _with_number(spec, view.org_no)
    if not same:
        return None
    rivals = _Rivals.of(spec, view, same)
    free = [record for record in same if not rivals.has_another(record)]
    if len(free) > 1:
        ids = ", ".join(str(record.id) for record in free)
        raise AmbiguousMatch(system="Lime", what=f"creditor {view.creditor_id} ({view.org_no})", ids=ids)
    if free and rivals.unsettled:
        ids = ", ".join([view.creditor_id, *rivals.unsettled])
        raise AmbiguousMatch(system="Billecta", what=f"creditor {free[0].id} ({view.org_no})", ids=ids)
    return free[0].id if free else None


@dataclass(frozen=True)
class _Rivals:
    """Billecta's other creditors with the same number, and which Lime creditors are one of Billecta's already.

    `unsettled` are the public ids of those that no Lime creditor is known to be.
    """

    owned: dict[int, str]
    unsettled: list[str]

    @classmethod
    def of(cls, spec: MappingSpec, view: wire.Creditor, same: Sequence[LimeRecord]) -> _Rivals:
        known = {item.creditor_id: item for item in billecta().list_creditors()}
        field = spec.link("creditor", "billecta_id") or ""
        stored = {record.id: str(record.values.get(field) or "") for record in same}
        linked = dict(RecordLink.objects.filter(limetype="creditor").values_list("lime_id", "billecta_id"))
        owned = {lime_id: public_id for lime_id, public_id in {**stored, **linked}.items() if public_id in known}
        others = [item for item in known.values() if item.creditor_id != view.creditor_id and same_number(item.org_no, view.org_no)]
        return cls(owned, [item.creditor_id for item in others if item.creditor_id not in owned.values()])

    def has_another(self, record: LimeRecord) -> bool:
        """Whether the Lime creditor is one of Billecta's others."""
        return record.id in self.owned


def _with_number(spec: MappingSpec, org_no: str) -> list[LimeRecord]:
    """Lime's creditors with this organisation number, written in any of the usual ways."""
    field = spec.lime_field(Direction.TO_BILLECTA, "creditor", "OrgNo")
    if not field or not digits_of(org_no):
        return []
    found = [record for form in _forms(org_no) for record in lime_records.find(spec.limetype("creditor"), field, form)]
    return list({record.id: record for record in found}.values())


def _forms(org_no: str) -> Iterable[str]:
    digits = digits_of(org_no)
    return dict.fromkeys([org_no, digits, f"{digits[:6]}-{digits[6:]}", f"16{digits}", f"16{digits[:6]}-{digits[6:]}"])


def preview(_lime_id: int, options: Options) -> list[Preview]:
    """What would be written to Lime for each creditor, and which cannot be told apart. Nothing is changed anywhere."""
    named = [subject.billecta_id for subject in subjects((), options) if subject.billecta_id]
    views = [billecta().get_creditor(named[0])] if named else billecta().list_creditors()
    return [_preview(view) for view in views]


def _preview(view: wire.Creditor) -> Preview:
    _version, spec = published()
    known = links.find("creditor", billecta_id=view.creditor_id)
    try:
        lime_id = known.lime_id if known else _in_lime(spec, view)
    except KvittensError as error:
        return Preview(None, view.creditor_id, "", "", None, [Problem("creditor", error.code, error.message)])
    field = spec.link("creditor", "billecta_id")
    if lime_id is None or not field:
        return Preview(lime_id, view.creditor_id, "", "", None, [])
    path = api_path("limeobject", spec.limetype("creditor"), lime_id)
    return Preview(lime_id, view.creditor_id, "PUT", path, {field: view.creditor_id}, [])
