"""Calls about the solution itself: metadata, files, webhook subscriptions (reference sections 3, 6, 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integration.errors import CredentialsRefused, RemoteNotFound, RemoteUnavailable
from integration.http import Call, Effect, Expect
from integration.lime.calls import LimeCalls, api_path, nothing
from integration.lime.schema import SYSTEM, LimeProperty, LimeSchema, Limetype, read_limetype, read_property, read_schema


@dataclass(frozen=True)
class LimeFile:
    """A file that a file property can point at by `file_id`. `size` is in bytes, `last_modified` as Lime writes it."""

    file_id: int
    filename: str
    content_type: str
    size: int
    last_modified: str = ""


@dataclass(frozen=True)
class Subscription:
    """A webhook subscription. `api_version` is the version of the API that showed it; the secret is never told."""

    subscription_id: str
    name: str
    enabled: bool
    events: tuple[str, ...]
    target_url: str
    api_version: int


class MetadataCalls(LimeCalls):
    """What the solution's objects look like."""

    def limetypes(self) -> LimeSchema:
        """Every limetype with its properties. `GET limetype/?_embed=limetypes.properties`, read in Lime's own client."""
        return self._read("limetypes", api_path("limetype"), read_schema, params={"_embed": "limetypes.properties"})

    def limetype(self, name: str) -> Limetype:
        """One limetype with its properties. `GET limetype/{name}/?_embed=properties`. Raises RemoteNotFound."""
        return self._read("limetype", api_path("limetype", name), read_limetype, params={"_embed": "properties"}, what=f"Limetype {name}")

    def limetype_property(self, limetype: str, name: str) -> LimeProperty:
        """One property with its options. `GET limetype/{limetype}/{name}/`. Raises RemoteNotFound."""
        return self._read("limetype_property", api_path("limetype", limetype, name), read_property, what=f"Property {limetype}.{name}")


class FileCalls(LimeCalls):
    """Files. An upload that is repeated leaves a file that nothing points at, which does no harm."""

    def upload_file(self, filename: str, content: bytes, content_type: str) -> LimeFile:
        """Uploads a file; its id is then written to a file property. `POST file/` with raw bytes, read in Lime's own client."""
        headers = {"Content-Type": content_type, "Content-Disposition": f";filename*=\"UTF-8''{quote(filename, safe='')}\""}
        path = api_path("file")
        return self._write(Call("upload_file", "POST", path, Effect.REPEATABLE_WRITE, content=content, headers=headers), _read_file)

    def file(self, file_id: int) -> LimeFile:
        """A file's metadata. `GET file/{id}/`. Raises RemoteNotFound."""
        return self._read("file", api_path("file", file_id), _read_file, what=f"File {file_id}")

    def download_file(self, file_id: int) -> bytes:
        """A file's bytes. `GET file/{id}/contents/`. Raises RemoteNotFound."""
        path = api_path("file", file_id, "contents")
        return self._write(Call("download_file", "GET", path, Effect.READ, expect=Expect.BYTES, what=f"File {file_id}"), bytes)


class SubscriptionCalls(LimeCalls):
    """Webhook subscriptions. The user must be an administrator or in the group Webhook Users."""

    def subscriptions(self) -> list[Subscription]:
        """Every subscription. `GET /api/v2/subscription/`, on older servers `/api/v1/subscription/`; both manage the same list.

        Raises CredentialsRefused also when both answer 404, which Lime may do instead of 403.
        """
        try:
            return self._subscriptions(2)
        except RemoteNotFound:
            pass
        try:
            return self._subscriptions(1)
        except RemoteNotFound:
            raise CredentialsRefused(system=SYSTEM, status=404) from None

    def create_subscription(self, events: Sequence[str], target_url: str, *, name: str, secret: str) -> Subscription:
        """Subscribes to events such as `order.update`; deliveries are signed with the secret, as version 2 where the server has it.

        `POST /api/v2/subscription/`, else version 1. Raises OutcomeUnknown: list before trying again.
        """
        payload = {"events": list(events), "target_url": target_url, "name": name, "secret": secret}
        try:
            return self._create_subscription(payload, 2)
        except RemoteNotFound:
            return self._create_subscription(payload, 1)

    def delete_subscription(self, subscription: Subscription) -> None:
        """Ends a subscription. `DELETE /api/v{version}/subscription/{id}/`. Raises RemoteNotFound."""
        path = api_path("subscription", subscription.subscription_id, version=subscription.api_version)
        what = f"Subscription {subscription.subscription_id}"
        self._write(Call("delete_subscription", "DELETE", path, Effect.REPEATABLE_WRITE, expect=Expect.NOTHING, what=what), nothing)

    def _subscriptions(self, version: int) -> list[Subscription]:
        def read(data: Any) -> list[Subscription]:
            if not isinstance(data, list):
                raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, subscriptions that are not a list")
            return [_read_subscription(item, version) for item in data]

        return self._read("subscriptions", api_path("subscription", version=version), read, what="Subscriptions")

    def _create_subscription(self, payload: dict[str, Any], version: int) -> Subscription:
        path = api_path("subscription", version=version)
        call = Call("create_subscription", "POST", path, Effect.WRITE, payload=payload, what="Subscriptions")
        return self._write(call, lambda data: _read_subscription(data, version))


def _read_file(data: Any) -> LimeFile:
    file_id = data.get("id") if isinstance(data, dict) else None
    if isinstance(file_id, bool) or not isinstance(file_id, int):
        raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, a file without an id")
    return LimeFile(
        file_id=file_id,
        filename=str(data.get("filename") or ""),
        content_type=str(data.get("content_type") or ""),
        size=int(data.get("size") or 0),
        last_modified=str(data.get("last_modified") or ""),
    )


def _read_subscription(data: Any, version: int) -> Subscription:
    if not isinstance(data, dict) or data.get("id") in (None, ""):
        raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, a subscription without an id")
    return Subscription(
        subscription_id=str(data["id"]),
        name=str(data.get("name") or ""),
        enabled=data.get("enabled") is not False,
        events=tuple(str(event) for event in data.get("events") or ()),
        target_url=str(data.get("target_url") or ""),
        api_version=version,
    )
