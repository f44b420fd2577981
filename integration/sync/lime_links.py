"""Where Lime keeps Billecta's ids: on the creditor itself, and per creditor on `creditordebtor` and `creditorarticle`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from integration.errors import AmbiguousMatch
from integration.ledger.ahead import Lookup
from integration.ledger.registry import Kind, registry
from integration.ledger.submit import Subject, submit_collapsed
from integration.ledger.work import Done, Nothing, Outcome, Work
from integration.ledger.writes import write_once
from integration.mapping.engine import content_hash
from integration.mapping.spec import MappingSpec
from integration.models import Creditor, RecordLink, SyncRecord
from integration.models.ledger import Queue
from integration.sync import lime_records, links
from integration.sync.lime_objects import creditor_in_lime
from integration.sync.lime_records import LimeRecord
from integration.sync.versions import published

WRITE_LINK = "write-link-to-lime"


def register() -> None:
    """Put the work of this module in the ledger's registry."""
    title = _("Write a Billecta id to Lime")
    registry.add_kind(
        Kind(WRITE_LINK, Queue.OUTBOUND, write_link, collapsible=True, calls={"lime": 3}, title=title, read_ahead=read_links_ahead)
    )


def plan_link_row(name: str, creditor_id: str, lime_id: int) -> SyncRecord:
    """Submit that Lime gets the Billecta id of a creditor, or of a creditor's debtor or article."""
    lane = links.lime_lane(f"{name}-link", f"{creditor_id}:{lime_id}")
    return submit_collapsed(WRITE_LINK, [Subject(entity_key=lane, limetype=name, lime_id=lime_id, creditor_id=creditor_id)])[lane]


def link_row(spec: MappingSpec, name: str, creditor: Creditor, lime_id: int) -> LimeRecord | None:
    """The row of `creditordebtor` or `creditorarticle` for this creditor, or None. Raises AmbiguousMatch when there are several."""
    table = f"creditor{name}"
    creditor_lime_id = creditor.lime_id or creditor_in_lime(spec, creditor.billecta_id)
    rows = lime_records.find(*_rows_of(spec, name, lime_id))
    found = [row for row in rows if row.values.get(spec.link(table, "creditor") or "creditor") == creditor_lime_id]
    if len(found) > 1:
        raise AmbiguousMatch(system="Lime", what=f"{table} of {name} {lime_id}", ids=", ".join(str(row.id) for row in found))
    return found[0] if found else None


def stored_id(spec: MappingSpec, name: str, row: LimeRecord | None) -> str:
    """The Billecta id that a row of `creditordebtor` or `creditorarticle` holds, "" for none."""
    return str(row.values.get(spec.link(f"creditor{name}", "billecta_id") or "") or "") if row else ""


def clear_row(spec: MappingSpec, name: str, row: LimeRecord) -> None:
    """Take Billecta's id from a row of `creditordebtor` or `creditorarticle`; the row itself stays."""
    _fill(spec, f"creditor{name}", row.id, "")


def read_links_ahead(records: Sequence[SyncRecord]) -> Mapping[int, Mapping[Lookup, list[LimeRecord]]]:
    """The rows of the link tables that several pieces of work will look for."""
    _version, spec = published()
    return answers_of({record.pk: [_rows_of(spec, record.limetype, record.lime_id or 0)] for record in records if _has_rows(record)})


def read_objects_ahead(records: Sequence[SyncRecord]) -> Mapping[int, Mapping[Lookup, list[LimeRecord]]]:
    """The debtors or articles that several pieces of work are about, and the rows of the link table of those that have no link yet."""
    _version, spec = published()
    ids = {record.lime_id or 0 for record in records}
    linked = RecordLink.objects.filter(limetype=records[0].limetype, lime_id__in=ids).values_list("lime_id", "creditor_id")
    known = set(linked)
    wanted: dict[int, list[Lookup]] = {}
    for record in records:
        lime_id = record.lime_id or 0
        wanted[record.pk] = [(spec.limetype(record.limetype), "_id", lime_id)]
        if (lime_id, record.creditor_id) not in known:
            wanted[record.pk].append(_rows_of(spec, record.limetype, lime_id))
    return answers_of(wanted)


def answers_of(wanted: Mapping[int, Iterable[Lookup]]) -> dict[int, dict[Lookup, list[LimeRecord]]]:
    """The answers to the lookups of several pieces of work, by the work's primary key."""
    answers = lime_records.find_each(lookup for lookups in wanted.values() for lookup in lookups)
    return {key: {lookup: answers[lookup] for lookup in lookups} for key, lookups in wanted.items()}


def _has_rows(record: SyncRecord) -> bool:
    return record.limetype != "creditor"


def _rows_of(spec: MappingSpec, name: str, lime_id: int) -> Lookup:
    table = f"creditor{name}"
    return spec.limetype(table), spec.link(table, name) or name, lime_id


def write_link(work: Work) -> Outcome:
    """Write Billecta's id where Lime keeps it; a link row that is missing is made, an existing one is filled."""
    name, lime_id, creditor_id = work.record.limetype, work.record.lime_id or 0, work.record.creditor_id
    _version, spec = published()
    link = links.find(name, lime_id=lime_id, creditor_id=creditor_id)
    if link is None or link.written_hash == content_hash({"billecta_id": link.billecta_id}):
        return Nothing(link.billecta_id if link else "")
    if name == "creditor":
        _fill(spec, "creditor", lime_id, link.billecta_id)
    else:
        _write_row(work, spec, name, link)
    _written(link)
    return Done(link.billecta_id)


def _written(link: RecordLink) -> None:
    RecordLink.objects.filter(pk=link.pk).update(written_hash=content_hash({"billecta_id": link.billecta_id}))


def _write_row(work: Work, spec: MappingSpec, name: str, link: RecordLink) -> None:
    table = f"creditor{name}"
    creditor = Creditor.objects.get(billecta_id=link.creditor_id)

    def create() -> LimeRecord:
        fields = {
            spec.link(table, "creditor") or "creditor": creditor.lime_id or creditor_in_lime(spec, creditor.billecta_id),
            spec.link(table, name) or name: link.lime_id,
            spec.link(table, "billecta_id") or "billectaid": link.billecta_id,
        }
        return lime_records.create(spec.limetype(table), fields)

    row = write_once(
        work,
        f"create_{table}",
        system="Lime",
        look=lambda: link_row(spec, name, creditor, link.lime_id),
        write=create,
        keep=lambda once: _written(link) if once.is_new else None,
    ).it
    if row.values.get(spec.link(table, "billecta_id") or "billectaid") != link.billecta_id:
        _fill(spec, table, row.id, link.billecta_id)


def _fill(spec: MappingSpec, table: str, lime_id: int, billecta_id: str) -> None:
    field = spec.link(table, "billecta_id")
    if field:
        lime_records.update(spec.limetype(table), lime_id, {field: billecta_id})
