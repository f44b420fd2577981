"""The world of the flow tests: sandboxes are started once, emptied for each test, and the portal is pointed at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.flows.world import World
from tests.sandbox.process import SandboxProcess


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[World]:
    with SandboxProcess("billecta") as billecta, SandboxProcess("lime") as lime:
        yield World(billecta, lime)


@pytest.fixture
def world(sandboxes, settings, transactional_db) -> Iterator[World]:
    """Both systems with the landlord's data, and a portal (in this process) that talks to them without limits of its own."""
    from integration.models import PortalConfiguration, RetryPolicy, TokenBucket, WakeUp
    from integration.sync import lime_schema, systems, versions

    sandboxes.reset()
    versions.forget()
    settings.BILLECTA_BASE_URL = sandboxes.billecta.url
    settings.LIME_BASE_URL = sandboxes.lime_url
    systems.forget()
    lime_schema.forget()
    PortalConfiguration.objects.update_or_create(
        pk=1, defaults={"settle_seconds": 0.2, "second_look_seconds": 1, "bound_billecta": "", "bound_lime": ""}
    )
    for code in ("", "database_busy", "rate_limited", "throttled"):
        RetryPolicy.objects.update_or_create(error_code=code, defaults={"first_delay_seconds": 0.1, "growth": 1.3})
    for system in ("billecta", "lime"):
        TokenBucket.objects.update_or_create(system=system, defaults={"rate_per_second": 1000, "burst": 1000, "enabled": False})
    WakeUp.objects.all().delete()
    yield sandboxes
    systems.forget()


@pytest.fixture
def webhooks(world: World, live_server) -> Iterator[World]:
    """Billecta's webhooks reach this portal's receiver."""
    from integration.api import keys
    from integration.models import ApiKey

    _row, key = keys.make("billecta", [ApiKey.Scope.BILLECTA_WEBHOOK])
    url = f"{live_server.url}/limepkg-billecta-integration/billecta-webhook-receiver"
    world.billecta.control("PUT", "webhooks", {"url": url, "headers": {"x-api-key": key}, "retry_base_seconds": 0.2})
    yield world
    world.billecta.control("PUT", "webhooks", {"url": None})
    world.wait_for_webhooks()


@pytest.fixture
def attested(webhooks: World, ask, settle) -> str:
    """An attested invoice that both systems know, with nothing left to do; its action id."""
    ask("upsert-orders-in-billecta", webhooks.ids["order"])
    ask("attest-orders-in-billecta", webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "sent")
    [invoice] = webhooks.invoices()
    return str(invoice["ActionPublicId"])


@pytest.fixture
def settle(world) -> Callable[..., None]:
    """Work until nothing is left to do and no webhook is on its way, for at most `seconds`; those that failed once are not waited for."""
    import time

    from integration.ledger import drain, sweep
    from integration.models import SyncRecord, WebhookEvent

    def settle(seconds: float = 120, *, quiet: float = 0.5, until: Callable[[], bool] | None = None) -> None:
        deadline, quiet_since = time.monotonic() + seconds, time.monotonic()
        while time.monotonic() < deadline:
            drain(threads=0, seconds=5)
            sweep()
            waiting = SyncRecord.objects.filter(status__in=[*SyncRecord.DUE, SyncRecord.Status.IN_FLIGHT]).exists()
            if waiting or WebhookEvent.objects.filter(status="received").exists() or world.webhooks_under_way():
                quiet_since = time.monotonic()
            if time.monotonic() - quiet_since > quiet and (until is None or until()):
                return
            time.sleep(0.05)
        raise AssertionError(f"not settled after {seconds} s: {list(SyncRecord.objects.filter(status__in=SyncRecord.UNFINISHED).values())}")

    return settle


@pytest.fixture
def ask(world) -> Callable[..., None]:
    """Ask for a command on Lime objects, as every door does."""
    from integration.commands.table import table
    from integration.ledger import submit

    def ask(command: str, *lime_ids: int, **options) -> None:
        for subject in table[command].subjects(lime_ids, options):
            submit(command, subject, requested_by="test")

    return ask
