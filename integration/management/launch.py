"""What every way of running the portal shares: database and static files brought up to date, and its two processes."""

from __future__ import annotations

import os
import sys
from ctypes.util import find_library
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from integration.management.supervisor import Program, port_is_free

PANGO_PACKAGES = "Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 - macOS: brew install pango"
STATIC_SOURCES = ("portal/static", "integration/static", "reports/static", "requirements.txt")


def portal_port() -> int:
    """The port that the web server listens on: `PORT`, 8000 when it is not set."""
    return int(os.environ.get("PORT") or 8000)


def portal_url() -> str:
    """The portal's address on this machine, whatever address the world knows it by."""
    return f"http://127.0.0.1:{portal_port()}"


def prepare() -> None:
    """Migrate the database, collect static files when they changed, and make the groups."""
    from integration.admin.groups import ensure_groups

    call_command("migrate", interactive=False, verbosity=0)
    if _static_files_are_old():
        call_command("collectstatic", interactive=False, verbosity=0)
    ensure_groups()


def web() -> Program:
    """gunicorn with the portal's own configuration."""
    command = [sys.executable, "-m", "gunicorn", "--config", str(settings.BASE_DIR / "portal" / "gunicorn.py"), "portal.wsgi"]
    return Program("web", command, ready_url=f"{portal_url()}/health/ready/")


def workers() -> Program:
    """The background workers."""
    return Program("workers", [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_workers"])


def close_database() -> None:
    """Give back the connections of this process before others start."""
    connections.close_all()


def require_free_ports(ports: dict[str, int]) -> None:
    """Raises CommandError naming the first port that is taken, by the variable that moves it."""
    for variable, port in ports.items():
        if not port_is_free(port):
            raise CommandError(
                f"Port {port} is in use by another process. Stop that one, or choose another port with {variable}={port + 1000}."
            )


def missing_library() -> str:
    """What this machine lacks for PDF reports, with the package to install; empty when it lacks nothing."""
    missing = [name for name in ("pango-1.0", "pangoft2-1.0") if find_library(name) is None]
    return f"PDF reports need Pango, which this machine lacks ({', '.join(missing)}). {PANGO_PACKAGES}" if missing else ""


def _static_files_are_old() -> bool:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    collected = manifest.stat().st_mtime
    return any(_newest(settings.BASE_DIR / name) > collected for name in STATIC_SOURCES)


def _newest(path: Path) -> float:
    """When the newest file under a folder was changed, or the file itself (Unix time); 0 when there is none."""
    files = path.rglob("*") if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)
