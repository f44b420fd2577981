"""The environment that the tests run in: set before Django reads its settings, whatever the developer's own .env says.

`KVITTENS_TEST_SERVICES=1` puts the same tests on PostgreSQL and Redis on this machine's standard ports.
"""

import os
import tempfile
from pathlib import Path

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
for name in ("DATABASE_URL", "REDIS_URL", "DEBUG", "BILLECTA_PATHS"):
    os.environ.pop(name, None)
if os.environ.get("KVITTENS_TEST_SERVICES") == "1":
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
else:
    os.environ["DATABASE_URL"] = f"sqlite:///{Path(tempfile.gettempdir()) / f'kvittens-tests-{os.getpid()}.sqlite3'}"
