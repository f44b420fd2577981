"""How Lime is called: address, key, headers, and the reading of what all its answers share. The calls are in the sibling modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from integration.errors import CredentialsRefused, RemoteNotFound, RemoteUnavailable
from integration.http import ApiClient, Call, Effect, Exchange, Expect, Throttle, Timeouts
from integration.lime.configuration import checked_api_key, checked_base_url
from integration.lime.schema import SYSTEM

T = TypeVar("T")
LimeObject = dict[str, Any]
"""An object as Lime shows it, its own properties with an underscore (`_id`, `_timestamp`); `values` reads what it holds."""


class LimeCalls:
    """What all calls share.

    Args:
        base_url: with the database: `https://acme.lime-crm.com/acme`; a space in its name may be encoded or not.
        api_key: of the portal's own API user.

    Raises:
        InvalidLimeApiConfig: a setting is missing or malformed; names it and gives an example.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeouts: Timeouts | None = None,
        throttle: Throttle | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        ca_file: str = "",
        pool_size: int = 8,
    ) -> None:
        url = checked_base_url(base_url)
        headers = {"x-api-key": checked_api_key(api_key), "Accept": "application/hal+json, application/json;q=0.9, */*;q=0.1"}
        self._http = ApiClient(
            SYSTEM, url, headers, timeouts=timeouts, throttle=throttle, on_exchange=on_exchange, ca_file=ca_file, pool_size=pool_size
        )

    def close(self) -> None:
        """Closes the pooled connections."""
        self._http.close()

    def check_connection(self) -> None:
        """Whether address and key are right: `GET api/v1/`, which Lime's own clients use for this.

        Raises CredentialsRefused also for 404, which Lime may answer instead of 401 so as not to tell what exists.
        """
        call = Call("check_connection", "GET", api_path(), Effect.READ, expect=Expect.NOTHING)
        try:
            self._http.perform(call, lambda _: None)
        except RemoteNotFound:
            raise CredentialsRefused(system=SYSTEM, status=404) from None

    def _read(self, operation: str, path: str, read: Callable[[Any], T], *, params: Mapping[str, str] | None = None, what: str = "") -> T:
        """A GET whose answer is JSON."""
        return self._http.perform(Call(operation, "GET", path, Effect.READ, params=params or {}, what=what), read)

    def _write(self, call: Call, read: Callable[[Any], T]) -> T:
        """A call that changes something."""
        return self._http.perform(call, read)


def api_path(*segments: str | int, version: int = 1) -> str:
    """The path of an API call, each segment percent-encoded, with the closing slash that Lime wants."""
    return f"/api/v{version}/" + "".join(f"{quote(str(segment), safe='')}/" for segment in segments)


def read_object(data: Any) -> LimeObject:
    """An object with its `_id`. Raises RemoteUnavailable."""
    if not isinstance(data, dict) or isinstance(data.get("_id"), bool) or not isinstance(data.get("_id"), int):
        raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, an object without a whole _id")
    return data


def nothing(body: Any) -> None:
    """Reads an answer that says nothing more than that the call succeeded."""
