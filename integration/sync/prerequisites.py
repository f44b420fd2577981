"""What must be in Billecta first: work of its own, in its own lane, asked for once however many wait for it."""

from __future__ import annotations

from django.db import transaction

from integration.ledger.submit import Subject, submit
from integration.models import SyncRecord

LINK_ONLY = {"link_only": True}


def require(kind: str, subject: Subject, *, requested_by: str = "") -> SyncRecord:
    """The unfinished work of this kind in this lane, or new work: only to be there, not to be changed."""
    with transaction.atomic():
        known = SyncRecord.objects.filter(kind=kind, entity_key=subject.entity_key, status__in=SyncRecord.UNFINISHED).order_by("pk").first()
        return known or submit(kind, subject, requested_by=requested_by)
