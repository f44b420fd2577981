"""The portal's settings for a measurement: the same, with the do-nothing view and, on SQLite, the `synchronous` that is asked for."""

from __future__ import annotations

import os

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES, ON_SQLITE, SQLITE_PRAGMAS

ROOT_URLCONF = "tests.load.urls"

if ON_SQLITE:
    _wanted = os.environ.get("LOAD_SYNCHRONOUS", "NORMAL")
    DATABASES["default"]["OPTIONS"]["init_command"] = SQLITE_PRAGMAS.replace("synchronous=NORMAL", f"synchronous={_wanted}")
