"""What happens when Billecta tells of money that is on no invoice, and what is asked about by the clock."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integration.errors import RemoteNotFound
from integration.handlers.table import PULL_UNHANDLED, unhandled_lane
from integration.ledger import Done, Kind, Nothing, Outcome, Work, registry, submit_collapsed
from integration.ledger.submit import Subject
from integration.models import Creditor, SwishRequest
from integration.models.ledger import Queue
from integration.sync import swish, unhandled_payments
from integration.sync.invoices import known_creditor

PULL_SWISH = "pull-swish-request"


def register() -> None:
    """Put the work of this module in the ledger's registry."""
    title = _("Fetch unhandled payments from Billecta")
    registry.add_kind(Kind(PULL_UNHANDLED, Queue.INGEST, pull_unhandled, collapsible=True, calls={"billecta": 1}, title=title))
    title = _("Fetch what became of a Swish request")
    registry.add_kind(Kind(PULL_SWISH, Queue.INGEST, pull_swish_request, collapsible=True, calls={"billecta": 1}, title=title))


def pull_unhandled(work: Work) -> Outcome:
    """Fetch what is unhandled of one creditor, whichever payment the events named."""
    creditor_id = work.record.billecta_id
    listed = unhandled_payments.fetch_and_store(known_creditor(creditor_id))
    return Done(creditor_id, result={"unhandled": len(listed)})


def pull_swish_request(work: Work) -> Outcome:
    """Ask what became of one Swish request."""
    request_id = work.record.billecta_id
    row = SwishRequest.objects.select_related("invoice__creditor").filter(request_id=request_id).first()
    if row is None:
        return Nothing(request_id)
    try:
        return Done(request_id, result={"status": swish.refresh(row).status})
    except RemoteNotFound:
        return Nothing(request_id, result={"gone": True})


def ask_about_open_payments() -> int:
    """Have looked at whatever changes without an event: unhandled payments that a person has dealt with, unanswered Swish requests.

    Returns how many pieces of work that is.
    """
    creditors = Creditor.objects.filter(unhandled_payments__handled_at=None, unhandled_payments__isnull=False).distinct()
    unhandled = [
        Subject(unhandled_lane(creditor.billecta_id), "creditor", billecta_id=creditor.billecta_id, creditor_id=creditor.billecta_id)
        for creditor in creditors
    ]
    waiting = SwishRequest.objects.filter(status=SwishRequest.Status.CREATED, created_at__gt=timezone.now() - swish.OPEN_FOR)
    requests = [
        Subject(f"swish:{request_id}", "invoice", billecta_id=request_id, creditor_id=creditor_id)
        for request_id, creditor_id in waiting.values_list("request_id", "invoice__creditor__billecta_id")
    ]
    submit_collapsed(PULL_UNHANDLED, unhandled)
    submit_collapsed(PULL_SWISH, requests)
    return len(unhandled) + len(requests)
