"""The database's schedules follow the table in code, whatever was done to them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from integration import schedules
from integration.schedules import Recurring, ensure_schedules

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(monkeypatch):
    copy = dict(schedules.table)
    monkeypatch.setattr(schedules, "table", copy)
    return copy


def test_migrating_made_the_sweep_of_each_minute():
    sweep = Schedule.objects.get(name="sweep")
    assert (sweep.func, sweep.schedule_type, sweep.minutes, sweep.repeats) == ("integration.tasks.sweep_ledger", "I", 1, -1)


def test_every_scheduled_task_exists_and_takes_no_arguments():
    for recurring in schedules.table.values():
        task = import_string(recurring.task)
        assert task.__code__.co_argcount == 0


def test_again_nothing_changes():
    before = list(Schedule.objects.order_by("pk").values())
    ensure_schedules()
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_what_was_spoilt_is_mended_and_keeps_its_time():
    next_run = timezone.now() + timedelta(seconds=30)
    Schedule.objects.filter(name="sweep").update(func="nowhere", args="(((", minutes=1440, repeats=0, next_run=next_run)
    ensure_schedules()
    sweep = Schedule.objects.get(name="sweep")
    assert (sweep.func, sweep.args, sweep.minutes, sweep.repeats, sweep.next_run) == (
        "integration.tasks.sweep_ledger",
        None,
        1,
        -1,
        next_run,
    )


def test_one_without_a_next_run_is_replaced():
    Schedule.objects.filter(name="sweep").update(next_run=None)
    ensure_schedules()
    assert Schedule.objects.get(name="sweep").next_run is not None


def test_strangers_and_doubles_are_removed():
    Schedule.objects.create(name="by hand", func="os.system", args="(((")
    Schedule.objects.create(name="sweep", func="integration.tasks.sweep_ledger")
    ensure_schedules()
    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(schedules.table)


def test_another_thing_by_the_clock_is_one_line(table):
    schedules.add(Recurring("hourly", "integration.tasks.sweep_ledger", minutes=60))
    ensure_schedules()
    assert Schedule.objects.get(name="hourly").minutes == 60
    del table["hourly"]
    ensure_schedules()
    assert not Schedule.objects.filter(name="hourly").exists()
