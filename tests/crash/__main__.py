"""`python -m tests.crash`: kills the portal at some points of the main job, or with `--every` at each one, and counts what came of it."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from tests.crash.portal import Portal
from tests.crash.surroundings import database_and_queue, portal_environment
from tests.flows.world import World
from tests.sandbox.process import SandboxProcess

POINTS_OF_AN_ORDER = 300
"""About how many points workers pass in one order; a death that is set beyond falls into the next order."""


def main(arguments: Sequence[str]) -> int:
    """Run as asked; returns 0 when nothing was lost and nothing doubled."""
    asked = _asked(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kvittens-crash-")))
        billecta, lime = stack.enter_context(SandboxProcess("billecta")), stack.enter_context(SandboxProcess("lime"))
        stores = stack.enter_context(database_and_queue(folder, services=asked.services))
        environment = portal_environment(stores, billecta, lime)
        _become_part_of_the_portal(environment)
        world, portal = World(billecta, lime), stack.enter_context(Portal(environment, folder))
        portal.start_web()
        return _every(world, portal, asked.every) if asked.every else _some(world, portal, _points(asked))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument(
        "--every",
        type=int,
        nargs="?",
        const=1,
        default=0,
        metavar="N",
        help="one order for each point there is (or each N-th), killed there",
    )
    parser.add_argument("--at", type=int, nargs="*", help="the points at which one worker after another is killed")
    parser.add_argument("--kills", type=int, default=5, help="how many, when --at does not say where (5)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="where; drawn and printed when not given")
    parser.add_argument("--services", action="store_true", help="PostgreSQL and Redis instead of SQLite")
    return parser.parse_args(arguments)


def _points(asked: argparse.Namespace) -> list[int]:
    """As asked, or spread over an order: one at random in each of so many equal parts, in random order."""
    if asked.at is not None:
        return list(asked.at)
    print(f"seed {asked.seed}")
    chance, part = random.Random(asked.seed), POINTS_OF_AN_ORDER / asked.kills
    points = [1 + int(part * (number + chance.random())) for number in range(asked.kills)]
    chance.shuffle(points)
    return points


def _become_part_of_the_portal(environment: dict[str, str]) -> None:
    """Give this process the portal's environment, so that it can read its database, and make the tables."""
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _begin(world: World, portal: Portal) -> str:
    """Empty both systems and the portal, keep waits short, subscribe to webhooks; returns an API key for commands and webhooks."""
    from django.core.management import call_command

    from integration.api import keys
    from integration.models import ApiKey, PortalConfiguration, RetryPolicy, TokenBucket

    call_command("flush", interactive=False, verbosity=0)
    PortalConfiguration.objects.update_or_create(pk=1, defaults={"settle_seconds": 0.2, "second_look_seconds": 60})
    RetryPolicy.objects.update_or_create(error_code="", defaults={"first_delay_seconds": 0.2, "growth": 1.3})
    for system in ("billecta", "lime"):
        TokenBucket.objects.update_or_create(system=system, defaults={"rate_per_second": 1000, "burst": 1000, "enabled": False})
    _row, key = keys.make("crash", [ApiKey.Scope.BILLECTA_WEBHOOK, ApiKey.Scope.COMMANDS])
    world.reset()
    url = f"{portal.url}/limepkg-billecta-integration/billecta-webhook-receiver"
    world.billecta.control("PUT", "webhooks", {"url": url, "headers": {"x-api-key": key}, "retry_base_seconds": 0.5})
    return key


def _some(world: World, portal: Portal, points: list[int]) -> int:
    """Orders until as many workers have died as there are points; the web dies once too."""
    from tests.crash.job import Job

    job, orders = Job(world, portal, iter(points), _begin(world, portal)), 1
    job.next_worker()
    job.play("order", kill_web=True)
    while len(job.died_at) < len(points):
        orders += 1
        world.add_order(f"order{orders}")
        job.play(f"order{orders}")
    job.finish()
    return _report(world, orders, f"{portal.kills} kills, workers after points {job.died_at} and the web once")


def _every(world: World, portal: Portal, step: int) -> int:
    """One order for each point, its worker killed there, until an order is through before its point comes."""
    from tests.crash.job import Job

    failed = 0
    for point in count(1, step):
        job = Job(world, portal, iter([point]), _begin(world, portal))
        job.next_worker()
        job.play("order")
        job.finish()
        if not job.died_at:
            break
        failed += _report(world, 1, f"killed after point {point}")
        portal.kill("worker")
    print(f"points: {point - 1}, of which {failed} failed")
    return min(failed, 1)


def _report(world: World, orders: int, how: str) -> int:
    from tests.crash.verdict import judge

    verdict = judge(world, orders)
    print(f"{orders} orders, {how}: {verdict}", flush=True)
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
