"""The two remote systems as the portal talks to them: clients from the settings, throttled, every call recorded."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from urllib.parse import unquote, urlsplit

from django.conf import settings

from integration.billecta.client import BillectaClient
from integration.http import Exchange, Timeouts
from integration.ledger.throttle import throttle
from integration.ledger.work import current_work
from integration.lime.client import LimeClient


class Gate:
    """What every call passes: the work keeps its lease, and the system's limit is kept to."""

    def __init__(self, system: str) -> None:
        self._system = system

    def take(self) -> None:
        """Raises Throttled when the limit is reached, LeaseLost when the work is no longer this worker's."""
        work = current_work()
        if work is not None:
            work.keep_lease()
            if work.allowance.get(self._system, 0) > 0:
                work.allowance[self._system] -= 1
                return
        throttle(self._system).take()


def keep(exchange: Exchange) -> None:
    """Record one call (redacted) under the work that this thread runs."""
    work = current_work()
    if work is not None:
        work.exchanges.append(asdict(exchange))


@cache
def billecta() -> BillectaClient:
    """The client of Billecta. Raises InvalidBillectaApiConfig."""
    return BillectaClient(
        settings.BILLECTA_BASE_URL,
        settings.BILLECTA_AUTHENTICATION,
        authentication_by_creditor=settings.BILLECTA_AUTHENTICATION_BY_CREDITOR,
        paths=settings.BILLECTA_PATHS,
        timeouts=_timeouts(),
        ca_file=settings.REMOTE_CA_FILE,
        throttle=Gate("billecta"),
        on_exchange=keep,
    )


@cache
def lime() -> LimeClient:
    """The client of Lime. Raises InvalidLimeApiConfig."""
    return LimeClient(
        settings.LIME_BASE_URL,
        settings.LIME_API_KEY,
        timeouts=_timeouts(),
        ca_file=settings.REMOTE_CA_FILE,
        throttle=Gate("lime"),
        on_exchange=keep,
    )


def _timeouts() -> Timeouts:
    total = settings.REMOTE_DEADLINE_SECONDS
    return Timeouts(connect=min(5.0, total), read=min(20.0, total), total=total)


def forget() -> None:
    """Make new clients at the next call, after a change of settings."""
    billecta.cache_clear()
    lime.cache_clear()


def lime_database() -> str:
    """The name of the Lime database, which external references carry."""
    return unquote(urlsplit(settings.LIME_BASE_URL).path).strip("/")
