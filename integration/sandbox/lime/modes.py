"""The switches of the pretended Lime: how it treats keys, which server version it resembles, what its solution's code does."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from integration.sandbox.lime.hooks import ServerHook

AUTH_MODES = ("valid", "invalid", "masked")
ERROR_BODIES = ("message", "error", "text")
RIGHTS = ("read", "write", "add", "delete")
DELIVERY_FAULTS = ("duplicate", "late", "reorder", "lose", "tamper", "signature_v1", "old_secret")


@dataclass
class Modes:
    """What can be switched while it runs, each with the value of an ordinary server.

    `auth`: valid checks keys (401), invalid refuses every key (401), masked hides everything (404). `denied`: limetype (or "*")
    and right per entry, answered 403. `deliveries`: how many coming webhooks each delivery fault still strikes. `held_seconds`: how
    long a delivery that is to come out of order waits for another to overtake it.
    """

    auth: str = "valid"
    error_body: str = "message"
    next_keeps_only_offset: bool = False
    embedded_when_empty: bool = False
    v2_subscriptions: bool = True
    webhook_rights: bool = True
    admin_rights: bool = True
    retry_base_seconds: float = 60
    delivery_timeout_seconds: float = 10
    held_seconds: float = 1
    denied: list[dict[str, str]] = field(default_factory=list)
    server_hooks: list[dict[str, Any]] = field(default_factory=list)
    deliveries: dict[str, int] = field(default_factory=dict)

    def update(self, data: Mapping[str, Any]) -> None:
        """Switch what `data` names. Raises ValueError and changes nothing when a name or value is unknown."""
        for name, value in data.items():
            if name not in _ALLOWED or not _ALLOWED[name](value):
                raise ValueError(f"{name} cannot be switched to {value!r}")
        for hook in data.get("server_hooks", []):
            ServerHook.from_json(hook)
        for name, value in data.items():
            setattr(self, name, value)

    def render(self) -> dict[str, Any]:
        """All switches as data."""
        return asdict(self)

    def denies(self, limetype: str, right: str) -> bool:
        """Whether a policy keeps the API user from this."""
        return any(entry["limetype"] in {limetype, "*"} and entry["right"] == right for entry in self.denied)

    def take_delivery_fault(self) -> str | None:
        """The fault that strikes the next webhook, counted down."""
        for kind, left in self.deliveries.items():
            if left > 0:
                self.deliveries[kind] = left - 1
                return kind
        return None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_denied(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, dict) and set(entry) == {"limetype", "right"} and entry["right"] in RIGHTS for entry in value
    )


_ALLOWED: dict[str, Callable[[Any], bool]] = {
    **{switch.name: lambda value: isinstance(value, bool) for switch in fields(Modes) if switch.type is bool},
    "auth": lambda value: value in AUTH_MODES,
    "error_body": lambda value: value in ERROR_BODIES,
    "retry_base_seconds": _is_seconds,
    "delivery_timeout_seconds": _is_seconds,
    "held_seconds": _is_seconds,
    "denied": _is_denied,
    "server_hooks": lambda value: isinstance(value, list) and all(isinstance(hook, dict) for hook in value),
    "deliveries": lambda value: (
        isinstance(value, dict) and all(kind in DELIVERY_FAULTS and _is_count(left) for kind, left in value.items())
    ),
}
