"""`python -m tests.crash`: kills the portal at some points of the main job, or with `--every` at each, and counts what came of it."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.crash.portal import Portal
from tests.crash.surroundings import database_and_queue, portal_environment
from tests.flows.world import World
from tests.sandbox.process import SandboxProcess

LAST_POINT = 70
"""About how many points a worker passes in one order; a death beyond falls into the next order."""


def main(arguments: Sequence[str]) -> int:
    """Run as asked; returns 0 when nothing was lost and nothing doubled."""
    asked = _asked(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kvittens-crash-")))
        billecta, lime = stack.enter_context(SandboxProcess("billecta")), stack.enter_context(SandboxProcess("lime"))
        stores = stack.enter_context(database_and_queue(folder, services=asked.services))
        environment = portal_environment(stores, billecta, lime)
        world = World(billecta, lime)
        world.reset()
        key = _set_up(environment)
        with Portal(environment, folder) as portal:
            portal.start_web()
            _subscribe(world, portal, key)
            return _every(world, portal, key) if asked.every else _some(world, portal, key, _points(asked))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--every", action="store_true", help="one order for each point there is, killed at that point")
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
    chance, part = random.Random(asked.seed), LAST_POINT / asked.kills
    points = [1 + int(part * (number + chance.random())) for number in range(asked.kills)]
    chance.shuffle(points)
    return points


def _set_up(environment: dict[str, str]) -> str:
    """Make the database, and the settings that keep a test short; returns an API key for commands and webhooks."""
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command

    from integration.api import keys
    from integration.models import ApiKey, PortalConfiguration, RetryPolicy, TokenBucket

    call_command("migrate", verbosity=0)
    PortalConfiguration.objects.update_or_create(pk=1, defaults={"settle_seconds": 0.2, "second_look_seconds": 60})
    RetryPolicy.objects.update_or_create(error_code="", defaults={"first_delay_seconds": 0.2, "growth": 1.3})
    for system in ("billecta", "lime"):
        TokenBucket.objects.update_or_create(system=system, defaults={"rate_per_second": 1000, "burst": 1000, "enabled": False})
    return keys.make("crash", [ApiKey.Scope.BILLECTA_WEBHOOK, ApiKey.Scope.COMMANDS])[1]


def _subscribe(world: World, portal: Portal, key: str) -> None:
    url = f"{portal.url}/limepkg-billecta-integration/billecta-webhook-receiver"
    world.billecta.control("PUT", "webhooks", {"url": url, "headers": {"x-api-key": key}, "retry_base_seconds": 0.5})


def _some(world: World, portal: Portal, key: str, points: list[int]) -> int:
    """Orders until as many workers have died as there are points; the web dies once too."""
    from tests.crash.job import Job

    job, orders = Job(world, portal, iter(points), key), 1
    job.next_worker()
    job.play("order", kill_web=True)
    while len(job.died_at) < len(points):
        orders += 1
        world.add_order(f"order{orders}")
        job.play(f"order{orders}")
    job.finish()
    return _report(world, orders, portal, f"at points {job.died_at} and the web once; the last worker passed {portal.points_passed()}")


def _every(world: World, portal: Portal, key: str) -> int:
    """One order for each point, its worker killed there, until an order is through before its point comes."""
    from tests.crash.job import Job

    orders, failed = 0, 0
    while True:
        orders += 1
        ref = "order" if orders == 1 else f"order{orders}"
        if orders > 1:
            world.add_order(ref)
            portal.kill("worker")
        job = Job(world, portal, iter([orders]), key)
        job.next_worker()
        job.play(ref)
        job.finish()
        failed += _report(world, orders, portal, f"the last at point {orders}" if job.died_at else "the last order without")
        if not job.died_at:
            return min(failed, 1)


def _report(world: World, orders: int, portal: Portal, how: str) -> int:
    from tests.crash.verdict import judge

    verdict = judge(world, orders)
    print(f"{orders} orders, {portal.kills} kills ({how}): {verdict}", flush=True)
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
