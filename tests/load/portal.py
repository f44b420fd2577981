"""The portal as it runs in production, on a database of the benchmark: gunicorn with the product's configuration, and the workers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.load.databases import ROOT, Database
from tests.load.processes import Running, running
from tests.sandbox.process import free_port

NOWHERE = "http://127.0.0.1:9"
RECEIVER = "limepkg-billecta-integration/billecta-webhook-receiver"
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


class Portal:
    """One portal with a migrated database.

    Args:
        billecta: base URL of its Billecta; by default an address where nobody answers.
        lime: base URL of its Lime, with the database.
    """

    def __init__(self, database: Database, folder: Path, *, billecta: str = NOWHERE, lime: str = f"{NOWHERE}/kvittens") -> None:
        self.database, self.port = database, free_port()
        self._folder = folder
        self._environment = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **database.environment,
            "DJANGO_SETTINGS_MODULE": "tests.load.settings",
            "ENV_FILE": ".env.example",
            "PYTHONUNBUFFERED": "1",
            "PORT": str(self.port),
            "PORTAL_BASE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "BILLECTA_BASE_URL": billecta,
            "BILLECTA_AUTHENTICATION": "Basic c2FuZGJveDpzYW5kYm94",
            "LIME_BASE_URL": lime,
            "LIME_API_KEY": "sandbox-lime-key",
            "EMAIL_URL": "memorymail://",
        }
        self.manage("migrate", "--no-input")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        """Run one management command; returns what it prints. Raises RuntimeError with its complaint."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]}: {done.stderr[-3000:]}")
        return done.stdout

    def api_key(self, *scopes: str) -> str:
        """A new key with these scopes."""
        printed = self.manage("create_api_key", "benchmark", *(part for scope in scopes for part in ("--scope", scope)))
        return printed.strip().splitlines()[-1]

    @contextmanager
    def served(self) -> Iterator[Running]:
        """Gunicorn, while the context lasts."""
        command = [sys.executable, "-m", "gunicorn", "--config", "portal/gunicorn.py", "portal.wsgi"]
        with running(command, self._environment, ROOT, self._folder / "web.log") as web:
            web.wait_until(self._is_up)
            yield web

    @contextmanager
    def worked(self, *, processes: int | None = None) -> Iterator[Running]:
        """The workers, while the context lasts; by default as many processes as the product has."""
        log = self._folder / "workers.log"
        environment = {**self._environment, **({"WORKERS": str(processes)} if processes else {})}
        with running([sys.executable, "manage.py", "run_workers"], environment, ROOT, log) as workers:
            workers.wait_until(lambda: b"Workers are running" in log.read_bytes())
            yield workers

    def _is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/health/live/", timeout=2).ok
        except requests.RequestException:
            return False

    def settings(self) -> dict[str, Any]:
        """The figures of the product's configuration that a result depends on."""
        code = (
            "import json, runpy; from django.conf import settings; from integration.ledger.drain import THREADS; "
            "served = runpy.run_path('portal/gunicorn.py'); "
            "print(json.dumps({'web_workers': served['workers'], 'web_threads': served['threads'], 'web_worker_class': "
            "served['worker_class'], 'workers': settings.Q_CLUSTER['workers'], 'drain_threads': THREADS, "
            "'drain_seconds': settings.DRAIN_SECONDS}))"
        )
        import json

        found: dict[str, Any] = json.loads(self.manage("shell", "--no-imports", "-c", code).strip().splitlines()[-1])
        return found
