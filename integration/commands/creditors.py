"""Creditors: found in Billecta by stored id or organisation number, created when there is none, updated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from integration.commands.matching import digits_of, same_number
from integration.commands.per_creditor import must_name
from integration.commands.table import Command, Options, Preview, add
from integration.errors import AmbiguousMatch, RemoteNotFound, ValidationFailed
from integration.ledger import Done, Nothing, Outcome, Work, write_once
from integration.ledger.submit import Subject
from integration.mapping.engine import changed, content_hash, merge, to_billecta
from integration.mapping.spec import MappingSpec
from integration.models import RecordLink, SyncRecord
from integration.sync import lime_records, links
from integration.sync.invoices import known_creditor
from integration.sync.lime_links import plan_link_row
from integration.sync.mirror import store_creditor
from integration.sync.order_source import Values, with_id
from integration.sync.prerequisites import LINK_ONLY
from integration.sync.prerequisites import require as require_work
from integration.sync.systems import billecta
from integration.sync.versions import published
from integration.validations.creditor import validate_creditor

UPSERT = "upsert-creditors-in-billecta"


def register() -> None:
    """Put the commands on creditors in the table."""
    add(
        Command(
            id=UPSERT,
            limetype="creditor",
            title=_("Send creditors to Billecta"),
            confirmation=_("Link, create or update the chosen creditors (%(count)s) in Billecta?"),
            execute=upsert,
            calls={"billecta": 2, "lime": 1},
            subjects=subjects,
            preview=preview,
            link=lambda record, public_id: _link(public_id, record.lime_id or 0),
        )
    )


def subjects(lime_ids: Sequence[int], options: Options) -> list[Subject]:
    """One piece of work for each creditor."""
    return [
        Subject(entity_key=links.object_lane("creditor", "", lime_id), limetype="creditor", lime_id=lime_id, options=dict(options))
        for lime_id in lime_ids
    ]


def require(lime_id: int, *, requested_by: str = "") -> SyncRecord:
    """Work that has the creditor be linked, without changing one that is in Billecta."""
    subject = Subject(entity_key=links.object_lane("creditor", "", lime_id), limetype="creditor", lime_id=lime_id, options=LINK_ONLY)
    return require_work(UPSERT, subject, requested_by=requested_by)


def upsert(work: Work) -> Outcome:
    """Link the creditor, by Lime's stored id or by organisation number, else create it; then bring it to what Lime says."""
    lime_id = must_name(work.record.lime_id, "creditor")
    _version, spec = published()
    source = with_id(lime_records.get(spec.limetype("creditor"), lime_id))
    link = links.find("creditor", lime_id=lime_id) or _adopt(spec, source)
    if link is not None and work.record.options.get("link_only"):
        known_creditor(link.billecta_id, lime_id=lime_id)
        return Nothing(link.billecta_id)
    values = _values(spec, source)
    if link is not None:
        return _update(link, values)
    once = write_once(
        work,
        "create_creditor",
        system="Billecta",
        look=lambda: _by_org_no(values),
        write=lambda: billecta().create_creditor(values),
        keep=lambda once: _link(once.it, lime_id),
    )
    store_creditor(billecta().get_creditor(once.it), lime_id=lime_id)
    return Done(once.it)


def bring_in_step(link: RecordLink, source: Values) -> Outcome:
    """Update a creditor that is linked to what Lime says; no call when that was sent. Raises ValidationFailed."""
    if is_in_step(link, source):
        return Nothing(link.billecta_id)
    _version, spec = published()
    return _update(link, _values(spec, source))


def is_in_step(link: RecordLink, source: Values) -> bool:
    """Whether what Lime says of a creditor is what was last sent. Raises ValidationFailed."""
    _version, spec = published()
    return link.sent_hash == content_hash(_values(spec, source))


def _link(public_id: str, lime_id: int) -> None:
    links.link("creditor", creditor_id=public_id, lime_id=lime_id, billecta_id=public_id, origin=RecordLink.Origin.MATCHED)
    plan_link_row("creditor", public_id, lime_id)


def preview(lime_id: int, _options: Options) -> list[Preview]:
    """What would be sent for one creditor. Nothing is changed anywhere."""
    _version, spec = published()
    known = links.find("creditor", lime_id=lime_id)
    endpoint = billecta().endpoint("update_creditor" if known else "create_creditor")
    try:
        payload: dict[str, Any] | None = _values(spec, with_id(lime_records.get(spec.limetype("creditor"), lime_id)))
    except ValidationFailed as error:
        return [Preview(lime_id, "", endpoint.method, endpoint.path, None, error.problems)]
    return [Preview(lime_id, known.billecta_id if known else "", endpoint.method, endpoint.path, payload, [])]


def _values(spec: MappingSpec, source: Values) -> dict[str, Any]:
    problems = validate_creditor(source, spec, record=f"creditor[{source['_id']}]")
    if problems:
        raise ValidationFailed(problems)
    return to_billecta(spec, "creditor", source).values


def _adopt(spec: MappingSpec, source: Values) -> RecordLink | None:
    stored = str(source.get(spec.link("creditor", "billecta_id") or "") or "")
    if not stored:
        return None
    try:
        view = billecta().get_creditor(stored)
    except RemoteNotFound:
        return None
    lime_id = int(source["_id"])
    store_creditor(view, lime_id=lime_id)
    return links.link(
        "creditor", creditor_id=view.creditor_id, lime_id=lime_id, billecta_id=view.creditor_id, origin=RecordLink.Origin.ADOPTED
    )


def _update(link: RecordLink, values: dict[str, Any]) -> Outcome:
    fetched = billecta().get_creditor(link.billecta_id)
    differs = bool(changed(values, fetched.raw))
    if differs:
        billecta().update_creditor({**merge(fetched.raw, values), "CreditorPublicId": link.billecta_id})
        fetched = billecta().get_creditor(link.billecta_id)
    store_creditor(fetched, lime_id=link.lime_id)
    RecordLink.objects.filter(pk=link.pk).update(sent_hash=content_hash(values))
    plan_link_row("creditor", link.billecta_id, link.lime_id)
    return (Done if differs else Nothing)(link.billecta_id)


def _by_org_no(values: dict[str, Any]) -> str | None:
    """The one creditor in Billecta with this organisation number that no other Lime creditor is linked to."""
    wanted = digits_of(str(values.get("OrgNo") or ""))
    linked = set(RecordLink.objects.filter(limetype="creditor").values_list("billecta_id", flat=True))
    found = [item for item in billecta().list_creditors() if same_number(item.org_no, wanted) and item.creditor_id not in linked]
    if len(found) > 1:
        raise AmbiguousMatch(system="Billecta", what=f"organisation number {wanted}", ids=", ".join(item.creditor_id for item in found))
    return found[0].creditor_id if found else None
