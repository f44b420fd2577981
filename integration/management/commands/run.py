"""`manage.py run`: web and workers, prepared, watched and stopped together, against the Billecta and Lime of the environment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integration.management import launch
from integration.management.supervisor import NotReady, ProgramEnded, Supervisor, stop_on_signals

READY_SECONDS = 60.0
GRACE_SECONDS = 60.0


class Command(BaseCommand):
    """Runs the portal in the foreground until SIGINT or SIGTERM; work that is running is finished first."""

    help = "Runs web and workers against the Billecta and Lime that the environment names."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped. Raises CommandError when a side is a sandbox, the port is taken, or a process ends by itself."""
        del args, options
        _refuse_sandboxes()
        launch.require_free_ports({"PORT": launch.portal_port()})
        stop_on_signals()
        try:
            self._run()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except (ProgramEnded, NotReady) as problem:
            raise CommandError(f"{problem}\nEverything was stopped.") from problem

    def _run(self) -> None:
        launch.prepare()
        launch.close_database()
        with Supervisor(grace_seconds=GRACE_SECONDS) as supervisor:
            supervisor.start(launch.web())
            supervisor.start(launch.workers())
            supervisor.wait_until_ready(READY_SECONDS)
            self.stdout.write(f"The portal runs at {settings.PORTAL_BASE_URL}/. Ctrl-C stops it.")
            if lack := launch.missing_library():
                self.stderr.write(lack)
            self.stdout.flush()
            supervisor.watch()


def _refuse_sandboxes() -> None:
    for is_sandbox, variable in ((settings.BILLECTA_IS_SANDBOX, "BILLECTA_BASE_URL"), (settings.LIME_IS_SANDBOX, "LIME_BASE_URL")):
        if is_sandbox:
            raise CommandError(
                f"{variable} is missing and SANDBOX is on. Set SANDBOX=false and {variable}; `make demo` runs the sandboxes."
            )
