"""Which Lime object is which Billecta object, and which lane a piece of work about either belongs in."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from integration.errors import AmbiguousMatch, GuardRefused
from integration.ledger.log import log
from integration.models import Creditor, RecordLink, SyncRecord
from integration.sync.naming import lime_id_of

ORDER, INVOICE = "order", "invoice"


def order_lane(lime_id: int) -> str:
    """The lane of an order and of everything that happens to its invoice."""
    return f"order:{lime_id}"


def action_lanes(action_ids: Iterable[str]) -> dict[str, str]:
    """The canonical lane of each invoice action: its order's when it has one that we know, else its own."""
    ids = list(action_ids)
    lanes = {action_id: f"action:{action_id}" for action_id in ids}
    for billecta_id, lime_id in RecordLink.objects.filter(limetype=ORDER, billecta_id__in=ids).values_list("billecta_id", "lime_id"):
        lanes[billecta_id] = order_lane(lime_id)
    return lanes


def object_lane(limetype: str, creditor_id: str, lime_id: int) -> str:
    """The lane of a debtor or article, which live once per creditor, or of a creditor."""
    return f"{limetype}:{creditor_id}:{lime_id}" if creditor_id else f"{limetype}:{lime_id}"


def lime_lane(limetype: str, key: str | int) -> str:
    """The lane in which one Lime object is written, apart from the lanes in which Billecta is."""
    return f"lime/{limetype}:{key}"


def find(limetype: str, *, lime_id: int | None = None, billecta_id: str | None = None, creditor_id: str | None = None) -> RecordLink | None:
    """The link of an object by either name, or None. Raises AmbiguousMatch when several creditors have one and none was named."""
    links = RecordLink.objects.filter(limetype=limetype)
    if lime_id is not None:
        links = links.filter(lime_id=lime_id)
    if billecta_id is not None:
        links = links.filter(billecta_id=billecta_id)
    if creditor_id is not None:
        links = links.filter(creditor_id=creditor_id)
    found = list(links[:2])
    if len(found) > 1:
        raise AmbiguousMatch(
            system="Kvittens", what=f"{limetype} {lime_id or billecta_id}", ids=", ".join(link.creditor_id for link in found)
        )
    return found[0] if found else None


def known(creditor_id: str, billecta_ids: Iterable[str]) -> dict[tuple[str, str], RecordLink]:
    """The links of some Billecta objects of one creditor by limetype and id, read in one statement."""
    rows = RecordLink.objects.filter(creditor_id=creditor_id, billecta_id__in=set(billecta_ids) - {""})
    return {(row.limetype, row.billecta_id): row for row in rows}


def get(limetype: str, lime_id: int, creditor_id: str) -> RecordLink:
    """The link of an object that is known to have one."""
    return RecordLink.objects.get(limetype=limetype, lime_id=lime_id, creditor_id=creditor_id)


def link(
    limetype: str,
    *,
    creditor_id: str,
    lime_id: int,
    billecta_id: str,
    origin: str = RecordLink.Origin.CREATED,
    sent_hash: str = "",
    written_hash: str = "",
    generation: int = 1,
) -> RecordLink:
    """Store that the two are the same; the same link stored twice is one link.

    When an order is linked, what waits in the invoice action's own lane moves to the order's, and what sent something there.

    Raises AmbiguousMatch when either is linked to something else already.
    """
    values = {"billecta_id": billecta_id, "origin": origin, "sent_hash": sent_hash, "written_hash": written_hash, "generation": generation}
    try:
        with transaction.atomic():
            row, made = RecordLink.objects.get_or_create(creditor_id=creditor_id, limetype=limetype, lime_id=lime_id, defaults=values)
            if row.billecta_id != billecta_id:
                raise _taken(limetype, billecta_id, f"{row.lime_id} ↔ {row.billecta_id}")
            if made and limetype == ORDER:
                _move_to_order_lane(billecta_id, lime_id)
    except IntegrityError:
        other = RecordLink.objects.filter(limetype=limetype, billecta_id=billecta_id, creditor_id=creditor_id).first()
        raise _taken(limetype, billecta_id, str(other)) from None
    if made and origin != RecordLink.Origin.CREATED:
        log("link.adopted", limetype=limetype, lime_id=lime_id, billecta_id=billecta_id, origin=origin)
    return row


def _move_to_order_lane(action_id: str, lime_id: int) -> None:
    own = SyncRecord.objects.filter(entity_key=f"action:{action_id}").exclude(status=SyncRecord.Status.IN_FLIGHT)
    waiting = own.filter(Q(status__in=SyncRecord.UNFINISHED) | ~Q(open_writes={}))
    for record in waiting:
        lane = order_lane(lime_id)
        if (
            record.collapsible
            and record.status in SyncRecord.DUE
            and waiting.model.objects.filter(kind=record.kind, entity_key=lane, collapsible=True, status__in=SyncRecord.DUE).exists()
        ):
            continue
        SyncRecord.objects.filter(pk=record.pk).update(entity_key=lane)


def _taken(limetype: str, billecta_id: str, ids: str) -> AmbiguousMatch:
    return AmbiguousMatch(system="Kvittens", what=f"{limetype} {billecta_id}", ids=ids)


def creditor_public_id(name: str) -> str:
    """The Billecta id of a creditor named by it or as `lime:<id>`. Raises GuardRefused when the portal does not know it."""
    lime_id = lime_id_of(name)
    wanted = {"billecta_id": name} if lime_id is None else {"lime_id": lime_id}
    found = Creditor.objects.filter(**wanted).values_list("billecta_id", flat=True).first()
    if found is None:
        raise GuardRefused(
            reason=_("The portal knows no creditor %(name)s.") % {"name": name},
            remedy=_("Name a creditor by its Billecta id or as lime:<id>; import it first if it is new."),
        )
    return found
