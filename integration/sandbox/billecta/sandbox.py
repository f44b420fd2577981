"""The pretended Billecta as a whole: its books, settings, credentials, limits and webhooks."""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from integration.sandbox.base import SANDBOX, SOON_SECONDS, Refusal, Sandbox
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Books, Invoice
from integration.sandbox.billecta.views import invoice_view
from integration.sandbox.billecta.webhooks import Announcer
from integration.sandbox.limits import RateLimits, Window
from integration.sandbox.store import encode

LIMITS: dict[str, list[Window]] = {
    "get_invoice": [(600, 60.0), (100, 10.0)],
    "search_actions": [(100, 60.0), (30, 10.0)],
}
"""Billecta's documented limits, per authorisation."""

TOKEN_LIFE = timedelta(hours=24)
"""How long a secure token lasts; Billecta does not say (assumed)."""

SIGN_IN = "authenticate"


@dataclass
class Settings:
    """What the command line and the control routes decide."""

    username: str = "sandbox"
    password: str = "sandbox"  # noqa: S105  the public password of a pretended system
    send_delay: float = 1.0
    """Seconds from attest to sent."""


class BillectaSandbox(Sandbox):
    """Billecta, as far as the portal can see it."""

    name = "Billecta"

    def __init__(self, settings: Settings, state_path: Path | None = None, *, open_control: bool = False) -> None:
        super().__init__(state_path, open_control=open_control)
        self.settings = settings
        self.books = Books()
        self.limits = RateLimits(LIMITS)
        self.webhooks = Announcer(self.journal, self.faults)
        self.timers: dict[str, asyncio.TimerHandle] = {}
        """The sendings still to come, by action id."""
        self.draw_page: Callable[[BillectaSandbox], str] = lambda sandbox: sandbox.name

    def snapshot(self) -> dict[str, Any]:
        """The books."""
        return self.books.snapshot()

    def restore(self, state: dict[str, Any]) -> None:
        """The books of an earlier run."""
        self.books = Books.restored(state)

    def clear(self) -> None:
        """Empty books; tokens are no longer known, and webhooks still to come never do."""
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()
        self.webhooks.forget()
        self.books = Books()
        self.limits.forget()

    def under_way(self) -> int:
        """Webhooks, and sendings that fall due."""
        soon = asyncio.get_running_loop().time() + SOON_SECONDS
        return self.webhooks.under_way + sum(timer.when() < soon for timer in self.timers.values())

    def error_answer(self, status: int, message: str) -> web.Response:
        """Billecta's error body."""
        body = encode({"Message": message, "ExternalErrorCode": None})
        return web.Response(status=status, text=body, content_type="application/json")

    def page(self) -> str:
        """The control page."""
        return self.draw_page(self)

    async def stop(self) -> None:
        """End the timers and deliveries, then save."""
        for timer in self.timers.values():
            timer.cancel()
        await self.webhooks.close()
        await super().stop()

    async def authorise(self, request: web.Request, operation: str) -> None:
        """Basic everywhere, SecureToken everywhere but at sign-in; then the rate limit of the operation."""
        header = request.headers.get("Authorization", "")
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "basic":
            accepted = self._is_password(value)
        else:
            accepted = scheme.lower() == "securetoken" and operation != SIGN_IN and self._is_token(value)
        if not accepted:
            raise Refusal(401, "Authorization has been denied for this request.")
        wait = self.limits.wait_for(operation, header)
        if wait > 0:
            raise Refusal(429, "Too many requests", {"Retry-After": str(int(wait) + 1)})

    def issue_token(self) -> tuple[str, str]:
        """A new secure token and its expiry in the wire form."""
        token = base64.b64encode(secrets.token_bytes(48)).decode()
        expires = dates.wire(dates.now() + TOKEN_LIFE)
        self.books.tokens[token] = expires
        self.file.changed()
        return token, expires

    def changed(self, effect: str, **ids: object) -> None:
        """Something in the books changed: journal it and see to it that it is saved."""
        self.journal.effect(effect, **ids)
        self.file.changed()

    def tell(self, event: str, invoice: Invoice) -> None:
        """Raise a webhook that carries the invoice as it is now."""
        self.webhooks.announce(event, invoice.creditor_id, lambda: invoice_view(self.books, invoice))

    def _is_password(self, value: str) -> bool:
        known = f"{self.settings.username}:{self.settings.password}".encode()
        return secrets.compare_digest(_decoded(value), known)

    def _is_token(self, value: str) -> bool:
        expires = self.books.tokens.get(_decoded(value).decode("ascii", "replace"))
        return expires is not None and dates.parse(expires) > dates.now()


def billecta(request: web.Request) -> BillectaSandbox:
    """The sandbox that this request is for."""
    return cast("BillectaSandbox", request.app[SANDBOX])


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return b""
