"""The world of the flow tests: sandboxes are started once, emptied for each test, and the portal is pointed at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from tests.flows.changes import SECRET, of_people, subscribe
from tests.flows.world import World
from tests.sandbox.process import SandboxProcess

if TYPE_CHECKING:
    from integration.models import SyncRecord


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
def overdue(webhooks: World, ask, settle) -> str:
    """An attested invoice that was sent and should have been paid 30 days ago, with nothing left to do; its action id."""
    days = {"invoicedate": -60, "duedate": -30}
    dates = {name: (timezone.localdate() + timedelta(days=offset)).isoformat() for name, offset in days.items()}
    webhooks.lime.control("PUT", f"objects/order/{webhooks.ids['order']}", dates)
    ask("upsert-orders-in-billecta", webhooks.ids["order"])
    ask("attest-orders-in-billecta", webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "sent")
    [invoice] = webhooks.invoices()
    for sandbox in (webhooks.billecta, webhooks.lime):
        sandbox.control("DELETE", "journal")
    return str(invoice["ActionPublicId"])


@pytest.fixture
def impatient(settings, world) -> None:
    """Half a minute of waiting for an answer would be half a minute of test."""
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()


@pytest.fixture
def settle(world) -> Callable[..., None]:
    """Work until nothing is left to do here and nothing is under way in the sandboxes, for at most `seconds`."""
    import time

    from integration.ledger import drain, sweep
    from integration.models import SyncRecord, WebhookEvent

    def is_at_rest() -> bool:
        waiting = SyncRecord.objects.filter(status__in=[*SyncRecord.DUE, SyncRecord.Status.IN_FLIGHT]).exists()
        return not waiting and not WebhookEvent.objects.filter(status="received").exists()

    def settle(seconds: float = 120, *, quiet: bool = True, until: Callable[[], bool] | None = None) -> None:
        """With `quiet` False as soon as `until`, whatever is still to be done. A delivery is stored before it counts as answered."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            drain(threads=0, seconds=5)
            sweep()
            is_quiet = not quiet or (is_at_rest() and world.billecta.is_idle() and world.lime.is_idle() and is_at_rest())
            if is_quiet and (until is None or until()):
                return
            time.sleep(0.02)
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


@pytest.fixture
def told(webhooks: World, live_server, settings) -> Iterator[World]:
    """Both systems tell the portal of everything; Lime signs what it tells."""
    settings.LIME_WEBHOOK_SECRETS = [SECRET]
    subscribe(webhooks, f"{live_server.url}/webhooks/lime/")
    yield webhooks
    webhooks.lime.control("POST", "reset")


@pytest.fixture
def heard(world) -> Callable[..., Callable[[], bool]]:
    """A condition for `settle`: so many more events of people have come, and none of them is left to be worked on."""

    def heard(count: int) -> Callable[[], bool]:
        before = len(of_people())

        def all_heard() -> bool:
            told = of_people()[before:]
            return len(told) >= count and not any(event.status in {"received", "processing"} for event in told)

        return all_heard

    return heard


@pytest.fixture
def draft(told: World, ask, settle) -> World:
    """The order is a draft in Billecta with all that it refers to; the journals are empty and Lime's echoes have been heard."""
    ask("upsert-orders-in-billecta", told.ids["order"])
    settle(until=lambda: told.order_status() == "created")
    told.billecta.control("DELETE", "journal")
    return told


@pytest.fixture
def run(overdue: str, ask, settle) -> Callable[..., SyncRecord]:
    """Ask for a command on the overdue invoice and work until all is done; returns its work."""
    from integration.models import Invoice, SyncRecord

    def run(command: str, **options) -> SyncRecord:
        ask(command, Invoice.objects.get().lime_id, **options)
        settle(40)
        return SyncRecord.objects.filter(kind=command).latest("pk")

    return run
