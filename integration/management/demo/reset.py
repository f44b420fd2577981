"""Starting over, and moving: what the demo may do to its database because both systems beside it are pretended."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from integration.ledger.sending import bind, systems_of_environment
from integration.models import PortalConfiguration

SQLITE_SIDE_FILES = ("", "-wal", "-shm", "-journal")


def forget(memory: Path, states: Iterable[Path]) -> None:
    """Empty the database and the sandboxes. Raises CommandError when a side is real, or the database belongs to a real one."""
    if not (settings.BILLECTA_IS_SANDBOX and settings.LIME_IS_SANDBOX):
        raise CommandError("Only a demo with both sandboxes can start over; a real Billecta or Lime is set in the environment.")
    _empty_database()
    for file in [memory, *states]:
        file.unlink(missing_ok=True)


def follow_moved_sandboxes() -> None:
    """Bind the database to the sandboxes' present ports, when it belonged to sandboxes of this machine before."""
    portal = PortalConfiguration.current()
    bound = (portal.bound_billecta, portal.bound_lime)
    if all(bound) and bound != systems_of_environment() and _on_this_machine(bound) and _on_this_machine(systems_of_environment()):
        bind(actor="demo")


def _on_this_machine(systems: tuple[str, str]) -> bool:
    return settings.BILLECTA_IS_SANDBOX and settings.LIME_IS_SANDBOX and all(system.startswith("127.0.0.1:") for system in systems)


def _empty_database() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    portal = PortalConfiguration.current()
    bound = (portal.bound_billecta, portal.bound_lime)
    if any(bound) and not _on_this_machine(bound):
        raise CommandError(f"This database belongs to {' + '.join(bound)}, not to the demo. Nothing was removed.")
    if not settings.ON_SQLITE:
        call_command("flush", interactive=False, verbosity=0)
        return
    name = str(settings.DATABASES["default"]["NAME"])
    connections.close_all()
    for suffix in SQLITE_SIDE_FILES:
        Path(name + suffix).unlink(missing_ok=True)
