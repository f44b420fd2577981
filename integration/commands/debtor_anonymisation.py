"""Debtors anonymised: the person is taken out of Billecta's debtor and of everything stored here, once nothing requires it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.personal_data import neutral_fields, pattern_of, without_person
from integration.commands.anonymisation_guards import stop_when_forbidden
from integration.commands.debtors import DEBTORS
from integration.commands.per_creditor import must_name
from integration.commands.table import Command, Options, Preview, add
from integration.errors import CreditorRequired, KvittensError, Problem, RemoteNotFound, RemoteRejected
from integration.ledger import Done, Nothing, Outcome, Work, log
from integration.mapping.engine import changed, merge
from integration.models import Anonymisation, Creditor, Debtor
from integration.sync import links
from integration.sync.anonymising import Person, clean_stored, kept_of, neutralise_mirror, texts_of
from integration.sync.invoices import known_creditor
from integration.sync.lime_links import link_row
from integration.sync.mirror import store_debtor
from integration.sync.references import external_id
from integration.sync.systems import billecta
from integration.sync.versions import published

ANONYMISE = "anonymize-debtors-in-billecta"
ACCEPTED = 200


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=ANONYMISE,
            limetype="debtor",
            title=gettext_lazy("Anonymise customers in Billecta"),
            confirmation=gettext_lazy(
                "Anonymise the chosen customers (%(count)s)? Name, number, address and contact are removed from Billecta and from the"
                " portal. This cannot be undone. The customers in Lime are not changed."
            ),
            execute=anonymise,
            calls={"billecta": 6, "lime": 1},
            subjects=DEBTORS.subjects,
            preview=preview,
            options_schema={
                "type": "object",
                "properties": {
                    "reason": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 500,
                        "title": gettext_noop("Reason, kept as the record of why"),
                    }
                },
                "required": ["reason"],
            },
            destructive=True,
        )
    )


def anonymise(work: Work) -> Outcome:
    """Anonymise one debtor. What has begun is finished whatever has happened since; what is finished is not done again.

    Raises GuardRefused naming what forbids it, RemoteRejected when Billecta keeps what it was asked to remove.
    """
    lime_id, creditor_id = must_name(work.record.lime_id, "debtor"), work.record.creditor_id
    if not creditor_id:
        raise CreditorRequired(what=f"debtor {lime_id}")
    creditor = known_creditor(creditor_id)
    debtor_id = _debtor_id(creditor, lime_id)
    record = Anonymisation.objects.filter(debtor_id=debtor_id).first() if debtor_id else None
    if record is not None and record.finished_at is not None:
        return Nothing(debtor_id, {"note": "debtor_anonymised_before"})
    view = _fetched(creditor, lime_id, debtor_id)
    known = Debtor.objects.filter(billecta_id=debtor_id).first() if debtor_id else None
    sought = texts_of(known) if known and record is None else []
    debtor = _mirrored(view, creditor, lime_id, debtor_id)
    if debtor is None:
        return Nothing("", {"note": "debtor_not_in_billecta"})
    if record is None:
        stop_when_forbidden(debtor, in_billecta=view is not None)
        record = _begun(work, debtor, sought)
    if view is not None:
        _replace_in_billecta(view)
    _remove_here(work, debtor, record)
    return Done(debtor_id, {"note": "debtor_anonymised", "counts": record.counts})


def _debtor_id(creditor: Creditor, lime_id: int) -> str:
    """The debtor by our link, by the id that Lime holds, or by its external id; "" for none."""
    link = links.find("debtor", lime_id=lime_id, creditor_id=creditor.billecta_id)
    if link is not None:
        return link.billecta_id
    _version, spec = published()
    return DEBTORS.find(spec, creditor, lime_id, link_row(spec, "debtor", creditor, lime_id))


def _fetched(creditor: Creditor, lime_id: int, debtor_id: str) -> wire.Debtor | None:
    """The debtor as Billecta has it, None when it has none. One 404 is believed only when its external id finds none either."""
    try:
        return billecta().get_debtor(debtor_id) if debtor_id else None
    except RemoteNotFound:
        if billecta().debtor_by_external_id(creditor.billecta_id, external_id("debtor", lime_id)) is not None:
            raise
        return None


def _mirrored(view: wire.Debtor | None, creditor: Creditor, lime_id: int, debtor_id: str) -> Debtor | None:
    """The debtor's mirror row with its creditor, None when neither system has it."""
    if view is not None:
        store_debtor(view, creditor, lime_id=lime_id)
    return Debtor.objects.filter(billecta_id=debtor_id).select_related("creditor").first() if debtor_id else None


