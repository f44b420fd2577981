"""What an invoice's dates and amounts mean together, as conditions on its table that lists, tiles and reports share."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

IN_THE_AIR = Q(sent_at__isnull=False, closed_at__isnull=True, deleted_at__isnull=True, current_ore__gt=0)
"""Sent and not settled: money that is on its way, late or not."""
NOT_ATTESTED = Q(attested_at__isnull=True, deleted_at__isnull=True)
SETTLED = Q(attested_at__isnull=False) & (Q(closed_at__isnull=False) | Q(current_ore__lte=0))


def overdue(today: date) -> Q:
    """On its way and due before `today` (Stockholm)."""
    return IN_THE_AIR & Q(due_date__lt=today)
