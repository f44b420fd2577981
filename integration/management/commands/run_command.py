"""`manage.py run_command ID LIME_ID…`: the commands that Lime can ask for, from the shell."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from integration.commands.batches import Asker, find_command, start
from integration.commands.dry_run import dry_run
from integration.commands.progress import progress
from integration.commands.refusals import InvalidRequest
from integration.commands.selection import read_request
from integration.errors import KvittensError
from integration.models import Batch, SyncRecord

FINISHED = {Batch.Status.SUCCESS, Batch.Status.FAILURE}


class Command(BaseCommand):
    """Starts one command, by the same service as the API, and with `--wait` tells what came of each object."""

    help = "Runs one command on Lime objects, for example: run_command upsert-orders-in-billecta 1001 1002 --wait"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("command_id", metavar="COMMAND", help="for example upsert-orders-in-billecta")
        parser.add_argument("ids", metavar="LIME_ID", type=int, nargs="*")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", help="every object of the command's limetype in Lime")
        which.add_argument(
            "--filter",
            type=json.loads,
            metavar="JSON",
            help='those that Lime\'s filter finds: {"key": "city", "op": "=", "exp": "Lund"}',
        )
        parser.add_argument("--options", type=json.loads, default={}, help='JSON, for example \'{"creditor": "lime:1001"}\'')
        parser.add_argument("--dry-run", action="store_true", help="show what would be sent; nothing is changed anywhere")
        parser.add_argument("--wait", type=float, nargs="?", const=300.0, default=0.0, metavar="SECONDS", help="wait until it is finished")

    def handle(self, *args: Any, command_id: str, ids: list[int], options: dict[str, Any] | None = None, **rest: Any) -> None:
        """Raises CommandError when the request cannot be understood, or when any object failed."""
        del args
        try:
            command = find_command(command_id)
            request = read_request(command, {**_which(command.limetype, ids, rest), "options": options or {}})
            asker = Asker(actor="manage.py run_command")
            if rest["dry_run"]:
                self.stdout.write(json.dumps(dry_run(command_id, request, asker=asker), indent=2, ensure_ascii=False, default=str))
                return
            batch = start(command_id, request, asker=asker)
        except InvalidRequest as error:
            raise CommandError(f"{', '.join(error.fields)}: {error.message} {error.remedy}") from error
        except KvittensError as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        self.stdout.write(f"{batch.pk}")
        if rest["wait"]:
            self._wait(batch, float(rest["wait"]))

    def _wait(self, batch: Batch, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (state := progress(batch)).status not in FINISHED and time.monotonic() < deadline:
            time.sleep(0.2)
        for record in SyncRecord.objects.filter(batch=batch).order_by("pk"):
            self.stdout.write(f"{record.lime_id}\t{record.status}\t{record.billecta_id}\t{record.message}")
        if state.finding is not None:
            raise CommandError(state.summary)
        if state.status != Batch.Status.SUCCESS:
            raise CommandError(
                _("Not all of it succeeded: %(failed)s failed, the task is %(status)s.") % {"failed": state.failed, "status": state.status}
            )


def _which(limetype: str, ids: list[int], chosen: dict[str, Any]) -> dict[str, Any]:
    """The objects in the shape in which Lime names them."""
    given: dict[str, Any] = {"ids": ids} if ids else {}
    if chosen.get("all") or chosen.get("filter") is not None:
        given |= {"context": {"limetype": limetype}, "filter": chosen.get("filter"), "confirm_all": bool(chosen.get("all"))}
    return given
