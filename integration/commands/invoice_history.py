"""What an invoice's own history in Billecta tells of writes that nothing else shows: sent again, reminded, commented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integration.billecta import wire
from integration.billecta.action_events import ActionEventType
from integration.billecta.enums import CommentTarget
from integration.ledger import Work, change_once
from integration.models import Invoice
from integration.sync.systems import billecta

COMMENT = "comment"


def known_events(view: wire.InvoiceAction, kind: ActionEventType) -> dict[str, Any]:
    """What is noted before a write: the ids of the events of its kind that are there already."""
    return {"events": [event.event_id for event in view.events if event.event_type == kind]}


def has_happened(action_id: str, kind: ActionEventType, noted: Mapping[str, Any], content: str = "") -> bool | None:
    """True when an event of the kind (and content) has come since; None otherwise, since a history may be late or incomplete."""
    view = billecta().get_invoice(action_id)
    come = [event for event in view.events if event.event_type == kind and event.has_occurred and event.event_id not in noted["events"]]
    return any(not content or event.content.strip() == content for event in come) or None


def nothing_seen(noted: Mapping[str, Any]) -> str:
    """What is told to the person who must decide."""
    return _("the invoice's history shows nothing new of this kind; before it was sent it held %(count)s") % {"count": len(noted["events"])}


def comment_once(work: Work, invoice: Invoice, text: str, target: CommentTarget = CommentTarget.PRIVATE) -> bool:
    """Put a comment on an invoice at most once in this work; returns whether it was sent in this very run.

    Raises what `change_once` raises; NeedsDecision when the answer was lost and the history does not show the comment.
    """
    kind, text = ActionEventType.COMMENTED_BY_CREDITOR, text.strip()
    return change_once(
        work,
        COMMENT,
        system="Billecta",
        happened=lambda noted: has_happened(invoice.billecta_id, kind, noted, text),
        seen=nothing_seen,
        prepare=lambda: known_events(billecta().get_invoice(invoice.billecta_id), kind),
        write=lambda: billecta().comment(invoice.billecta_id, text, target),
    )
