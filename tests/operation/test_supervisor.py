"""Processes are started, waited for, watched, and never left behind."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from integration.management.supervisor import NotReady, Program, ProgramEnded, Supervisor, port_is_free
from tests.operation.processes import alive, eventually, group_members
from tests.sandbox.process import free_port

ROOT = Path(__file__).resolve().parents[2]
FOREVER = "import time\nwhile True: time.sleep(1)"
STUBBORN = "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def python(name: str, code: str, **more) -> Program:
    return Program(name, [sys.executable, "-c", code], **more)


def pids(supervisor: Supervisor) -> list[int]:
    return [process.pid for _program, process in supervisor._running]


@pytest.fixture
def supervisor():
    with Supervisor(grace_seconds=60) as supervisor:
        yield supervisor


def test_it_is_ready_when_its_address_answers(supervisor):
    port = free_port()
    supervisor.start(Program("web", [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], f"http://127.0.0.1:{port}/"))
    supervisor.wait_until_ready(90)
    assert not port_is_free(port)


def test_one_that_never_answers_is_named(supervisor):
    supervisor.start(python("deaf", FOREVER, ready_url=f"http://127.0.0.1:{free_port()}/"))
    with pytest.raises(NotReady, match="deaf did not answer"):
        supervisor.wait_until_ready(0.3)


def test_one_that_ends_is_named_with_its_code(supervisor):
    supervisor.start(python("lasting", FOREVER))
    supervisor.start(python("broken", "raise SystemExit(3)"))
    with pytest.raises(ProgramEnded, match="broken ended with exit code 3"):
        supervisor.watch()


def test_one_that_ends_before_it_is_ready_is_named_at_once(supervisor):
    supervisor.start(python("broken", "raise SystemExit(3)", ready_url=f"http://127.0.0.1:{free_port()}/"))
    began = time.monotonic()
    with pytest.raises(ProgramEnded, match="broken"):
        supervisor.wait_until_ready(200)
    assert time.monotonic() - began < 100


def test_one_that_was_killed_is_named_with_the_signal(supervisor):
    supervisor.start(python("victim", FOREVER))
    os.kill(pids(supervisor)[0], signal.SIGKILL)
    with pytest.raises(ProgramEnded, match="victim was ended by SIGKILL"):
        supervisor.watch()


def test_it_gives_its_own_environment(supervisor, tmp_path):
    code = f"import os, pathlib; pathlib.Path({str(tmp_path / 'seen')!r}).write_text(os.environ['SEEN'])"
    supervisor.start(python("reader", code, environment={"SEEN": "yes"}))
    assert eventually(lambda: (tmp_path / "seen").exists() and (tmp_path / "seen").read_text() == "yes")


def test_what_a_program_said_last_is_shown_when_it_ends(supervisor, tmp_path):
    log = tmp_path / "log" / "broken.log"
    supervisor.start(python("broken", "print('what went wrong'); raise SystemExit(3)", log=log))
    with pytest.raises(ProgramEnded, match=r"exit code 3; the end of broken\.log:\nwhat went wrong"):
        supervisor.watch()


def test_what_others_lean_on_stops_last(supervisor, tmp_path):
    log = tmp_path / "log"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n    open({log!r}, 'a').write('{name} ')\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nopen({log!r} + '{name}', 'w').close()\nwhile True: time.sleep(1)"
    )
    for name in ("sandbox", "web"):
        supervisor.start(python(name, code.format(log=str(log), name=name), stops_last=name == "sandbox"))
        assert eventually((tmp_path / f"log{name}").exists)
    supervisor.stop()
    assert log.read_text().split() == ["web", "sandbox"]


def test_what_does_not_stop_is_killed_with_its_children(tmp_path):
    child = tmp_path / "child"
    code = f"{STUBBORN}other = subprocess.Popen([sys.executable, '-c', {FOREVER!r}])\n"
    code += f"open({str(child)!r}, 'w').write(str(other.pid))\n{FOREVER}"
    with Supervisor(grace_seconds=0.5) as supervisor:
        supervisor.start(python("stubborn", code))
        assert eventually(lambda: child.exists() and child.read_text())
        [pid] = pids(supervisor)
        began = time.monotonic()
    assert time.monotonic() - began < 60
    assert eventually(lambda: not alive(int(child.read_text())) and not alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_killing_the_supervisor_stops_what_it_started():
    code = f"""
        import sys
        from integration.management.supervisor import Program, Supervisor
        supervisor = Supervisor(grace_seconds=1)
        supervisor.start(Program("child", [sys.executable, "-c", {FOREVER!r}]))
        print(supervisor._running[0][1].pid, flush=True)
        supervisor.watch()
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert group_members(child) == [child]
        process.kill()
    assert eventually(lambda: not alive(child))


def test_a_taken_port_is_seen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not port_is_free(taken.getsockname()[1])
