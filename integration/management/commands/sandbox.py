"""`manage.py sandbox billecta|lime [options]`: the sandboxes, started beside the portal."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integration.sandbox.server import KINDS, main


class Command(BaseCommand):
    """Runs one sandbox in the foreground; its options are those of `python -m integration.sandbox`."""

    help = "Runs a pretended Billecta or Lime to try the portal against."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the kind, and pass everything after it on untouched."""
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("options", nargs=argparse.REMAINDER, help="options of the sandbox, see: manage.py sandbox KIND --help")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until it is stopped. Raises CommandError when the sandbox ends in an error."""
        del args
        code = main([options["kind"], *options["options"]])
        if code:
            raise CommandError(f"The sandbox ended with exit code {code}.")
