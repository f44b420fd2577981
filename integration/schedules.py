"""What runs by the clock. Schedules are made here, from code alone: one malformed row would stop all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver

if TYPE_CHECKING:
    from django_q.models import Schedule


@dataclass(frozen=True)
class Recurring:
    """One thing that runs every `minutes`: `task` is the dotted path of a function that takes no arguments."""

    name: str
    task: str
    minutes: int


table: dict[str, Recurring] = {}


def add(recurring: Recurring) -> None:
    """Put something in the table; called while the portal starts. Takes effect at the next migrate or start of the workers."""
    table[recurring.name] = recurring


def ensure_schedules() -> None:
    """Make the database's schedules equal the table: missing ones made, changed ones mended, all others removed.

    A schedule that is right keeps the time of its next run.
    """
    from django_q.models import Schedule

    with transaction.atomic():
        keep = [_ensure(recurring).pk for recurring in table.values()]
        Schedule.objects.exclude(pk__in=keep).delete()


def _ensure(recurring: Recurring) -> Schedule:
    from django_q.models import Schedule

    wanted: dict[str, Any] = {
        "func": recurring.task,
        "hook": None,
        "args": None,
        "kwargs": None,
        "schedule_type": Schedule.MINUTES,
        "minutes": recurring.minutes,
        "repeats": -1,
        "cron": None,
        "cluster": None,
        "intended_date_kwarg": None,
    }
    schedule: Schedule | None = Schedule.objects.filter(name=recurring.name, next_run__isnull=False).order_by("pk").first()
    if schedule is None:
        return Schedule.objects.create(name=recurring.name, **wanted)
    if any(getattr(schedule, field) != value for field, value in wanted.items()):
        Schedule.objects.filter(pk=schedule.pk).update(**wanted)
    return schedule


@receiver(post_migrate, dispatch_uid="integration.schedules")
def _after_migrate(sender: AppConfig, using: str, **_: object) -> None:
    """Migrating the portal makes its schedules; migrating one app of an empty database comes before there is a table for them."""
    from django_q.models import Schedule

    if sender.name == "integration" and Schedule._meta.db_table in connections[using].introspection.table_names():  # noqa: SLF001
        ensure_schedules()


add(Recurring("sweep", "integration.tasks.sweep_ledger", minutes=1))
add(Recurring("lime-sweep", "integration.tasks.sweep_lime", minutes=1))
add(Recurring("open payments", "integration.tasks.ask_about_open_payments", minutes=30))
