"""The environment that the tests run in: set before Django reads its settings, whatever the developer's own .env says.

`KVITTENS_TEST_SERVICES=1` puts the same tests on PostgreSQL and Redis on this machine's standard ports, each process of
pytest-xdist with a database of its own in both.
"""

import os
import tempfile
from pathlib import Path

from tests.machine import DATABASE_URL, REDIS_URL, pytest_runtest_setup  # noqa: F401  the hook: this module is a plugin of pytest

FROM_OUTSIDE = (
    *("DATABASE_URL", "REDIS_URL", "DEBUG", "BILLECTA_PATHS", "BILLECTA_AUTHENTICATION_BY_CREDITOR", "CSRF_TRUSTED_ORIGINS"),
    *("TRUSTED_PROXY_COUNT", "LIME_WEBHOOK_SECRETS", "LOG_FORMAT", "WORKERS", "PORT", "SANDBOX_BILLECTA_PORT", "SANDBOX_LIME_PORT"),
)
"""Variables of a developer's shell that no test may depend on."""


def _own_redis(url: str) -> str:
    """The Redis database of this process: the one named, and downwards from it for each further process of pytest-xdist."""
    base, _, number = url.rpartition("/")
    return f"{base}/{int(number) - int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))}"


os.environ.update(
    ENV_FILE=".env.example",
    SECRET_KEY="tests-only-" + "x" * 50,
    PORTAL_BASE_URL="http://testserver",
    ALLOWED_HOSTS="*",
    SANDBOX="false",
    BILLECTA_BASE_URL="http://127.0.0.1:9",
    BILLECTA_AUTHENTICATION="Basic c2FuZGJveDpzYW5kYm94",
    LIME_BASE_URL="http://127.0.0.1:9/kvittens",
    LIME_API_KEY="sandbox-lime-key",
    EMAIL_URL="memorymail://",
)
for name in FROM_OUTSIDE:
    os.environ.pop(name, None)
if os.environ.get("KVITTENS_TEST_SERVICES") == "1":
    os.environ["DATABASE_URL"] = DATABASE_URL
    os.environ["REDIS_URL"] = _own_redis(REDIS_URL)
else:
    os.environ["DATABASE_URL"] = f"sqlite:///{Path(tempfile.gettempdir()) / f'kvittens-tests-{os.getpid()}.sqlite3'}"

# Nobody has collected the static files of a fresh clone; WhiteNoise warns of the missing folder, and warnings are errors here.
(Path(__file__).resolve().parent.parent / "var" / "static").mkdir(parents=True, exist_ok=True)
