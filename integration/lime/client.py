"""The whole of Lime as the portal calls it."""

from __future__ import annotations

from integration.lime.objects import ObjectCalls
from integration.lime.queries import QueryCalls
from integration.lime.solution import FileCalls, MetadataCalls, SubscriptionCalls


class LimeClient(ObjectCalls, QueryCalls, MetadataCalls, FileCalls, SubscriptionCalls):
    """Lime over HTTP; made as `LimeCalls` says. Raises what `ApiClient.perform` raises. Safe to share between threads."""
