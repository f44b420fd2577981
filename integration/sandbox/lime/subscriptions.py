"""Webhook subscriptions: who is told about which events, and under which signature version."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from integration.sandbox.base import Refusal

EVENT_KINDS = ("new", "update", "delete", "restore")
_WRITABLE = frozenset({"name", "enabled", "events", "target_url", "secret"})


@dataclass
class Subscription:
    """One subscription. `former_secret` is the one before the last change, kept to sign with on purpose in a fault."""

    id: int
    name: str
    enabled: bool
    events: list[str]
    target_url: str
    secret: str
    signature_version: int
    former_secret: str = ""

    def render(self) -> dict[str, Any]:
        """The subscription as the API shows it; its secret is never shown."""
        return {
            "id": self.id,
            "name": self.name,
            "enabled": self.enabled,
            "events": self.events,
            "target_url": self.target_url,
            "signature_version": f"v{self.signature_version}",
        }


class Subscriptions:
    """All subscriptions; both versions of the API manage this one list."""

    def __init__(self, limetypes: Iterable[str]) -> None:
        self.available = [f"{limetype}.{kind}" for limetype in limetypes for kind in EVENT_KINDS]
        self._rows: dict[int, Subscription] = {}
        self._last_id = 0

    def find(self, parameters: Mapping[str, str]) -> list[Subscription]:
        """The subscriptions with all of `events` (comma separated), this `target_url` and this `enabled`; without any, all."""
        events = {event for event in parameters.get("events", "").split(",") if event}
        return [
            row
            for row in self._rows.values()
            if events <= set(row.events)
            and parameters.get("target_url", row.target_url) == row.target_url
            and parameters.get("enabled", str(row.enabled)).lower() == str(row.enabled).lower()
        ]

    def told(self, event: str) -> list[Subscription]:
        """The enabled subscriptions to an event."""
        return [row for row in self._rows.values() if row.enabled and event in row.events]

    def get(self, subscription_id: int) -> Subscription:
        """One subscription. Raises Refusal (404)."""
        if subscription_id not in self._rows:
            raise Refusal(404, "Subscription not found")
        return self._rows[subscription_id]

    def create(self, data: Mapping[str, Any], signature_version: int) -> Subscription:
        """Add a subscription. Raises Refusal (400)."""
        if not data.get("events") or not data.get("target_url"):
            raise Refusal(400, "events and target_url are required")
        self._check(data)
        row = Subscription(
            id=self._last_id + 1,
            name=data.get("name", ""),
            enabled=data.get("enabled", True),
            events=list(data["events"]),
            target_url=data["target_url"],
            secret=data.get("secret", ""),
            signature_version=signature_version,
        )
        self._last_id = row.id
        self._rows[row.id] = row
        return row

    def update(self, subscription_id: int, data: Mapping[str, Any]) -> Subscription:
        """Change only what is named. Raises Refusal (400, 404)."""
        row = self.get(subscription_id)
        self._check(data)
        if data.get("secret", row.secret) != row.secret:
            row.former_secret = row.secret
        for name, value in data.items():
            setattr(row, name, value)
        return row

    def delete(self, subscription_id: int) -> None:
        """Remove a subscription. Raises Refusal (404)."""
        del self._rows[self.get(subscription_id).id]

    def clear(self) -> None:
        """Remove all subscriptions."""
        self._rows.clear()

    def snapshot(self) -> list[dict[str, Any]]:
        """All subscriptions as data for the state file."""
        return [asdict(row) for row in self._rows.values()]

    def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take over a snapshot."""
        self._rows = {row["id"]: Subscription(**row) for row in rows}
        self._last_id = max(self._rows, default=0)

    def _check(self, data: Mapping[str, Any]) -> None:
        types = {"events": list, "enabled": bool}
        for name, value in data.items():
            if name not in _WRITABLE or not isinstance(value, types.get(name, str)):
                raise Refusal(400, f"{name} cannot be set to {value!r}")
        for event in data.get("events", []):
            if event not in self.available:
                raise Refusal(400, f"There is no event {event!r}")
        if not data.get("target_url", "http://").startswith(("http://", "https://")):
            raise Refusal(400, "target_url must be an address")
