"""`options.creditor` of commands on orders and invoices: what belongs to another creditor is left alone."""

from __future__ import annotations

from django.utils.translation import gettext as _

from integration.errors import GuardRefused, Problem
from integration.ledger import Outcome, Skipped, Work
from integration.ledger.registry import Execute
from integration.models import Invoice, Order

OWNED: dict[str, type[Order | Invoice]] = {"order": Order, "invoice": Invoice}


def narrowed(limetype: str, execute: Execute) -> Execute:
    """The same work, skipped for an order or invoice that the portal knows to be another creditor's than `options.creditor`."""
    if limetype not in OWNED:
        return execute

    def execute_narrowed(work: Work) -> Outcome:
        wanted, owner = work.record.options.get("creditor"), _owner(work, limetype)
        if wanted and owner and owner != wanted:
            why = other_creditor(limetype, work.record.lime_id)
            return Skipped("other_creditor", why, _("Nothing to do. Leave out the creditor to take all."))
        return execute(work)

    return execute_narrowed


def stop_when_other_creditor(work: Work, limetype: str, creditor_id: str) -> None:
    """Raise GuardRefused for an object whose creditor became known only now and is another than `options.creditor`."""
    wanted = work.record.options.get("creditor")
    if wanted and wanted != creditor_id:
        raise GuardRefused(
            reason=other_creditor(limetype, work.record.lime_id), remedy=_("Leave out the creditor, or name the one that it belongs to.")
        )


def problems_of_narrowing(limetype: str, lime_id: int | None, wanted: object, creditor_id: str) -> list[Problem]:
    """What a dry run says of an object that the command would leave alone."""
    if limetype not in OWNED or not wanted or not creditor_id or wanted == creditor_id:
        return []
    return [Problem("creditor", "other_creditor", other_creditor(limetype, lime_id))]


def other_creditor(limetype: str, lime_id: int | None) -> str:
    """Why it is left alone."""
    if limetype == "order":
        return _("Order %(id)s belongs to another creditor than the one that was named.") % {"id": lime_id}
    return _("Invoice %(id)s belongs to another creditor than the one that was named.") % {"id": lime_id}


def _owner(work: Work, limetype: str) -> str:
    rows = OWNED[limetype].objects.filter(lime_id=work.record.lime_id or 0, creditor__isnull=False)
    return work.record.creditor_id or rows.values_list("creditor__billecta_id", flat=True).first() or ""
