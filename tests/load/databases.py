"""The databases that the portal is measured on, each new and empty, and gone afterwards."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from tests.machine import DATABASE_URL, REDIS_URL, lack_of_postgresql, lack_of_redis

ROOT = Path(__file__).resolve().parents[2]
POSTGRES_NAME = "kvittens_load"
BELOW_THE_TESTS = 8
"""The tests use the Redis database that is named and a few downwards."""


class Database(Protocol):
    """A database of the portal: how the portal finds it, and plain SQL on it for setting up and reading off."""

    name: str
    environment: dict[str, str]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one statement, committed."""


@dataclass
class SqliteFile:
    """SQLite in WAL on the disk of the checkout, as the portal keeps it."""

    path: Path
    synchronous: str
    name: str = "SQLite"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {"DATABASE_URL": f"sqlite:///{self.path}", "REDIS_URL": "", "LOAD_SYNCHRONOUS": self.synchronous}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection, connection:
            return connection.execute(sql).fetchall()


@dataclass
class Postgres:
    """PostgreSQL with Redis as the queue's broker."""

    url: str
    redis_url: str
    name: str = "PostgreSQL"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {"DATABASE_URL": self.url, "REDIS_URL": self.redis_url}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def sqlite_file(synchronous: str = "NORMAL") -> Iterator[Database]:
    """An SQLite file under var/, where the portal keeps its own."""
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=ROOT / "var"))
    try:
        yield SqliteFile(folder / "portal.sqlite3", synchronous)
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgres() -> Iterator[Database]:
    """A PostgreSQL database of its own on the server that the tests use; the queue's keys in Redis are removed before and after."""
    base, _, number = REDIS_URL.rpartition("/")
    database = Postgres(urlunsplit(urlsplit(DATABASE_URL)._replace(path=f"/{POSTGRES_NAME}")), f"{base}/{int(number) - BELOW_THE_TESTS}")
    try:
        _recreate()
        _empty_queue(database.redis_url)
        yield database
    finally:
        _empty_queue(database.redis_url)
        _drop()


def lack_of_servers() -> str:
    """Why PostgreSQL cannot be measured here; empty when it can."""
    return lack_of_postgresql() or lack_of_redis()


def versions() -> dict[str, str]:
    """The versions of the database engines, and PostgreSQL's durability."""
    known = {"sqlite": sqlite3.sqlite_version}
    if not lack_of_servers():
        with psycopg.connect(DATABASE_URL) as connection:
            row = connection.execute("SELECT version(), current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
        if row:
            known |= {"postgresql": re.split(r"[ (]", row[0])[1], "postgresql_durability": f"fsync={row[1]}, synchronous_commit={row[2]}"}
        with redis.Redis.from_url(REDIS_URL) as server:
            known["redis"] = str(server.info("server")["redis_version"])
    return known


def _recreate() -> None:
    _drop()
    with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {POSTGRES_NAME}")


def _drop() -> None:
    with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {POSTGRES_NAME} WITH (FORCE)")


def _empty_queue(url: str) -> None:
    with redis.Redis.from_url(url) as server:
        for pattern in ("django_q:*", "kvittens:*"):
            for key in server.scan_iter(pattern):
                server.delete(key)
