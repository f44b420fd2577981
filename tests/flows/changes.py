"""Changes in Lime as people make them, and what came of them in the portal and in Billecta."""

from __future__ import annotations

import json
import time
from typing import Any

from integration.ledger import Delivery, receive
from integration.models import PortalConfiguration, RecordLink, SyncRecord, WebhookEvent
from integration.sync.in_step import KEPT
from tests.flows.world import LIME_KEY, World

SECRET, PERSON = "hush", 3702
ALL = ("creditor", "debtor", "article", "order", "orderrow", "creditordebtor", "creditorarticle", "invoice", "payment")
WRITES, READS = ("POST", "PUT", "DELETE"), ("incoming_payments",)


def switch(**on: bool) -> None:
    PortalConfiguration.objects.update(**{f"sync_{name}": value for name, value in on.items()})


def edit(world: World, limetype: str, ref: str, **values: Any) -> None:
    """Change an object as a person would in Lime."""
    world.lime.control("PUT", f"objects/{limetype}/{world.ids[ref]}", values)


def events(**filters: Any) -> list[tuple[str, str]]:
    """Lime's events as the portal keeps them: name and status, oldest first."""
    found = WebhookEvent.objects.filter(source="lime", **filters).order_by("pk")
    return list(found.values_list("event_name", "status"))


def calls(world: World) -> list[str]:
    return [call["operation"] for call in world.billecta.journal("call")]


def writes(world: World) -> list[str]:
    """What was written to Billecta, whether by a call that succeeded or not."""
    return [call["operation"] for call in world.billecta.journal("call") if call["method"] in WRITES and call["operation"] not in READS]


def kept(name: str) -> list[tuple[str, str]]:
    """The automatic work of one kind: status and code, oldest first."""
    return list(SyncRecord.objects.filter(kind=KEPT[name].kind).order_by("pk").values_list("status", "error_code"))


def debtor_in_billecta(world: World) -> dict[str, Any]:
    link = RecordLink.objects.get(limetype="debtor")
    view: dict[str, Any] = world._billecta("GET", f"/v1/debtors/debtor/{link.billecta_id}")
    return view


def subscribe(world: World, target: str, *, version: int = 2) -> None:
    names = [f"{limetype}.{action}" for limetype in ALL for action in ("new", "update", "delete", "restore")]
    answer = world.session.post(
        f"{world.lime_url}/api/v{version}/subscription/",
        json={"events": names, "target_url": target, "secret": SECRET},
        headers={"x-api-key": LIME_KEY},
        timeout=10,
    )
    answer.raise_for_status()


def of_people() -> list[WebhookEvent]:
    """Lime's events about what people did, oldest first; a deletion does not say whose it was, and only people delete."""
    told = WebhookEvent.objects.filter(source="lime").order_by("pk")
    return [event for event in told if event.event_name.endswith(".delete") or _writer(event) == PERSON]


def _writer(event: WebhookEvent) -> object:
    return json.loads(bytes(event.body))["body"].get("values", {}).get("updateduser")


def arrived(count: int) -> None:
    """Wait, without working on anything, until so many events of people have arrived."""
    deadline = time.monotonic() + 30
    while len(of_people()) < count:
        assert time.monotonic() < deadline, f"{len(of_people())} of {count} events came"
        time.sleep(0.05)


def tell_unspecific(name: str, lime_id: int) -> None:
    """An event of which only its name and object are known."""
    body = f'{{"event": "{name}", "body": {{"id": {lime_id}}}}}'.encode()
    receive(Delivery(body=body, event_name=name, entity_id=str(lime_id), source="lime"))


def bodies(name: str) -> list[dict[str, Any]]:
    return [json.loads(bytes(event.body)) for event in WebhookEvent.objects.filter(event_name=name).order_by("pk")]
