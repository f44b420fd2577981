"""Wake-ups: one queued task for any amount of work. The rows are the truth; a lost wake-up only costs time."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone

from integration.models import WakeUp
from integration.models.ledger import Queue

logger = structlog.get_logger("kvittens")
LOST_AFTER = timedelta(seconds=60)
TASK = "integration.tasks.drain_queue"
_PENDING = f"SELECT pending FROM {WakeUp._meta.db_table} WHERE queue = %s"  # noqa: S608, SLF001  a constant of ours


def wake(queue: str) -> None:
    """Have a worker look at `queue` soon after the current transaction commits; cheap when one is on its way already."""
    pending = _pending(queue)
    if pending:
        return
    if pending is None:
        WakeUp.objects.bulk_create([WakeUp(queue=queue)], ignore_conflicts=True)
    if WakeUp.objects.filter(queue=queue, pending=False).update(pending=True, requested_at=timezone.now()):
        transaction.on_commit(lambda: _enqueue(queue))


def _pending(queue: str) -> bool | None:
    """Whether a wake-up is on its way; None when the queue has no row yet.

    In SQL of its own, since every event and every piece of work asks this: to have the ORM compose it costs ten times as much.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, [queue])
        row = cursor.fetchone()
    return None if row is None else bool(row[0])


def answered(queue: str) -> None:
    """The worker is here: what arrives from now on asks for a wake-up of its own."""
    WakeUp.objects.filter(queue=queue, pending=True).update(pending=False)


def forget_lost() -> None:
    """Wake-ups that no worker answered for a minute are taken as lost, so that the next one is sent."""
    WakeUp.objects.filter(pending=True, requested_at__lt=timezone.now() - LOST_AFTER).update(pending=False)


def start_over() -> None:
    """The workers have just started, so no wake-up of before will be answered: forget them all."""
    WakeUp.objects.filter(pending=True).update(pending=False)


def all_queues() -> list[str]:
    return [Queue.INGEST, Queue.OUTBOUND]


def _enqueue(queue: str) -> None:
    from django_q.tasks import async_task

    try:
        async_task(TASK, queue, task_name=f"drain {queue}")
    except Exception:  # whatever the broker raises: the row is stored, the sweep finds it
        logger.warning("wake_up_failed", queue=queue, exc_info=True)
