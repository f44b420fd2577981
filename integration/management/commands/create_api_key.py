"""Makes an API key and prints it once."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integration.api.keys import make
from integration.api.naming import named
from integration.models import ApiKey, Creditor


class Command(BaseCommand):
    help = "Make an API key. The key is printed alone on the last line and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the key is for, as the audit log shall name it")
        parser.add_argument(
            "--scope", action="append", required=True, metavar="SCOPE", help=f"one of {', '.join(ApiKey.Scope.values)}; repeatable"
        )
        parser.add_argument(
            "--creditor", action="append", default=[], metavar="ID", help="limit to a creditor: public id or lime:<id>; repeatable"
        )
        parser.add_argument("--days", type=int, help="let the key expire after so many days")

    def handle(self, *_args: Any, **options: Any) -> None:
        creditors = [self._creditor(name) for name in options["creditor"]]
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("--days must be at least 1.")
        try:
            row, key = make(
                options["name"],
                options["scope"],
                creditors=creditors,
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        limit = ", ".join(creditor.billecta_id for creditor in creditors) or "all creditors"
        self.stderr.write(f"{row.name}: {', '.join(row.scopes)}; {limit}")
        self.stdout.write(key)

    def _creditor(self, name: str) -> Creditor:
        found = Creditor.objects.filter(named(name)).first()
        if found is None:
            raise CommandError(f"The portal knows no creditor {name!r}. Import the creditors first; name one by public id or lime:<id>.")
        return found
