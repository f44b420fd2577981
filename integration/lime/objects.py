"""Calls on single objects and what is related to them (reference section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from integration.errors import RemoteUnavailable
from integration.http import Call, Effect, Expect
from integration.lime.calls import LimeCalls, LimeObject, api_path, nothing, read_object
from integration.lime.schema import SYSTEM

PAGE = 50
"""What public clients ask for at most (assumed to be the server's cap)."""

Values = Mapping[str, Any]
"""Property → JSON value as `values.write_value` makes it."""


class ObjectCalls(LimeCalls):
    """Limeobjects, known by limetype and whole number."""

    def get_object(self, limetype: str, lime_id: int) -> LimeObject:
        """One object. `GET limeobject/{limetype}/{id}/`, read in Lime's own client. Raises RemoteNotFound."""
        return self._read("get_object", api_path("limeobject", limetype, lime_id), read_object, what=f"{limetype} {lime_id}")

    def create_object(self, limetype: str, values: Values) -> LimeObject:
        """Makes an object; returns what Lime stored, which its own rules may have changed. `POST limeobject/{limetype}/`.

        Raises OutcomeUnknown: look for it before trying again.
        """
        path = api_path("limeobject", limetype)
        return self._write(Call("create_object", "POST", path, Effect.WRITE, payload=dict(values), what=limetype), read_object)

    def update_object(self, limetype: str, lime_id: int, values: Values) -> LimeObject:
        """Sets the given properties and no others; returns what Lime stored. `PUT limeobject/{limetype}/{id}/`. Raises RemoteNotFound."""
        path = api_path("limeobject", limetype, lime_id)
        what = f"{limetype} {lime_id}"
        call = Call("update_object", "PUT", path, Effect.REPEATABLE_WRITE, payload=dict(values), what=what)
        return self._write(call, read_object)

    def delete_object(self, limetype: str, lime_id: int) -> None:
        """Deletes an object. `DELETE limeobject/{limetype}/{id}/`. Raises RemoteNotFound, also when it is gone already."""
        path = api_path("limeobject", limetype, lime_id)
        what = f"{limetype} {lime_id}"
        self._write(Call("delete_object", "DELETE", path, Effect.REPEATABLE_WRITE, expect=Expect.NOTHING, what=what), nothing)

    def related(self, limetype: str, lime_id: int, relation: str) -> list[LimeObject]:
        """Every object of a relation, each once, whatever number of pages. `GET limeobject/{limetype}/{id}/{relation}/`.

        Raises RemoteNotFound when the object is not there.
        """
        path = api_path("limeobject", limetype, lime_id, relation)
        found = {item["_id"]: item for page in self._pages(path, f"{limetype} {lime_id}") for item in page}
        return list(found.values())

    def _pages(self, path: str, what: str) -> Iterator[list[LimeObject]]:
        offset = 0
        while True:
            params = {"_limit": str(PAGE), "_offset": str(offset)}
            page, link = self._read("related", path, _read_page, params=params, what=what)
            yield page
            if not page or link is None:
                return
            linked = _offset_of(link)
            offset = linked if linked > offset else offset + len(page)


def _read_page(data: Any) -> tuple[list[LimeObject], str | None]:
    """A page's objects and the address of the next one; an empty list may lack `_embedded`."""
    if not isinstance(data, dict):
        raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, a list that is not an object")
    objects = (data.get("_embedded") or {}).get("limeobjects") or []
    link = ((data.get("_links") or {}).get("next") or {}).get("href")
    return [read_object(item) for item in objects], link if isinstance(link, str) else None


def _offset_of(link: str) -> int:
    """The offset in a next link. Nothing else is taken from it: some servers leave out the rest, and its host is not ours to trust."""
    value = parse_qs(urlsplit(link).query).get("_offset", ["0"])[0]
    return int(value) if value.isascii() and value.isdigit() else 0
