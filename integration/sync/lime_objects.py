"""The one path that writes to Lime: finds the object, says when there is nothing to do, writes, remembers what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integration.errors import AmbiguousMatch, ParentMissing
from integration.ledger.work import Work
from integration.ledger.writes import Once, write_once
from integration.mapping.engine import content_hash
from integration.mapping.spec import MappingSpec
from integration.models import RecordLink
from integration.sync import lime_records, links
from integration.sync.lime_records import LimeRecord

Links = Mapping[tuple[str, str], RecordLink]
"""Links of one creditor by limetype and Billecta id, as `links.known` reads them."""


@dataclass(frozen=True)
class Target:
    """One Lime object as it should be. `name` is the mapping's name of the object; `values` are its Lime fields, as Python values."""

    name: str
    creditor_id: str
    billecta_id: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """What came of it: the object's Lime id, whether Lime was written to at all, and whether the object is new."""

    lime_id: int
    wrote: bool
    created: bool = False


def bring_to(
    work: Work,
    spec: MappingSpec,
    target: Target,
    linked: Links,
    *,
    look: Callable[[], LimeRecord | None] | None = None,
    look_first: bool = True,
) -> Written:
    """Make one Lime object as `target` says, creating it at most once.

    Args:
        linked: the links that there are, the object's own among them when it has one.
        look: finds an object that is not linked yet; by default by its Billecta id.
        look_first: False where the object cannot exist because its parent was created in this run.
    """
    digest = content_hash(target.values)
    known = linked.get((target.name, target.billecta_id))
    if known is None:
        once = write_once(
            work,
            f"create_{target.name}:{target.billecta_id}",
            system="Lime",
            look=look or (lambda: by_billecta_id(spec, target.name, target.billecta_id)),
            write=lambda: lime_records.create(spec.limetype(target.name), target.values),
            keep=lambda once: _link(target, once, digest),
            look_first=look_first,
        )
        if once.is_new:
            return Written(once.it.id, wrote=True, created=True)
        known = _link(target, once, digest)
    if known.written_hash == digest:
        return Written(known.lime_id, wrote=False)
    lime_records.update(spec.limetype(target.name), known.lime_id, target.values)
    RecordLink.objects.filter(pk=known.pk).update(written_hash=digest)
    return Written(known.lime_id, wrote=True)


def _link(target: Target, once: Once[LimeRecord], digest: str) -> RecordLink:
    """The object's link. One that was found does not yet say what it should, so it has no hash."""
    origin = RecordLink.Origin.CREATED if once.is_new else RecordLink.Origin.ADOPTED
    return links.link(
        target.name,
        creditor_id=target.creditor_id,
        lime_id=once.it.id,
        billecta_id=target.billecta_id,
        origin=origin,
        written_hash=digest if once.is_new else "",
    )


def by_billecta_id(spec: MappingSpec, name: str, billecta_id: str) -> LimeRecord | None:
    """The one Lime object that carries a Billecta id, or None. Raises AmbiguousMatch when several do."""
    field = spec.link(name, "billecta_id")
    found = lime_records.find(spec.limetype(name), field, billecta_id) if field else []
    if len(found) > 1:
        raise AmbiguousMatch(
            system="Lime", what=f"{spec.limetype(name)}.{field} = {billecta_id}", ids=", ".join(str(item.id) for item in found)
        )
    return found[0] if found else None


def relation(spec: MappingSpec, name: str, role: str, lime_id: int | None) -> dict[str, int]:
    """The value of a relation field, or nothing when the solution has no such field or the id is not known."""
    field = spec.link(name, role)
    return {field: lime_id} if field and lime_id is not None else {}


def creditor_in_lime(spec: MappingSpec, creditor_id: str, linked: Links | None = None) -> int:
    """The Lime id of a creditor, adopted from Lime when it is not linked yet. Raises ParentMissing when Lime has none."""
    known = _linked("creditor", creditor_id, creditor_id, linked)
    if known is None:
        found = by_billecta_id(spec, "creditor", creditor_id)
        if found is None:
            raise ParentMissing(what=f"creditor {creditor_id} in Lime")
        known = links.link("creditor", creditor_id=creditor_id, lime_id=found.id, billecta_id=creditor_id, origin=RecordLink.Origin.ADOPTED)
    return known.lime_id


def debtor_in_lime(spec: MappingSpec, creditor_id: str, debtor_id: str, linked: Links) -> int:
    """The Lime id of a creditor's debtor, adopted by way of `creditordebtor`. Raises ParentMissing when Lime has none."""
    found = _through_link_table(spec, "debtor", creditor_id, debtor_id, linked)
    if found is None:
        raise ParentMissing(what=f"debtor {debtor_id} in Lime")
    return found


def article_in_lime(spec: MappingSpec, creditor_id: str, product_id: str, linked: Links) -> int | None:
    """The Lime id of a creditor's article, adopted by way of `creditorarticle`; None when Lime has none."""
    return _through_link_table(spec, "article", creditor_id, product_id, linked) if product_id else None


def _linked(name: str, billecta_id: str, creditor_id: str, linked: Links | None) -> RecordLink | None:
    """The link among those that were read, or as it is now: another lane may have made it since."""
    found = linked.get((name, billecta_id)) if linked is not None else None
    return found or links.find(name, billecta_id=billecta_id, creditor_id=creditor_id)


def _through_link_table(spec: MappingSpec, name: str, creditor_id: str, billecta_id: str, linked: Links) -> int | None:
    known = _linked(name, billecta_id, creditor_id, linked)
    if known is not None:
        return known.lime_id
    row = by_billecta_id(spec, f"creditor{name}", billecta_id)
    lime_id = row.values.get(spec.link(f"creditor{name}", name) or "") if row else None
    if not isinstance(lime_id, int):
        return None
    return links.link(name, creditor_id=creditor_id, lime_id=lime_id, billecta_id=billecta_id, origin=RecordLink.Origin.ADOPTED).lime_id