def _begun(work: Work, debtor: Debtor, known: list[str]) -> Anonymisation:
    """The record of what is done, with what is looked for, before anything is changed; `known` is of before Billecta was asked."""
    sought = list(dict.fromkeys([*known, *texts_of(debtor)]))
    values: dict[str, Any] = {
        "creditor_id": debtor.creditor.billecta_id,
        "lime_id": debtor.lime_id,
        "reason": without_person(str(work.record.options.get("reason", "")), debtor.billecta_id, pattern_of(sought)),
        "requested_by": work.record.requested_by,
        "sought": sought,
    }
    return Anonymisation.objects.get_or_create(debtor_id=debtor.billecta_id, defaults=values)[0]


def _replace_in_billecta(view: wire.Debtor) -> None:
    """Replace the personal fields of the whole view, and read it back. Billecta publishes no call of its own for this (assumed)."""
    neutral = neutral_fields(view.debtor_id)
    if not changed(neutral, view.raw):
        return
    billecta().update_debtor(merge(view.raw, neutral))
    kept = changed(neutral, billecta().get_debtor(view.debtor_id).raw)
    if kept:
        detail = f"it still holds {', '.join(sorted(kept))}"
        raise RemoteRejected(system="Billecta", status=ACCEPTED, detail=detail, external_code="")


def _remove_here(work: Work, debtor: Debtor, record: Anonymisation) -> None:
    neutralise_mirror(debtor)
    clean_stored(work, Person.of(debtor, record.sought), record)
    with transaction.atomic():
        record.finished_at, record.sought, record.kept = timezone.now(), [], kept_of(debtor)
        record.save(update_fields=["finished_at", "sought", "kept"])
        log(
            "debtor.anonymised",
            limetype="debtor",
            lime_id=debtor.lime_id,
            billecta_id=debtor.billecta_id,
            actor=record.requested_by,
            creditor=debtor.creditor.billecta_id,
            counts=record.counts,
        )


def preview(lime_id: int, options: Options) -> list[Preview]:
    """What Billecta would be sent for one debtor, for each creditor, and what forbids it. Nothing is changed anywhere."""
    return [_preview(lime_id, subject.creditor_id) for subject in DEBTORS.subjects([lime_id], options)]


def _preview(lime_id: int, creditor_id: str) -> Preview:
    endpoint = billecta().endpoint("update_debtor")
    payload: dict[str, Any] | None = None
    problems: list[Problem] = []
    try:
        creditor = Creditor.objects.filter(billecta_id=creditor_id).first()
        if creditor is None:
            raise CreditorRequired(what=f"debtor {lime_id}")
        debtor_id = _debtor_id(creditor, lime_id)
        view = _fetched(creditor, lime_id, debtor_id)
        if view is not None:
            payload = merge(view.raw, neutral_fields(debtor_id))
        debtor = Debtor.objects.filter(billecta_id=debtor_id).select_related("creditor").first()
        if debtor is not None and debtor.anonymised_at is None:
            stop_when_forbidden(debtor, in_billecta=view is not None)
    except KvittensError as error:
        problems = [Problem("debtor", error.code, error.message)]
    return Preview(lime_id, creditor_id, endpoint.method, endpoint.path, payload, problems)
