"""The control routes both sandboxes share, under /_sandbox/: health, journal, faults, state, reset and the page."""

import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from aiohttp import web

from integration.sandbox.base import SANDBOX, Refusal
from integration.sandbox.store import encode

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_control_routes(app: web.Application) -> None:
    """Put the shared control routes on the application."""
    for method, path, handler in _ROUTES:
        add_control_route(app, method, path, handler)


def add_control_route(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """Put one control route on the application: no credentials, but only from this machine unless the sandbox was opened."""
    app.router.add_route(method, path, _from_this_machine(handler))


def answer(data: object, status: int = 200) -> web.Response:
    """A control route's JSON answer."""
    return web.Response(status=status, text=encode(data), content_type="application/json")


async def read_control(request: web.Request) -> dict[str, Any]:
    """The properties of a control call, from JSON or from the page's form. Raises Refusal (400) when it is neither."""
    if not request.can_read_body:
        return {}
    if is_form(request):
        return {name: value for name, value in (await request.post()).items() if value != ""}
    try:
        data = json.loads(await request.read())
    except ValueError as error:
        raise Refusal(400, f"Not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Refusal(400, "The body must be a JSON object")
    return data


def is_form(request: web.Request) -> bool:
    """Whether the page's form sent this, so that the answer should lead back to the page."""
    return request.content_type == "application/x-www-form-urlencoded"


def done(request: web.Request, data: object, status: int = 200) -> web.Response:
    """JSON for a program; the way back to the page for a form."""
    if is_form(request):
        return web.Response(status=303, headers={"Location": "/_sandbox/"})
    return answer(data, status)


def number(data: Mapping[str, Any], name: str) -> int | None:
    """An integer property, also as a form's text; None when absent. Raises Refusal (400)."""
    value = data.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value.strip()):
        return int(value)
    raise Refusal(400, f"{name} must be an integer")


def _from_this_machine(handler: Handler) -> Handler:
    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not request.app[SANDBOX].open_control and not _is_loopback(request.remote):
            raise Refusal(403, "The sandbox is controlled from its own machine only")
        return await handler(request)

    return guarded


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _page(request: web.Request) -> web.StreamResponse:
    return web.Response(text=request.app[SANDBOX].page(), content_type="text/html", headers={"Cache-Control": "no-store"})


async def _health(request: web.Request) -> web.StreamResponse:
    return answer({"status": "ok", "under_way": request.app[SANDBOX].under_way()})


async def _journal(request: web.Request) -> web.StreamResponse:
    since = number(request.query, "since") or 0
    return answer(request.app[SANDBOX].journal.entries(since, request.query.get("kind")))


async def _clear_journal(request: web.Request) -> web.StreamResponse:
    request.app[SANDBOX].journal.clear()
    return answer({})


async def _list_faults(request: web.Request) -> web.StreamResponse:
    return answer(request.app[SANDBOX].faults.render())


async def _add_fault(request: web.Request) -> web.StreamResponse:
    data = await read_control(request)
    if is_form(request):
        data = {name: number(data, name) if name in {"times", "status", "seconds"} else value for name, value in data.items()}
    try:
        rule = request.app[SANDBOX].faults.add(data)
    except (ValueError, TypeError) as error:
        raise Refusal(400, str(error)) from None
    return done(request, rule.render(), 201)


async def _remove_faults(request: web.Request) -> web.StreamResponse:
    request.app[SANDBOX].faults.remove(number(request.query, "id"))
    return answer({})


async def _clear_faults(request: web.Request) -> web.StreamResponse:
    request.app[SANDBOX].faults.remove()
    return done(request, {})


async def _reset(request: web.Request) -> web.StreamResponse:
    request.app[SANDBOX].reset()
    return done(request, {})


async def _state(request: web.Request) -> web.StreamResponse:
    sandbox = request.app[SANDBOX]
    return answer({"counts": sandbox.counts(), "objects": sandbox.snapshot()})


_ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/_sandbox/", _page),
    ("GET", "/_sandbox/health", _health),
    ("GET", "/_sandbox/journal", _journal),
    ("DELETE", "/_sandbox/journal", _clear_journal),
    ("GET", "/_sandbox/faults", _list_faults),
    ("POST", "/_sandbox/faults", _add_fault),
    ("DELETE", "/_sandbox/faults", _remove_faults),
    ("POST", "/_sandbox/faults/clear", _clear_faults),
    ("POST", "/_sandbox/reset", _reset),
    ("GET", "/_sandbox/state", _state),
]
