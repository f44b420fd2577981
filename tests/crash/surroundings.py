"""A database and a queue of their own for one crash run, and the settings that point a portal at them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from tests.machine import DATABASE_URL, REDIS_URL
from tests.sandbox.process import SandboxProcess

REDIS_DATABASE = 10
"""Apart from those that the other tests use: 15 and downwards, one for each process of theirs."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV")


@contextmanager
def database_and_queue(folder: Path, *, services: bool) -> Iterator[dict[str, str]]:
    """The variables that name a database and, with `services`, a Redis; both are empty, and gone when the context ends."""
    if not services:
        yield {"DATABASE_URL": f"sqlite:///{folder / 'crash.sqlite3'}"}
        return
    name = f"kvittens_crash_{os.getpid()}"
    redis_url = f"{REDIS_URL.rpartition('/')[0]}/{REDIS_DATABASE}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as server, redis.Redis.from_url(redis_url) as queue:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        queue.flushdb()
        try:
            yield {"DATABASE_URL": f"{DATABASE_URL.rpartition('/')[0]}/{name}", "REDIS_URL": redis_url}
        finally:
            queue.flushdb()
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def portal_environment(stores: dict[str, str], billecta: SandboxProcess, lime: SandboxProcess) -> dict[str, str]:
    """The whole environment of a portal between the two sandboxes; of this process's own only what a program needs to run."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **stores,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ENV_FILE": ".env.example",
        "SECRET_KEY": "tests-only-" + "x" * 50,
        "PORTAL_BASE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "*",
        "SANDBOX": "false",
        "BILLECTA_BASE_URL": billecta.url,
        "BILLECTA_AUTHENTICATION": "Basic c2FuZGJveDpzYW5kYm94",
        "LIME_BASE_URL": f"{lime.url}/kvittens",
        "LIME_API_KEY": "sandbox-lime-key",
        "EMAIL_URL": "memorymail://",
        "WORKERS": "2",
    }
