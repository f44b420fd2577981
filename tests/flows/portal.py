"""The whole portal as separate processes: web, workers, a database of its own, talking to the sandboxes over real HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import requests

from tests.flows.world import World
from tests.sandbox.process import ROOT, free_port

START_SECONDS = 120.0
ON_SERVICES = os.environ.get("KVITTENS_TEST_SERVICES") == "1"
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


class Portal:
    """Web and workers under one environment; each may be stopped, killed and started again.

    Args:
        folder: holds the SQLite file and the logs; with `KVITTENS_TEST_SERVICES=1` the database is a new one on PostgreSQL.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = f"kvittens_flow_{uuid4().hex[:12]}"
        self.environment = {**os.environ, **self._settings()}
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: subprocess.Popen[bytes] | None = None
        self.key = ""
        self.session = requests.Session()
        self.session.trust_env = False

    def __enter__(self) -> Self:
        if ON_SERVICES:
            _on_postgres(f'CREATE DATABASE "{self.database}"')
        self.manage("migrate", "--verbosity", "0")
        self.key = self.manage(
            "create_api_key", "flow", "--scope", "commands", "--scope", "read", "--scope", "billecta-webhook"
        ).splitlines()[-1]
        self.session.headers["x-api-key"] = self.key
        self.impatient()
        self.start_web()
        self.start_workers()
        receiver = f"{self.url}/limepkg-billecta-integration/billecta-webhook-receiver"
        self.world.billecta.control("PUT", "webhooks", {"url": receiver, "headers": {"x-api-key": self.key}, "retry_base_seconds": 0.5})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.world.billecta.control("PUT", "webhooks", {"url": None})
        for process in (self.workers, self.web):
            _stop(process)
        self.session.close()
        if ON_SERVICES:
            _on_postgres(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the portal; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def impatient(self) -> None:
        """No limits of calls, short waits: a test should not take the time that a day takes."""
        self.manage(
            "shell",
            "-v0",
            "-c",
            "from integration.models import *\n"
            "TokenBucket.objects.update(enabled=False)\n"
            "RetryPolicy.objects.update(first_delay_seconds=0.3, growth=1.5)\n"
            "PortalConfiguration.objects.update(settle_seconds=0.3, second_look_seconds=2)\n",
        )

    def start_web(self) -> None:
        self.web = self._start("web", sys.executable, "-m", "gunicorn", "--config", "portal/gunicorn.py", "portal.wsgi")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.session.get(f"{self.url}/health/ready/", timeout=10).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError(f"the web never became ready: {self.log('web')}")

    def start_workers(self) -> None:
        self.workers = self._start("workers", sys.executable, "manage.py", "run_workers")

    def kill_workers(self) -> None:
        """kill -9 of the workers, all of them at once."""
        assert self.workers is not None
        os.killpg(self.workers.pid, signal.SIGKILL)
        self.workers.wait()

    def ask(self, command: str, *lime_ids: int, **options: Any) -> str:
        """Ask for a command over the API; returns the task's address."""
        answer = self.session.post(f"{self.url}/api/v1/commands/{command}/", json={"ids": list(lime_ids), "options": options}, timeout=60)
        assert answer.status_code == 202, answer.text
        address: str = answer.json()["status_url"]
        return address.replace(address.split("/api/", maxsplit=1)[0], self.url)

    def wait_for(self, task: str, seconds: float = 120) -> dict[str, Any]:
        """The task once it is finished."""
        found: dict[str, Any] = {}

        def finished() -> bool:
            found.update(self.session.get(task, timeout=60).json())
            return found["status"] in {"SUCCESS", "FAILURE"}

        self.until(finished, seconds)
        return found

    def until(self, true: Any, seconds: float = 120) -> None:
        """Wait until `true()`. Raises AssertionError with what the processes said."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if true():
                return
            time.sleep(0.1)
        raise AssertionError(f"not so after {seconds} s\n{self.log('workers')}\n{self.log('web')}")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True)

    def _settings(self) -> dict[str, str]:
        database = f"sqlite:///{self.folder / 'portal.sqlite3'}"
        if ON_SERVICES:
            database = POSTGRES.rsplit("/", 1)[0] + "/" + self.database
        return {
            "ENV_FILE": ".env.example",
            "PORT": str(self.port),
            "PORTAL_BASE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": database,
            "REDIS_URL": REDIS if ON_SERVICES else "",
            "BILLECTA_BASE_URL": self.world.billecta.url,
            "BILLECTA_AUTHENTICATION": "Basic c2FuZGJveDpzYW5kYm94",
            "LIME_BASE_URL": self.world.lime_url,
            "LIME_API_KEY": "sandbox-lime-key",
            "PYTHONWARNINGS": "ignore",
        }


def _stop(process: subprocess.Popen[bytes] | None) -> None:
    """End a process group that a test started."""
    if process is None or process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _on_postgres(statement: str) -> None:
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(statement.encode())
