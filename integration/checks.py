"""System checks: settings under which work could be lost, doubled or left lying are refused before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

Queue = Mapping[str, Any]
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "testserver"})
MOST_RESULTS_KEPT = 1000


@dataclass(frozen=True)
class Rule:
    """One condition on `Q_CLUSTER`: its id, whether it holds, what goes wrong otherwise and what to set."""

    id: str
    holds: Callable[[Queue], bool]
    danger: str
    hint: str


def longest_task_seconds() -> float:
    """How long one drain may run: it claims work for `DRAIN_SECONDS`, and the last piece has its whole lease."""
    from integration.ledger.claim import LEASE

    return float(settings.DRAIN_SECONDS) + LEASE.total_seconds()


def _waits_in_memory_seconds(queue: Queue) -> float:
    """How long the last task taken into a cluster's memory can wait and run, at worst."""
    return float(_number(queue, "timeout") * (_number(queue, "queue_limit") / max(1, _number(queue, "workers")) + 1))


def _number(queue: Queue, name: str) -> float:
    value = queue.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


RULES: Sequence[Rule] = (
    Rule(
        "kvittens.E001",
        lambda queue: queue.get("ack_failures") is True,
        "a task that fails comes back for ever, at once",
        "Set Q_CLUSTER['ack_failures'] to True; the ledger tries again by itself.",
    ),
    Rule(
        "kvittens.E002",
        lambda queue: queue.get("max_attempts") == 1,
        "the queue repeats tasks beside the ledger's own retries",
        "Set Q_CLUSTER['max_attempts'] to 1.",
    ),
    Rule(
        "kvittens.E003",
        lambda queue: queue.get("bulk", 1) == 1,
        "a cluster takes several wake-ups at once and one worker sits on them",
        "Set Q_CLUSTER['bulk'] to 1.",
    ),
    Rule(
        "kvittens.E004",
        lambda queue: queue.get("catch_up") is False,
        "after a stop every missed schedule runs again, one task for each minute",
        "Set Q_CLUSTER['catch_up'] to False.",
    ),
    Rule(
        "kvittens.E005",
        lambda queue: _number(queue, "queue_limit") > 0 and _number(queue, "retry") > _waits_in_memory_seconds(queue),
        "a task that waits in a worker's memory is handed out a second time",
        "Set Q_CLUSTER['retry'] above timeout × (queue_limit / workers + 1), all of them given.",
    ),
    Rule(
        "kvittens.E006",
        lambda queue: _number(queue, "timeout") >= longest_task_seconds(),
        "a worker is killed in the middle of work that is within its lease",
        "Set Q_CLUSTER['timeout'] to at least DRAIN_SECONDS plus the ledger's lease.",
    ),
    Rule(
        "kvittens.E007",
        lambda queue: queue.get("save_limit") == -1 or 0 < _number(queue, "save_limit") <= MOST_RESULTS_KEPT,
        "results of finished tasks fill the database",
        f"Set Q_CLUSTER['save_limit'] between 1 and {MOST_RESULTS_KEPT}, or -1 to keep none.",
    ),
    Rule(
        "kvittens.E008",
        lambda queue: bool(queue.get("redis")) != (queue.get("orm") == "default"),
        "wake-ups go to no broker, to two, or to a database other than the one that holds the work",
        "Give Q_CLUSTER either 'redis' or 'orm': 'default'.",
    ),
    Rule(
        "kvittens.E009",
        lambda queue: not queue.get("sync"),
        "background work runs inside the request that asks for it",
        "Remove Q_CLUSTER['sync'].",
    ),
)


@register(Tags.compatibility)
def check_queue(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse queue settings that break the ledger's rules."""
    del app_configs
    queue: Queue = settings.Q_CLUSTER
    return [Error(f"Q_CLUSTER is unsafe: {rule.danger}.", hint=rule.hint, id=rule.id) for rule in RULES if not rule.holds(queue)]


@register(Tags.security)
def check_public_address(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Warn when what is meant for one's own machine stands open to others."""
    del app_configs
    public = _public(settings.ALLOWED_HOSTS)
    found: list[CheckMessage] = []
    if settings.DEBUG and public:
        found.append(
            checks.Warning(
                f"DEBUG is on and the portal answers to {', '.join(public)}: error pages show settings and personal data.",
                hint="Set DEBUG=false, or ALLOWED_HOSTS to this machine alone.",
                id="kvittens.W001",
            )
        )
    if settings.SANDBOX and _public([urlsplit(settings.PORTAL_BASE_URL).hostname or ""]):
        found.append(
            checks.Warning(
                f"SANDBOX is on and the portal's address is {settings.PORTAL_BASE_URL}: what is sent may go to a pretended system.",
                hint="Set SANDBOX=false and the addresses of Billecta and Lime.",
                id="kvittens.W002",
            )
        )
    return found


@register(Tags.database)
def check_lime_secrets(app_configs: Sequence[AppConfig] | None, *, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn when objects are to be kept in step and every one of Lime's webhooks would be refused."""
    del app_configs
    from integration.models import PortalConfiguration
    from integration.sync.in_step import switched_on

    if not databases or settings.LIME_WEBHOOK_SECRETS:
        return []
    try:
        portal = PortalConfiguration.objects.filter(pk=1).first()
    except DatabaseError:  # before the first migrate
        return []
    on = switched_on(portal) if portal else []
    if not on:
        return []
    return [
        checks.Warning(
            f"LIME_WEBHOOK_SECRETS is empty and automatic sync is on for {', '.join(on)}: every webhook of Lime is refused.",
            hint="Set LIME_WEBHOOK_SECRETS to the secret of the subscription in Lime. Until then only the sweep finds changes.",
            id="kvittens.W003",
        )
    ]


def _public(hosts: Iterable[str]) -> list[str]:
    return [host for host in hosts if host.lower() not in LOCAL_HOSTS]
