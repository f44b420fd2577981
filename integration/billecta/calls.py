"""How Billecta is called: base URL, credentials per creditor, the endpoint table. The calls themselves are in the sibling modules."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from integration.billecta.configuration import checked_authentication, checked_base_url
from integration.billecta.endpoints import Endpoint, endpoints
from integration.billecta.reading import SYSTEM, View, read_list
from integration.billecta.wire import Created
from integration.errors import RemoteNotFound
from integration.http import ApiClient, Call, Exchange, Expect, RefusalFields, Throttle, Timeouts

T = TypeVar("T")
V = TypeVar("V", bound=View)
Payload = Mapping[str, Any]
"""A view as it is sent: Billecta's property names; amounts as `Amount.to_wire()`, dates as `dates` writes them, enums by name."""


class BillectaCalls:
    """What all calls share.

    Args:
        base_url: `https://api.billecta.com` or `https://apitest.billecta.com`.
        authentication: the whole Authorization header: `Basic …` or `SecureToken …`.
        authentication_by_creditor: the same per creditor's public id, for creditors with a user of their own.
        paths: operation → `METHOD /path`, in place of the shipped table's.

    Raises:
        InvalidBillectaApiConfig: a setting is missing or malformed; names it and gives an example.
    """

    def __init__(
        self,
        base_url: str,
        authentication: str,
        *,
        authentication_by_creditor: Mapping[str, str] | None = None,
        paths: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        throttle: Throttle | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        ca_file: str = "",
        pool_size: int = 8,
    ) -> None:
        url = checked_base_url(base_url)
        self._authentication = checked_authentication(authentication)
        self._by_creditor = {
            creditor.lower(): checked_authentication(text, setting=f"BILLECTA_AUTHENTICATION_BY_CREDITOR[{creditor}]")
            for creditor, text in (authentication_by_creditor or {}).items()
        }
        self._endpoints = endpoints(paths or {})
        self._http = ApiClient(
            SYSTEM,
            url,
            {"Accept": "application/json"},
            timeouts=timeouts,
            throttle=throttle,
            on_exchange=on_exchange,
            refusal_fields=RefusalFields(messages=("Message", "ExceptionMessage"), code="ExternalErrorCode"),
            ca_file=ca_file,
            pool_size=pool_size,
        )

    def close(self) -> None:
        """Closes the pooled connections."""
        self._http.close()

    def for_creditor(self, creditor: str) -> Self:
        """The same client with the creditor's own credentials where it has some, also for calls that name no creditor."""
        bound = copy.copy(self)
        bound._authentication = self._by_creditor.get(creditor.lower(), self._authentication)  # noqa: SLF001  a copy of this very object
        return bound

    def endpoint(self, operation: str) -> Endpoint:
        """The call as it is made here, overrides included."""
        return self._endpoints[operation]

    def _ask(self, operation: str, read: Callable[[Any], T], *, params: Mapping[str, str] | None = None, what: str = "", **ids: str) -> T:
        """A call without a body whose answer is JSON."""
        return self._perform(operation, read, Expect.JSON, None, params, what, ids)

    def _find(self, operation: str, view: type[V], *, params: Mapping[str, str], **ids: str) -> V | None:
        """A lookup whose answer is a view, or nothing: 404, an empty body or null (what Billecta answers is not known)."""
        try:
            found = self._perform(operation, lambda data: view.from_wire(data) if data else None, Expect.NOTHING, None, params, "", ids)
        except RemoteNotFound:
            return None
        return found

    def _list(self, operation: str, view: type[V], *, params: Mapping[str, str] | None = None, what: str = "", **ids: str) -> list[V]:
        """A call without a body whose answer is a bare array."""
        return self._ask(operation, lambda data: read_list(view, data), params=params, what=what, **ids)

    def _post(self, operation: str, read: Callable[[Any], T], payload: Any, *, what: str = "", **ids: str) -> T:
        """A call with a body whose answer is JSON."""
        return self._perform(operation, read, Expect.JSON, payload, None, what, ids)

    def _create(self, operation: str, payload: Payload, *, what: str, **ids: str) -> str:
        """A create; returns the new public id."""
        return self._post(operation, Created.from_wire, payload, what=what, **ids).public_id

    def _do(self, operation: str, payload: Any = None, *, params: Mapping[str, str] | None = None, what: str = "", **ids: str) -> None:
        """A call whose success says nothing more."""
        self._perform(operation, _nothing, Expect.NOTHING, payload, params, what, ids)

    def _bytes(self, operation: str, *, what: str, **ids: str) -> bytes:
        """A call that answers with a file."""
        return self._perform(operation, bytes, Expect.BYTES, None, None, what, ids)

    def _perform(
        self,
        operation: str,
        read: Callable[[Any], T],
        expect: Expect,
        payload: Any,
        params: Mapping[str, str] | None,
        what: str,
        ids: Mapping[str, str],
    ) -> T:
        endpoint = self._endpoints[operation]
        call = Call(
            operation=operation,
            method=endpoint.method,
            path=endpoint.format(ids),
            effect=endpoint.effect,
            params=params or {},
            payload=payload,
            headers={"Authorization": self._by_creditor.get(ids.get("creditor", "").lower(), self._authentication)},
            expect=expect,
            what=_missing(endpoint, what or operation),
        )
        return self._http.perform(call, read)


def _missing(endpoint: Endpoint, what: str) -> str:
    """What a 404 would be about; where the path is assumed it may be the path itself that does not exist."""
    if endpoint.basis == "documented":
        return what
    return f"{what} (or {endpoint.method} {endpoint.path}, which is {endpoint.basis})"


def _nothing(body: Any) -> None:  # noqa: ARG001
    return None
