"""The workers as processes: they live, show it, stop cleanly, and leave nothing behind when they are killed; and the pulse by itself."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from integration.management.commands import run_workers
from integration.management.commands.run_workers import HEARTBEAT, SWEEP_SECONDS, Pulse
from integration.models import Heartbeat, SyncRecord, WakeUp
from integration.models.ledger import Queue
from tests.operation.processes import alive, eventually, group_members, parent_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """A migrated SQLite database of its own, whatever the other tests run on."""
    file = tmp_path_factory.mktemp("workers") / "portal.sqlite3"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}", "WORKERS": "1", "DATABASE_FILE": str(file)}
    environment.pop("REDIS_URL", None)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return environment


@pytest.fixture
def workers(environment):
    command = [sys.executable, "manage.py", "run_workers"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Workers are running.\n"
        yield process
        for pid in group_members(process.pid):
            os.kill(pid, signal.SIGKILL)


def heartbeat(environment) -> str:
    with sqlite3.connect(environment["DATABASE_FILE"]) as database:
        row = database.execute("SELECT at FROM integration_heartbeat WHERE name = ?", [HEARTBEAT]).fetchone()
    return row[0] if row else ""


@pytest.mark.flow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_they_beat_each_second_and_stop_when_asked(workers, environment, number):
    first = heartbeat(environment)
    assert eventually(lambda: heartbeat(environment) > first)
    assert eventually(lambda: len(group_members(workers.pid)) >= 5)
    workers.send_signal(number)
    assert workers.wait(90) == 0
    assert eventually(lambda: group_members(workers.pid) == [])


@pytest.mark.flow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_killed_they_leave_nothing_that_takes_work(workers):
    everybody = group_members(workers.pid)
    workers.kill()
    assert eventually(lambda: not any(alive(pid) for pid in everybody))


@pytest.mark.flow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_without_their_guard_they_end_with_an_error(workers):
    guard = next(pid for pid in group_members(workers.pid) if parent_of(pid) == workers.pid)
    os.kill(guard, signal.SIGKILL)
    assert workers.wait(90) == 1
    assert eventually(lambda: group_members(workers.pid) == [])


@pytest.mark.django_db
class TestPulse:
    def test_it_beats_with_host_and_process(self):
        Pulse().tick()
        beat = Heartbeat.objects.get(name=HEARTBEAT)
        assert beat.age_seconds() < 60
        assert beat.detail["pid"] == os.getpid()

    def test_it_wakes_what_has_become_due(self):
        record = SyncRecord.objects.create(
            kind="any", queue=Queue.OUTBOUND, entity_key="order:1", not_before=timezone.now() + timedelta(hours=1)
        )
        Pulse().tick()
        assert not WakeUp.objects.filter(queue=Queue.OUTBOUND, pending=True).exists()
        SyncRecord.objects.filter(pk=record.pk).update(not_before=timezone.now() - timedelta(seconds=1))
        Pulse().tick()
        assert WakeUp.objects.filter(queue=Queue.OUTBOUND, pending=True).exists()

    def test_each_minute_it_frees_the_work_of_lost_workers(self, monkeypatch):
        now = [1000.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        pulse = Pulse()
        past = timezone.now() - timedelta(minutes=5)
        record = SyncRecord.objects.create(
            kind="any", queue=Queue.OUTBOUND, entity_key="order:1", status="in_flight", attempts=1, claimed_at=past, lease_until=past
        )
        pulse.tick()
        record.refresh_from_db()
        assert record.status == "in_flight"
        now[0] += SWEEP_SECONDS
        pulse.tick()
        record.refresh_from_db()
        assert record.status == "waiting_retry"

    def test_a_database_that_does_not_answer_is_met_again(self, monkeypatch):
        def fail(*_args, **_kwargs):
            raise OperationalError("the server closed the connection unexpectedly")

        closed = []
        monkeypatch.setattr(run_workers, "beat", fail)
        monkeypatch.setattr(connections, "close_all", lambda: closed.append(True))
        pulse = Pulse()
        pulse.tick()
        assert closed == [True]
        monkeypatch.undo()
        pulse.tick()
        assert Heartbeat.objects.filter(name=HEARTBEAT).exists()

    def test_a_bug_is_not_swallowed(self, monkeypatch):
        def fail(*_args, **_kwargs):
            raise ZeroDivisionError

        monkeypatch.setattr(run_workers, "wake_due", fail)
        with pytest.raises(ZeroDivisionError):
            Pulse().tick()
