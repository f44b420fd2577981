"""Objects that live once per creditor in Billecta, debtors and articles: found, adopted, created at most once, updated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integration.commands.matching import Candidate, the_one
from integration.commands.table import Options, Preview
from integration.errors import AmbiguousMatch, CreditorRequired, GuardRefused, Problem, RemoteNotFound, ValidationFailed
from integration.ledger import Done, Nothing, Outcome, Work, write_once
from integration.ledger.submit import Subject
from integration.ledger.writes import Once
from integration.mapping.engine import changed, content_hash, merge, to_billecta
from integration.mapping.spec import MappingSpec
from integration.models import Article, Creditor, Debtor, RecordLink, SyncRecord
from integration.sync import lime_records, links
from integration.sync.invoices import known_creditor
from integration.sync.lime_links import link_row, plan_link_row, stored_id
from integration.sync.lime_records import LimeRecord
from integration.sync.order_source import with_id
from integration.sync.prerequisites import LINK_ONLY, require
from integration.sync.references import external_id
from integration.sync.systems import billecta
from integration.sync.versions import published

Values = Mapping[str, Any]


@dataclass(frozen=True)
class PerCreditor:
    """What differs between debtors and articles.

    `by_number` takes the creditor and the mapped values and gives the object's own number with the Billecta objects that carry it.
    `id_of` reads a fetched view; `store` keeps it in `mirror`; `stop` raises GuardRefused for an object that must not be sent to.
    """

    name: str
    command: str
    external_field: str
    id_field: str
    create_operation: str
    update_operation: str
    validate: Callable[..., list[Problem]]
    get: Callable[[str], Any]
    create: Callable[[dict[str, Any]], str]
    update: Callable[[dict[str, Any]], None]
    by_external_id: Callable[[str, str], Any]
    by_number: Callable[[str, Values], tuple[str, list[Candidate]]]
    id_of: Callable[[Any], str]
    store: Callable[..., Any]
    mirror: type[Debtor | Article]
    stop: Callable[[str], None] = lambda _public_id: None
    calls: Mapping[str, int] = field(default_factory=lambda: {"billecta": 4, "lime": 2})

    def require(self, creditor_id: str, lime_id: int, *, requested_by: str = "") -> SyncRecord:
        """Work that has the object be in Billecta, without changing one that is."""
        lane = links.object_lane(self.name, creditor_id, lime_id)
        subject = Subject(entity_key=lane, limetype=self.name, lime_id=lime_id, creditor_id=creditor_id, options=LINK_ONLY)
        return require(self.command, subject, requested_by=requested_by)

    def subjects(self, lime_ids: Sequence[int], options: Options) -> list[Subject]:
        """One piece of work for each object and creditor: the named one, else every linked one, else the only one there is."""
        named = links.creditor_public_id(str(options["creditor"])) if options.get("creditor") else ""
        linked: dict[int, list[str]] = {}
        for lime_id, creditor_id in RecordLink.objects.filter(limetype=self.name, lime_id__in=lime_ids).values_list(
            "lime_id", "creditor_id"
        ):
            linked.setdefault(lime_id, []).append(creditor_id)
        only = list(Creditor.objects.values_list("billecta_id", flat=True)[:2])
        fallback = only if len(only) == 1 else [""]
        return [
            Subject(
                entity_key=links.object_lane(self.name, creditor_id, lime_id),
                limetype=self.name,
                lime_id=lime_id,
                creditor_id=creditor_id,
                options=dict(options),
            )
            for lime_id in lime_ids
            for creditor_id in ([named] if named else linked.get(lime_id) or fallback)
        ]

    def execute(self, work: Work) -> Outcome:
        """Bring the object in Billecta to what Lime says; with `link_only` one that is there is left as it is."""
        creditor_id, lime_id = work.record.creditor_id, work.record.lime_id or 0
        if not creditor_id:
            raise CreditorRequired(what=f"{self.name} {lime_id}")
        _version, spec = published()
        creditor = known_creditor(creditor_id)
        link = self._linked(spec, creditor, lime_id) or self._adopt(spec, creditor, lime_id)
        link_only = bool(work.record.options.get("link_only"))
        if link is not None and link_only and not _awaits_our_id(link):
            self._mirrored(link.billecta_id, creditor, lime_id)
            return Nothing(link.billecta_id)
        source = with_id(lime_records.get(spec.limetype(self.name), lime_id))
        values = self._values(spec, source, creditor_id)
        if link is not None:
            return self._update(link, values, creditor)
        once = self._create(work, values, creditor, lime_id)
        self._mirrored(once.it, creditor, lime_id)
        link = links.get(self.name, lime_id, creditor_id)
        if once.is_new or (link_only and not _awaits_our_id(link)):
            return Done(once.it)
        return self._update(link, values, creditor)

    def bring_in_step(self, link: RecordLink, source: Values) -> Outcome:
        """Update what is linked to what Lime says; never creates it, and makes no call when that was sent. Raises ValidationFailed."""
        _version, spec = published()
        return self._update(link, self._values(spec, source, link.creditor_id), known_creditor(link.creditor_id))

    def is_in_step(self, link: RecordLink, source: Values) -> bool:
        """Whether what Lime says is what was last sent. Raises ValidationFailed."""
        _version, spec = published()
        return link.sent_hash == content_hash(self._values(spec, source, link.creditor_id))

    def link(self, record: SyncRecord, public_id: str) -> RecordLink:
        """Store that the object of a piece of work is this one, as a person says."""
        lime_id, creditor_id = record.lime_id or 0, record.creditor_id
        return links.link(self.name, creditor_id=creditor_id, lime_id=lime_id, billecta_id=public_id, origin=RecordLink.Origin.MATCHED)

    def preview(self, lime_id: int, options: Options) -> list[Preview]:
        """What would be sent for one object, for each creditor. Nothing is changed anywhere."""
        return [self._preview(subject) for subject in self.subjects([lime_id], options)]

    def _preview(self, subject: Subject) -> Preview:
        _version, spec = published()
        lime_id = subject.lime_id or 0
        payload: dict[str, Any] | None = None
        known, problems = False, list[Problem]()
        try:
            payload = self._values(spec, with_id(lime_records.get(spec.limetype(self.name), lime_id)), subject.creditor_id)
            known = self._is_known(spec, subject.creditor_id, lime_id, payload)
        except ValidationFailed as error:
            problems = error.problems
        except (AmbiguousMatch, GuardRefused) as error:
            problems = [Problem(self.name, error.code, error.message)]
        endpoint = billecta().endpoint(self.update_operation if known else self.create_operation)
        if not subject.creditor_id:
            missing = CreditorRequired(what=f"{self.name} {lime_id}")
            problems = [*problems, Problem("creditor", missing.code, missing.message)]
        return Preview(lime_id, subject.creditor_id, endpoint.method, endpoint.path, payload, problems)

    def find(self, spec: MappingSpec, creditor: Creditor, lime_id: int, row: LimeRecord | None) -> str:
        """The Billecta id of an object by our link, by the id that Lime's link row holds, by its external id; "" for none. Reads only."""
        link = links.find(self.name, lime_id=lime_id, creditor_id=creditor.billecta_id)
        if link is not None:
            return link.billecta_id
        stored = self._at(stored_id(spec, self.name, row), creditor)
        found = stored or self.by_external_id(creditor.billecta_id, external_id(self.name, lime_id))
        return self.id_of(found) if found else ""

    def _is_known(self, spec: MappingSpec, creditor_id: str, lime_id: int, values: Values) -> bool:
        """Whether the object would be updated and not made. Reads only. Raises AmbiguousMatch."""
        creditor = Creditor.objects.filter(billecta_id=creditor_id).first()
        if creditor is None:
            return False
        row = link_row(spec, self.name, creditor, lime_id) if creditor.lime_id else None
        known = self.find(spec, creditor, lime_id, row)
        if known:
            self.stop(known)
        return bool(known or self._with_number(creditor, lime_id, values))

    def _values(self, spec: MappingSpec, source: Values, creditor_id: str) -> dict[str, Any]:
        problems = self.validate(source, spec, record=f"{self.name}[{source['_id']}]")
        if problems:
            raise ValidationFailed(problems)
        own = {"CreditorPublicId": creditor_id, self.external_field: external_id(self.name, int(source["_id"]))}
        return {**to_billecta(spec, self.name, source).values, **own}

    def _linked(self, spec: MappingSpec, creditor: Creditor, lime_id: int) -> RecordLink | None:
        """Our link. Where nothing may be sent to the object, a person may have linked another in Lime, which is adopted instead."""
        link = links.find(self.name, lime_id=lime_id, creditor_id=creditor.billecta_id)
        if link is None:
            return None
        try:
            self.stop(link.billecta_id)
        except GuardRefused:
            stored = stored_id(spec, self.name, link_row(spec, self.name, creditor, lime_id))
            if stored in {"", link.billecta_id} or self._at(stored, creditor) is None:
                raise
            link.delete()
            self.mirror.objects.filter(billecta_id=link.billecta_id).update(lime_id=None)
            return None
        return link

    def _adopt(self, spec: MappingSpec, creditor: Creditor, lime_id: int) -> RecordLink | None:
        """The id that Lime's link table already holds for this creditor, when Billecta knows it."""
        view = self._at(stored_id(spec, self.name, link_row(spec, self.name, creditor, lime_id)), creditor)
        if view is None:
            return None
        self.stop(self.id_of(view))
        self.store(view, creditor, lime_id=lime_id)
        return links.link(
            self.name, creditor_id=creditor.billecta_id, lime_id=lime_id, billecta_id=self.id_of(view), origin=RecordLink.Origin.ADOPTED
        )

    def _at(self, stored: str, creditor: Creditor) -> Any:
        """The object of an id that Lime holds, None when Billecta has none. Raises AmbiguousMatch when it is another creditor's."""
        try:
            view = self.get(stored) if stored else None
        except RemoteNotFound:
            return None
        if view is not None and view.creditor_id != creditor.billecta_id:
            raise AmbiguousMatch(system="Billecta", what=f"{self.name} {stored}", ids=f"{creditor.billecta_id}, {view.creditor_id}")
        return view

    def _update(self, link: RecordLink, values: dict[str, Any], creditor: Creditor) -> Outcome:
        digest = content_hash(values)
        if link.sent_hash == digest:
            return Nothing(link.billecta_id)
        fetched = self.get(link.billecta_id)
        differs = bool(changed(values, fetched.raw))
        if differs:
            self.update({**merge(fetched.raw, values), self.id_field: link.billecta_id})
            fetched = self.get(link.billecta_id)
        self.store(fetched, creditor, lime_id=link.lime_id)
        RecordLink.objects.filter(pk=link.pk).update(sent_hash=digest)
        plan_link_row(self.name, creditor.billecta_id, link.lime_id)
        return (Done if differs else Nothing)(link.billecta_id)

    def _create(self, work: Work, values: dict[str, Any], creditor: Creditor, lime_id: int) -> Once[str]:
        matched: list[str] = []

        def look() -> str | None:
            """What a lost send made has our external id; only an object that was never sent may be one that is there already."""
            found = self._with_external_id(creditor, values)
            if found is None and work.open_write(self.create_operation) is None:
                found = self._with_number(creditor, lime_id, values)
                matched.extend([found] if found else [])
            return found

        def keep(once: Once[str]) -> None:
            origin = RecordLink.Origin.MATCHED if matched else RecordLink.Origin.CREATED
            sent = content_hash(values) if once.is_new else ""
            links.link(self.name, creditor_id=creditor.billecta_id, lime_id=lime_id, billecta_id=once.it, origin=origin, sent_hash=sent)
            plan_link_row(self.name, creditor.billecta_id, lime_id)

        return write_once(work, self.create_operation, system="Billecta", look=look, write=lambda: self.create(values), keep=keep)

    def _with_external_id(self, creditor: Creditor, values: Values) -> str | None:
        found = self.by_external_id(creditor.billecta_id, values[self.external_field])
        if found is None:
            return None
        self.stop(self.id_of(found))
        return self.id_of(found)

    def _with_number(self, creditor: Creditor, lime_id: int, values: Values) -> str | None:
        number, candidates = self.by_number(creditor.billecta_id, values)
        return the_one(self.name, creditor.billecta_id, lime_id, number, candidates)

    def _mirrored(self, public_id: str, creditor: Creditor, lime_id: int) -> None:
        """Have the mirror hold the object; a worker may have been lost between linking it and fetching it."""
        if not self.mirror.objects.filter(billecta_id=public_id).exists():
            self.store(self.get(public_id), creditor, lime_id=lime_id)


def _awaits_our_id(link: RecordLink) -> bool:
    """Whether the object was matched by its number and has not been brought up to date since, so that it lacks our external id."""
    return link.origin == RecordLink.Origin.MATCHED and not link.sent_hash


def must_name(lime_id: int | None, what: str) -> int:
    """The Lime id that work names. Raises GuardRefused when it names none."""
    if lime_id is None:
        raise GuardRefused(reason=_("The work names no %(what)s.") % {"what": what}, remedy=_("Ask again with its Lime id."))
    return lime_id
