"""What this machine has that some tests need: a browser, a library, servers. What is lacking is skipped, or failed when it is required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from ctypes.util import find_library

import psycopg
import pytest
import redis

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PANGO = ("pango-1.0", "pangoft2-1.0")
SECONDS = 3


def browser() -> str | None:
    """The path of a Chromium, if there is one."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def lack_of_chromium() -> str:
    return "" if browser() else "Chromium is not installed (Debian: apt-get install chromium)"


def lack_of_pango() -> str:
    missing = [name for name in PANGO if find_library(name) is None]
    return f"Pango is not installed: {', '.join(missing)} (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0)" if missing else ""


def lack_of_poppler() -> str:
    return "" if shutil.which("pdftotext") else "poppler's tools are not installed (Debian: apt-get install poppler-utils)"


def lack_of_postgresql() -> str:
    try:
        with psycopg.connect(DATABASE_URL, connect_timeout=SECONDS) as connection:
            row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    except psycopg.Error as error:
        return f"PostgreSQL does not let us in ({str(error).strip().splitlines()[0]}); name another with TEST_DATABASE_URL"
    return "" if row and row[0] else "PostgreSQL's user may not create databases; name another with TEST_DATABASE_URL"


def lack_of_redis() -> str:
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=SECONDS, socket_timeout=SECONDS) as server:
            server.ping()
    except redis.RedisError as error:
        return f"Redis does not answer ({error}); name another with TEST_REDIS_URL"
    return ""


LACKS: dict[str, Callable[[], str]] = {
    "chromium": lack_of_chromium,
    "pango": lack_of_pango,
    "poppler": lack_of_poppler,
    "postgresql": lack_of_postgresql,
    "redis": lack_of_redis,
}
NEEDS = {"browser": ("chromium",), "services": ("postgresql", "redis")}
"""What the tests of a marker need."""


def everything_is_required() -> bool:
    """Whether REQUIRE_SERVICES=1 turns what is lacking into a failure."""
    return os.environ.get("REQUIRE_SERVICES") == "1"


def require(*names: str) -> None:
    """Skip the test that calls this when the machine lacks one of `names`; fail it under REQUIRE_SERVICES=1."""
    for name in names:
        if lack := LACKS[name]():
            (pytest.fail if everything_is_required() else pytest.skip)(lack)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marked test runs only where the machine has what its marker needs."""
    for marker, names in NEEDS.items():
        if item.get_closest_marker(marker):
            require(*names)
