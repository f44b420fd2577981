"""How the portal speaks HTTP: one client with deadlines, safe retries and typed errors, knowing nothing of either vendor."""

from integration.http.calls import Call, Effect, Exchange, Expect, Throttle, Timeouts
from integration.http.client import USER_AGENT, ApiClient
from integration.http.outcome import RefusalFields

__all__ = ["USER_AGENT", "ApiClient", "Call", "Effect", "Exchange", "Expect", "RefusalFields", "Throttle", "Timeouts"]
