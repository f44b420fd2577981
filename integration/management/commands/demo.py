"""`manage.py demo`: the portal, its workers and both sandboxes, with a small landlord's data and the main job played on it."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integration.management import launch
from integration.management.demo import access, reset
from integration.management.demo.job import Job
from integration.management.demo.landlord import move_in, read_landlord
from integration.management.demo.memory import Memory
from integration.management.demo.systems import Billecta, Lime, NotPlayed, Portal
from integration.management.supervisor import NotReady, Program, ProgramEnded, Supervisor, stop_on_signals

READY_SECONDS = 60.0
GRACE_SECONDS = 1.8
RECEIVER = "/limepkg-billecta-integration/billecta-webhook-receiver"


class Command(BaseCommand):
    """Runs the demo in the foreground until SIGINT or SIGTERM. With both sides sandboxes it has data; else nothing is sent by itself."""

    help = "Runs the portal with pretended systems, a landlord's data and the main job played."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`--reset` forgets what the demo holds instead of running it."""
        parser.add_argument("--reset", action="store_true", help="forget the demo's database and both sandboxes' state, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped. Raises CommandError when a port is taken or a process ends by itself."""
        del args
        launch.require_free_ports(_ports())
        if options["reset"]:
            reset.forget(_memory_file(), [_state_file("billecta"), _state_file("lime")])
            self.stdout.write("The demo's data is gone. `make demo` starts over.")
            return
        stop_on_signals()
        try:
            self._run()
        except KeyboardInterrupt:
            self._say("Stopped.")
        except (ProgramEnded, NotReady) as problem:
            raise CommandError(f"{problem}\nEverything was stopped.") from problem

    def _run(self) -> None:
        self._say("Preparing the database ...")
        launch.prepare()
        memory = Memory.read(_memory_file())
        memory.keys = access.ensure_keys(memory.keys)
        memory.write(_memory_file())
        access.ensure_logins(_password())
        reset.follow_moved_sandboxes()
        launch.close_database()
        with Supervisor(grace_seconds=GRACE_SECONDS) as supervisor:
            for program in [*_sandboxes(memory.keys[access.BILLECTA_KEY]), launch.web(), launch.workers()]:
                supervisor.start(replace(program, log=_log_folder() / f"{program.name}.log"))
            supervisor.wait_until_ready(READY_SECONDS)
            if settings.BILLECTA_IS_SANDBOX and settings.LIME_IS_SANDBOX:
                self._play(supervisor, memory)
            self._welcome(memory)
            supervisor.watch()

    def _play(self, supervisor: Supervisor, memory: Memory) -> None:
        """Seed Lime and play the main job, unless an earlier run did; what does not work is told and the demo goes on."""
        lime = Lime(settings.LIME_BASE_URL, settings.LIME_API_KEY)
        landlord = read_landlord(timezone.localdate())
        try:
            if move_in(landlord, lime):
                memory.played = False
                self._say(f"{landlord.creditor} is in Lime now: {len(landlord.endings)} orders.")
            if not memory.played:
                portal = Portal(launch.portal_url(), memory.keys[access.LIME_KEY], supervisor.pause)
                job = Job(landlord, portal, lime, Billecta(settings.BILLECTA_BASE_URL), self._say, supervisor.pause)
                for failure in job.play():
                    self._say(f"Not done: {failure}")
                memory.played = True
                memory.write(_memory_file())
        except NotPlayed as problem:
            self._say(f"The main job could not be played to its end: {problem}")

    def _welcome(self, memory: Memory) -> None:
        address = f"http://localhost:{launch.portal_port()}"
        lines = ["", f"Kvittens runs at {address}/", "", "Logins, each with the password " + _password() + ":"]
        lines += [f"  {login.username:<9}{login.sees}" for login in access.LOGINS]
        lines += ["", *(f"{name}: {url}" for name, url in _neighbours()), f"API: {address}/api/v1/docs/", ""]
        lines += ["Try:", *(f"  {text}" for text in _to_try(memory.keys[access.LIME_KEY])), ""]
        lines += [f"What each process says is in {_log_folder().relative_to(settings.BASE_DIR)}/.", launch.missing_library()]
        self._say("\n".join([*lines, "Ctrl-C stops everything."]).replace("\n\n\n", "\n\n"))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _to_try(key: str) -> list[str]:
    """What a newcomer can do next, with everything needed to do it."""
    address = f"http://localhost:{launch.portal_port()}"
    if not (settings.BILLECTA_IS_SANDBOX and settings.LIME_IS_SANDBOX):
        return ["one side is real: nothing was loaded and nothing is sent by itself", f"look round as admin at {address}/"]
    call = f"curl -H 'x-api-key: {key}' -H 'Content-Type: application/json'"
    return [
        "pay an invoice on Billecta's page above and follow it to Lime's page",
        "let a system fail there (faults), pay again, and watch the portal catch up",
        f"""attest the last draft: {call} -d '{{"ids": [1008]}}' {address}/api/v1/commands/attest-orders-in-billecta/""",
    ]


def _neighbours() -> list[tuple[str, str]]:
    both = [
        ("Billecta", settings.BILLECTA_IS_SANDBOX, settings.BILLECTA_BASE_URL),
        ("Lime", settings.LIME_IS_SANDBOX, settings.LIME_BASE_URL),
    ]
    return [(f"{name}'s sandbox", f"{_origin(url)}/_sandbox/") if is_sandbox else (name, url) for name, is_sandbox, url in both]


def _sandboxes(webhook_key: str) -> list[Program]:
    """The sandboxes of the sides that have no address of their own; each tells the portal what happens in it."""
    programs: list[Program] = []
    if settings.BILLECTA_IS_SANDBOX:
        hook = ["--webhook-url", launch.portal_url() + RECEIVER, "--webhook-header", f"x-api-key={webhook_key}"]
        programs.append(_sandbox("billecta", settings.BILLECTA_BASE_URL, hook))
    if settings.LIME_IS_SANDBOX:
        own = ["--database", urlsplit(settings.LIME_BASE_URL).path.strip("/"), "--api-key", settings.LIME_API_KEY]
        secret = next(iter(settings.LIME_WEBHOOK_SECRETS), "")
        hook = ["--webhook-url", f"{launch.portal_url()}/webhooks/lime/", "--webhook-secret", secret] if secret else []
        programs.append(_sandbox("lime", settings.LIME_BASE_URL, own + hook))
    return programs


def _sandbox(kind: str, base_url: str, options: list[str]) -> Program:
    command = [sys.executable, "-m", "integration.sandbox", kind, "--port", str(urlsplit(base_url).port), "--state", str(_state_file(kind))]
    return Program(f"sandbox-{kind}", [*command, *options], ready_url=f"{_origin(base_url)}/_sandbox/health", stops_last=True)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _ports() -> dict[str, int]:
    """The ports that the demo listens on, by the variable that moves each."""
    sides = [
        ("SANDBOX_BILLECTA_PORT", settings.BILLECTA_IS_SANDBOX, settings.BILLECTA_BASE_URL),
        ("SANDBOX_LIME_PORT", settings.LIME_IS_SANDBOX, settings.LIME_BASE_URL),
    ]
    return {"PORT": launch.portal_port(), **{variable: urlsplit(url).port or 0 for variable, is_sandbox, url in sides if is_sandbox}}


def _state_file(kind: str) -> Path:
    return Path(settings.VAR_DIR) / f"sandbox-{kind}.json"


def _log_folder() -> Path:
    return Path(settings.VAR_DIR) / "log"


def _memory_file() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"


def _password() -> str:
    """The demo's one password. Raises CommandError when it is missing, with the way to get one."""
    password = os.environ.get("DEMO_PASSWORD", "")
    if not password:
        raise CommandError("DEMO_PASSWORD is missing. `make demo` writes one into .env, or: python -m portal.dotenv --demo")
    return password
