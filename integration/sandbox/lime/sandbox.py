"""The pretended Lime as a whole: its objects, files, subscriptions, key, limits and switches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from integration.sandbox.base import SANDBOX, Refusal, Sandbox
from integration.sandbox.lime.crm import Change, Crm
from integration.sandbox.lime.deliveries import Deliverer
from integration.sandbox.lime.files import Files
from integration.sandbox.lime.hooks import ServerHook
from integration.sandbox.lime.modes import Modes
from integration.sandbox.lime.records import Tables
from integration.sandbox.lime.render import api_root, event_values, original_values
from integration.sandbox.lime.schema import Schema
from integration.sandbox.lime.subscriptions import Subscriptions
from integration.sandbox.lime.users import ApiKey
from integration.sandbox.limits import RateLimits
from integration.sandbox.store import encode

DEFAULT_SCHEMA = Path(__file__).parent / "schemas" / "default.json"
REQUESTS = 3000
SECONDS = 300.0
"""Lime Cloud's documented limit, per address."""

LONGEST_ADDRESS = 8000
"""Characters of path and query that the web server takes (assumed)."""

EVERY_CALL = "api"
EFFECTS = {"new": "object.created", "update": "object.updated", "delete": "object.deleted", "restore": "object.restored"}


@dataclass(frozen=True)
class Settings:
    """What the command line decides. With `webhook_url` all events go there from the start, signed with `webhook_secret`."""

    database: str = "kvittens"
    api_key: str = "sandbox-lime-key"
    schema: Path = DEFAULT_SCHEMA
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_headers: dict[str, str] = field(default_factory=dict)


class LimeSandbox(Sandbox):
    """Lime CRM, as far as the portal can see it."""

    name = "Lime"

    def __init__(self, settings: Settings, state_path: Path | None = None, *, open_control: bool = False) -> None:
        """Raises ValueError when the schema file is not one."""
        super().__init__(state_path, open_control=open_control)
        self.settings = settings
        self.schema = Schema.load(settings.schema)
        self.tables = Tables(self.schema)
        self.files = Files()
        self.crm = Crm(self.tables, self.files.__contains__)
        self.crm.listeners.append(self.record)
        self.key = ApiKey(settings.api_key)
        self.modes = Modes()
        self.limits = RateLimits({EVERY_CALL: [(REQUESTS, SECONDS)]})
        self.retry_after = True
        """Whether a call over the limit is told how long to wait."""
        self.subscriptions = Subscriptions(self.schema.limetypes)
        self.deliverer = Deliverer(self.journal, self.faults, self.modes, settings.webhook_headers)
        self.draw_page: Callable[[LimeSandbox], str] = lambda sandbox: sandbox.name
        self._subscribe_from_settings()

    def snapshot(self) -> dict[str, Any]:
        """A list per limetype, the files and the subscriptions."""
        return {**self.tables.snapshot(), "_files": self.files.snapshot(), "_subscriptions": self.subscriptions.snapshot()}

    def restore(self, state: dict[str, Any]) -> None:
        """The objects, files and subscriptions of an earlier run."""
        self.tables.restore(state)
        self.files.restore(state["_files"])
        self.subscriptions.restore(state["_subscriptions"])
        self._subscribe_from_settings()

    def clear(self) -> None:
        """An empty Lime with the subscription of the command line only; switches stay."""
        self.tables.clear()
        self.files.clear()
        self.subscriptions.clear()
        self.deliverer.forget()
        self.limits.forget()
        self._subscribe_from_settings()

    def under_way(self) -> int:
        """Webhooks."""
        return self.deliverer.under_way

    def error_answer(self, status: int, message: str) -> web.Response:
        """An error body in the shape that is switched on; Lime's own is not published."""
        if self.modes.error_body == "text":
            return web.Response(status=status, text=message)
        return web.Response(status=status, text=encode({self.modes.error_body: message}), content_type="application/json")

    def page(self) -> str:
        """The control page."""
        return self.draw_page(self)

    async def start(self) -> None:
        """Read the state and start sending webhooks."""
        await super().start()
        self.deliverer.start()

    async def stop(self) -> None:
        """Stop sending, then save."""
        await self.deliverer.close()
        await super().stop()

    async def authorise(self, request: web.Request, operation: str) -> None:  # noqa: ARG002  every operation is checked alike
        """The length of the address, the rate limit of the caller's address, then the key."""
        if len(request.raw_path) > LONGEST_ADDRESS:
            raise Refusal(414, "Request-URI Too Long")
        wait = self.limits.wait_for(EVERY_CALL, request.remote or "")
        if wait > 0:
            raise Refusal(429, "Too many requests", {"Retry-After": str(int(wait) + 1)} if self.retry_after else None)
        if self.modes.auth == "masked":
            raise Refusal(404, "Not Found")
        if self.modes.auth == "invalid" or not self.key.opens(request.headers.get("x-api-key", "")):
            raise Refusal(401, "Unauthorized")

    def allow(self, limetype: str, right: str) -> None:
        """Check the API user's policy. Raises Refusal (403)."""
        if self.modes.denies(limetype, right):
            raise Refusal(403, f"Access denied: no {right} right on {limetype}")

    def switch(self, data: dict[str, Any]) -> None:
        """Change modes. Raises ValueError."""
        self.modes.update(data)
        self.crm.hooks = [ServerHook.from_json(hook) for hook in self.modes.server_hooks]

    def root(self, request: web.Request) -> str:
        """The absolute address of the API as this caller knows it."""
        return api_root(f"{request.scheme}://{request.host}", self.settings.database)

    def record(self, change: Change, *, tell: bool = True) -> None:
        """Journal a save, see to it that it is kept, and tell the subscribers."""
        record = change.record
        changed = list(change.original) if change.kind == "update" else None
        self.journal.effect(
            EFFECTS[change.kind], limetype=record.limetype, id=record.id, user=record.updateduser, **{"changed": changed} if changed else {}
        )
        self.file.changed()
        if tell:
            self._tell(f"{record.limetype}.{change.kind}", change)

    def _tell(self, event: str, change: Change) -> None:
        told = self.subscriptions.told(event)
        if told:
            body = encode({"event": event, "body": self._event_body(change)}).encode()
            for subscription in told:
                self.deliverer.send(subscription, event, body)

    def _event_body(self, change: Change) -> dict[str, Any]:
        record = change.record
        body: dict[str, Any] = {"id": record.id, "limetype": record.limetype}
        if change.kind == "delete":
            return body
        limetype = self.schema.limetypes[record.limetype]
        if change.kind == "update":
            body["original_values"] = original_values(limetype, change.original)
        return {**body, "values": event_values(limetype, record)}

    def _subscribe_from_settings(self) -> None:
        url = self.settings.webhook_url
        if url and not self.subscriptions.find({"target_url": url}):
            data = {"name": "portal", "events": self.subscriptions.available, "target_url": url, "secret": self.settings.webhook_secret}
            self.subscriptions.create(data, signature_version=2)


def lime(request: web.Request) -> LimeSandbox:
    """The sandbox that this request is for."""
    return cast("LimeSandbox", request.app[SANDBOX])
