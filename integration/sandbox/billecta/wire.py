"""Requests and answers in Billecta's manner: JSON bodies checked against views, bare arrays with paging, empty bodies for success."""

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.billecta import dates
from integration.sandbox.billecta.schema import complete, read
from integration.sandbox.store import encode

View = dict[str, Any]
Row = TypeVar("Row")


async def body(request: web.Request) -> Any:
    """The JSON body, numbers with decimals as Decimal. Raises Refusal (400) when it is not JSON."""
    try:
        return json.loads(await request.read(), parse_float=Decimal, parse_constant=_no_number)
    except ValueError:
        raise Refusal(400, "The request body is not valid JSON") from None


async def read_body(request: web.Request, view: str) -> View:
    """The body as a checked view. Raises Refusal (400)."""
    return read(view, await body(request))


def answer(data: object) -> web.Response:
    """200 with JSON."""
    return web.Response(text=encode(data), content_type="application/json")


def empty() -> web.Response:
    """200 without a body, as attest, PUT and DELETE answer."""
    return web.Response(status=200)


def created(public_id: str) -> web.Response:
    """CreatedView."""
    return answer(complete("CreatedView", {"PublicId": public_id}))


def guid(request: web.Request, name: str) -> str:
    """A GUID of the path in lower case. Raises Refusal (400)."""
    try:
        return str(uuid.UUID(request.match_info[name]))
    except ValueError:
        raise Refusal(400, f"{name} is not a valid guid") from None


def query(request: web.Request, name: str) -> str:
    """A query parameter that must be given. Raises Refusal (400)."""
    value = request.query.get(name)
    if not value:
        raise Refusal(400, f"{name} is required")
    return value


def period(request: web.Request) -> tuple[date, date]:
    """The Stockholm days `from` and `to` of the query, both included; an absent one is open. Raises Refusal (400)."""
    return _day(request, "from", date.min), _day(request, "to", date.max)


def moment(request: web.Request, name: str) -> datetime:
    """A date of the query. Raises Refusal (400)."""
    try:
        return dates.parse(query(request, name))
    except ValueError:
        raise Refusal(400, f"{name} is not a valid date") from None


def page(request: web.Request, rows: Iterable[Row], render: Callable[[Row], View]) -> web.Response:
    """The rows as a bare array: sorted by `sortingfield` of the view, `ascending` or not, from `offset`, at most `limit`."""
    offset, limit = _count(request, "offset", 0), _count(request, "limit", None)
    field = request.query.get("sortingfield")
    end = None if limit is None else (offset or 0) + limit
    if field:
        views = _sorted([render(row) for row in rows], field, is_ascending=request.query.get("ascending", "true").lower() != "false")
        return answer(views[offset:end])
    return answer([render(row) for row in list(rows)[offset:end]])


def _sorted(views: Sequence[View], field: str, *, is_ascending: bool) -> list[View]:
    names = {name.lower(): name for name in views[0]} if views else {}
    name = names.get(field.lower())
    if views and name is None:
        raise Refusal(400, f"sortingfield {field} is not a property of the view")
    return sorted(views, key=lambda view: _sort_key(view[name or ""]), reverse=not is_ascending)


def _sort_key(value: object) -> tuple[int, Any]:
    """Nulls first, then numbers, then amounts by value, then text."""
    if value is None:
        return (0, 0)
    if isinstance(value, dict):
        return (1, value.get("Value", 0))
    return (1, value) if isinstance(value, int | Decimal) else (2, str(value).lower())


def _count(request: web.Request, name: str, default: int | None) -> int | None:
    value = request.query.get(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit():
        raise Refusal(400, f"{name} must be an integer")
    return int(value)


def _day(request: web.Request, name: str, default: date) -> date:
    return moment(request, name).astimezone(dates.STOCKHOLM).date() if request.query.get(name) else default


def _no_number(name: str) -> object:
    raise ValueError(name)
