"""Calls of the query API, which is how lists are read (reference section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integration.errors import AmbiguousMatch, RemoteUnavailable
from integration.lime.calls import LimeCalls, LimeObject, api_path
from integration.lime.query import ASCENDING, Query, and_, eq, gt
from integration.lime.schema import SYSTEM

PAGE = 200
"""What Lime's own client pages with."""


class QueryCalls(LimeCalls):
    """Queries. Options come as keys here, belongsto as an id."""

    def query(self, query: Query) -> list[LimeObject]:
        """One page, as the query's limit and offset say; without them all its parts. `GET query/?q=`, read in Lime's own client.

        Raises ValueError when the query is too long for a URL and cannot be cut.
        """
        return [found for part in _with_id(query).parts() for found in self._page(part)]

    def query_all(self, query: Query) -> Iterator[LimeObject]:
        """Every object, each once, in pages of 200 by `_id` until a short page. The query's own order and page are not used.

        Each holds its `_id`, asked for or not. Raises ValueError as `query`.
        """
        seen: set[Any] = set()
        for part in replace(_with_id(query), order_by=[("_id", ASCENDING)], limit=None, offset=0).parts():
            offset = 0
            while True:
                page = self._page(replace(part, limit=PAGE, offset=offset))
                yield from (found for found in page if found["_id"] not in seen)
                seen.update(found["_id"] for found in page)
                if len(page) < PAGE:
                    break
                offset += PAGE

    def page_of_ids(self, query: Query, *, after: int = 0, limit: int = PAGE) -> list[int]:
        """The lowest ids above `after` of what the query's filter finds, ascending; none when there are no more.

        A page begins after an id and not at an offset, so that an object that leaves the filter between two pages hides no
        other. That `_id` can be compared with `>` is assumed. The query is one of `Query.parts`.

        Raises RemoteUnavailable when Lime answers with ids that are not above `after`.
        """
        above = gt("_id", after) if after else None
        page = self._page(replace(query, filter=and_(query.filter, above), fields=["_id"], order_by=[("_id", ASCENDING)], limit=limit))
        found = sorted({int(one["_id"]) for one in page if int(one["_id"]) > after})
        if page and not found:
            raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, a page of a query that was read before")
        return found

    def find_exact(self, limetype: str, property_name: str, value: str | int, fields: Sequence[str] = ()) -> list[LimeObject]:
        """The objects whose property equals the value, letter case aside, at most 200.

        Equality is checked here once more: Lime matches some text by its beginning.
        """
        names = list(dict.fromkeys(["_id", property_name, *fields]))
        found = self.query(Query(limetype, names, eq(property_name, value), order_by=[("_id", ASCENDING)], limit=PAGE))
        return [one for one in found if _same(one.get(property_name), value)]

    def find_one(self, limetype: str, property_name: str, value: str | int, fields: Sequence[str] = ()) -> LimeObject | None:
        """The only object whose property equals the value, or None. Raises AmbiguousMatch when there are several."""
        found = self.find_exact(limetype, property_name, value, fields)
        if len(found) > 1:
            ids = ", ".join(str(one["_id"]) for one in found)
            raise AmbiguousMatch(system=SYSTEM, what=f"{limetype}.{property_name} = {value}", ids=ids)
        return found[0] if found else None

    def _page(self, query: Query) -> list[LimeObject]:
        return self._read("query", api_path("query"), _read_objects, params={"q": query.text}, what=query.limetype)


def _read_objects(data: Any) -> list[LimeObject]:
    objects = data.get("objects") if isinstance(data, dict) else None
    if not isinstance(objects, list) or not all(isinstance(item, dict) and "_id" in item for item in objects):
        raise RemoteUnavailable(system=SYSTEM, detail="unreadable answer, a query without a list of objects with _id")
    return objects


def _with_id(query: Query) -> Query:
    if isinstance(query.fields, Mapping):
        return replace(query, fields={**query.fields, "_id": None})
    return replace(query, fields=["_id", *(name for name in query.fields if name != "_id")])


def _same(found: Any, wanted: str | int) -> bool:
    return str(found).strip().casefold() == str(wanted).strip().casefold()
