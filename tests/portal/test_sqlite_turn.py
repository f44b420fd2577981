"""Writers of one SQLite file queue for their turn: across threads and processes, given back whatever happens."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from integration.models import WakeUp
from portal.sqlite3.turn import Turn

ROOT = Path(__file__).resolve().parents[2]
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a matter of SQLite")


@pytest.fixture
def file(tmp_path) -> str:
    return str(tmp_path / "some.sqlite3")


def test_one_has_the_turn_and_the_next_gets_it_when_it_is_given(file):
    first, second, order = Turn(file, 60), Turn(file, 60), list[str]()
    first.take()

    def wait() -> None:
        second.take()
        order.append("second")
        second.give()

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.05)
    order.append("first")
    first.give()
    waiting.join(60)
    assert order == ["first", "second"]


def test_who_waits_too_long_is_told_that_the_database_is_locked(file):
    Turn(file, 60).take()
    with pytest.raises(OperationalError, match="locked"):
        Turn(file, 0.05).take()


def test_a_turn_that_is_not_held_can_be_given(file):
    Turn(file, 1).give()
    other = Turn(file, 1)
    other.take()
    assert _held(file)
    other.give()
    assert not _held(file)


def test_a_child_that_was_forked_meanwhile_does_not_keep_the_turn(file):
    turn = Turn(file, 60)
    turn.take()
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    try:
        turn.give()
        assert not _held(file)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_child_that_inherited_the_turn_cannot_give_it_away(file):
    turn = Turn(file, 60)
    turn.take()
    child = os.fork()
    if child == 0:
        turn.give()
        os._exit(0)
    _pid, ended = os.waitpid(child, 0)
    assert ended == 0
    with Path(f"{file}-turn").open("rb") as stranger, pytest.raises(BlockingIOError):
        fcntl.flock(stranger, fcntl.LOCK_EX | fcntl.LOCK_NB)
    turn.give()


HOLD = "import sys, time; from portal.sqlite3.turn import Turn; Turn(sys.argv[1], 60).take(); print('held', flush=True); time.sleep(600)"


def test_another_process_is_waited_for_and_a_killed_one_holds_nothing(file):
    with subprocess.Popen([sys.executable, "-c", HOLD, file], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(OperationalError):
            Turn(file, 0.05).take()
        process.kill()
    turn = Turn(file, 60)
    turn.take()
    turn.give()


def _held(database: str) -> bool:
    try:
        turn = Turn(database, 0.01)
        turn.take()
    except OperationalError:
        return True
    turn.give()
    return False


@pytest.mark.django_db(transaction=True)
@on_sqlite
def test_a_transaction_has_the_turn_from_its_begin_to_its_end():
    database = str(connection.settings_dict["NAME"])
    with transaction.atomic():
        WakeUp.objects.update(pending=False)
        assert _held(database)
    assert not _held(database)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        WakeUp.objects.update(pending=1 // 0)
    assert not _held(database)


@pytest.mark.django_db(transaction=True)
@on_sqlite
def test_a_statement_that_fails_gives_the_turn_back():
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE integration_wakeup SET nothing = 1")
    assert not _held(str(connection.settings_dict["NAME"]))


@pytest.mark.django_db(transaction=True)
@on_sqlite
def test_a_begin_that_is_refused_gives_the_turn_back():
    """Someone who does not queue, such as a back-up, may hold the file itself."""
    database = str(connection.settings_dict["NAME"])
    connection.ensure_connection()
    connection.cursor().execute("PRAGMA busy_timeout=50")
    stranger = sqlite3.connect(database, isolation_level=None)
    try:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError), transaction.atomic():
            pass
        assert not _held(database)
    finally:
        stranger.close()
        connection.close()
    assert Path(f"{database}-turn").exists()
