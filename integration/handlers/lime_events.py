"""What Lime can tell: which of its events lead to a look at an object, and why the others do not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from integration.errors import Text
from integration.ledger.registry import Lead, registry
from integration.ledger.triage import unknown_event, unnamed_entity
from integration.lime.events import DELETE, NEW, RESTORE, UPDATE, LimeEvent, read_event
from integration.mapping.spec import MappingSpec
from integration.models import PortalConfiguration, WebhookEvent
from integration.sync.in_step import KEPT, NOT_IN_BILLECTA, ROW, Found, Kept, kept_of, look_for, orders_of_rows, sent_fields
from integration.sync.versions import published

SOURCE = "lime"
ACTIONS = frozenset({NEW, UPDATE, DELETE, RESTORE})
NOT_SENT = _("Nothing of this limetype is sent to Billecta.")
NO_MAPPED_FIELD = _("No field that is sent to Billecta was changed.")
DELETED_IN_LIME = _("What is deleted in Lime is not deleted in Billecta by itself; there are commands for that.")


@dataclass(frozen=True)
class Target:
    """The objects that an event is about, under the mapping's name of their kind: for an order's row, its orders."""

    kept: Kept
    lime_ids: Sequence[int]


@dataclass(frozen=True)
class Now:
    """What decides about events at this moment: the mapping, the switches, and the orders that rows were last sent with."""

    spec: MappingSpec
    portal: PortalConfiguration
    orders_of_rows: Mapping[int, set[int]]


def register() -> None:
    """Have the ledger ask this module about Lime's events."""
    registry.add_source(SOURCE, resolve)


def resolve(events: Sequence[WebhookEvent]) -> list[Lead]:
    """What each event leads to: a look at each object that is linked, which sends only what differs from what was sent."""
    _version, spec = published()
    told = [_read(event) for event in events]
    now = Now(spec, PortalConfiguration.current(), orders_of_rows(_row_ids(spec, told)))
    targets = [_target(now, event) for event in told]
    found = _look_for_all([target for target in targets if isinstance(target, Target)])
    return [_lead(target, found[target.kept.name]) if isinstance(target, Target) else target for target in targets]


def _read(event: WebhookEvent) -> LimeEvent:
    return read_event(json.loads(bytes(event.body)))


def _row_ids(spec: MappingSpec, told: Sequence[LimeEvent]) -> list[int]:
    return [event.lime_id for event in told if event.limetype == spec.limetype(ROW) and event.lime_id is not None]


def _target(now: Now, event: LimeEvent) -> Target | Lead:
    if event.action not in ACTIONS:
        return unknown_event()
    if event.lime_id is None:
        return unnamed_entity()
    name = next((name for name in (*KEPT, ROW) if now.spec.limetype(name) == event.limetype), "")
    kept = kept_of(name)
    if kept is None:
        return Lead(reason=NOT_SENT)
    reason = _why_not(now, name, kept, event)
    if reason:
        return Lead(reason=reason)
    return Target(kept, _orders_of_row(now, event, event.lime_id) if name == ROW else [event.lime_id])


def _why_not(now: Now, name: str, kept: Kept, event: LimeEvent) -> Text:
    if event.action == DELETE and name != ROW:
        return DELETED_IN_LIME
    if not kept.is_on(now.portal):
        return kept.off
    if event.original_values is not None and sent_fields(now.spec, name).isdisjoint(event.original_values):
        return NO_MAPPED_FIELD
    return ""


def _orders_of_row(now: Now, event: LimeEvent, lime_id: int) -> list[int]:
    """The orders that a row belongs to, belonged to before, and was sent with; a deleted one is only known from the last."""
    return sorted(event.ids_of(now.spec.link(ROW, "order") or "order") | now.orders_of_rows.get(lime_id, set()))


def _look_for_all(targets: Sequence[Target]) -> dict[str, dict[int, Found]]:
    ids: dict[str, set[int]] = defaultdict(set)
    for target in targets:
        ids[target.kept.name].update(target.lime_ids)
    return {name: look_for(name, wanted) for name, wanted in ids.items()}


def _lead(target: Target, found: Mapping[int, Found]) -> Lead:
    looks = [found[lime_id] for lime_id in target.lime_ids]
    work = [(target.kept.kind, subject) for look in looks for subject in look.subjects]
    return Lead(work=work) if work else Lead(reason=looks[0].why_not if looks else NOT_IN_BILLECTA)
