"""What happens when Billecta tells of a debt-collection case: the case is fetched and kept, and its invoice looked at anew."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from integration.errors import RemoteNotFound
from integration.handlers.table import PULL_CASE, PULL_INVOICE
from integration.ledger import Done, Kind, Nothing, Outcome, WaitFor, Work, registry, submit_collapsed
from integration.ledger.submit import Subject
from integration.models import DebtCollectionCase, SyncRecord
from integration.models.ledger import Queue
from integration.sync.debt_collection import fetch_and_store_case
from integration.sync.links import action_lanes


def register() -> None:
    """Put the work of this module in the ledger's registry."""
    title = _("Fetch a debt-collection case from Billecta")
    registry.add_kind(Kind(PULL_CASE, Queue.INGEST, pull_debt_collection, collapsible=True, calls={"billecta": 1}, title=title))


def pull_debt_collection(work: Work) -> Outcome:
    """Fetch one case, store it, and have its invoice looked at; an invoice that is new to the portal is fetched first."""
    case_id = work.record.billecta_id
    try:
        case = fetch_and_store_case(case_id)
    except RemoteNotFound:
        return Nothing(case_id, result={"gone": True})
    source = str(case.view.get("InvoiceSourcePublicId") or "")
    if source and not (case.invoice is None and work.record.prerequisites.exists()):
        looks = _look_at_invoice(source, case)
        if case.invoice is None:
            raise WaitFor(looks)
    return Done(case_id, result={"stage": case.stage, "invoice": source})


def _look_at_invoice(action_id: str, case: DebtCollectionCase) -> list[SyncRecord]:
    lane = action_lanes([action_id])[action_id]
    subject = Subject(lane, "invoice", billecta_id=action_id, creditor_id=case.creditor.billecta_id)
    return list(submit_collapsed(PULL_INVOICE, [subject]).values())
