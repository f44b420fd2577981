"""Lime's own control routes under /_sandbox/: seeding, edits made by a person, switches, limits, the key and object pages."""

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.control import Handler, add_control_route, answer, number, read_control
from integration.sandbox.lime.answers import read_object
from integration.sandbox.lime.pages import object_page
from integration.sandbox.lime.render import hal_object
from integration.sandbox.lime.sandbox import EVERY_CALL, REQUESTS, SECONDS, lime
from integration.sandbox.lime.seeding import seed
from integration.sandbox.lime.users import PERSON

_OBJECT = "/_sandbox/objects/{limetype}/{id:[0-9]+}"


def add_lime_control_routes(app: web.Application) -> None:
    """Put Lime's control routes on the application."""
    for method, path, handler in _ROUTES:
        add_control_route(app, method, path, handler)


async def _seed(request: web.Request) -> web.StreamResponse:
    return answer({"ids": seed(lime(request), await read_object(request))}, 201)


async def _object_page(request: web.Request) -> web.StreamResponse:
    record = lime(request).crm.get(request.match_info["limetype"], int(request.match_info["id"]))
    return web.Response(text=object_page(lime(request), record), content_type="text/html", headers={"Cache-Control": "no-store"})


async def _create_as_person(request: web.Request) -> web.StreamResponse:
    record = lime(request).crm.create(request.match_info["limetype"], await read_object(request), PERSON.id)
    return answer(hal_object(lime(request).schema, record, lime(request).root(request)), 201)


async def _edit_as_person(request: web.Request) -> web.StreamResponse:
    limetype, record_id = request.match_info["limetype"], int(request.match_info["id"])
    record = lime(request).crm.update(limetype, record_id, await read_object(request), PERSON.id)
    return answer(hal_object(lime(request).schema, record, lime(request).root(request)))


async def _delete_as_person(request: web.Request) -> web.StreamResponse:
    lime(request).crm.delete(request.match_info["limetype"], int(request.match_info["id"]), PERSON.id)
    return answer({})


async def _restore_as_person(request: web.Request) -> web.StreamResponse:
    lime(request).crm.restore(request.match_info["limetype"], int(request.match_info["id"]), PERSON.id)
    return answer({})


async def _modes(request: web.Request) -> web.StreamResponse:
    return answer(lime(request).modes.render())


async def _switch(request: web.Request) -> web.StreamResponse:
    data = await read_control(request)
    try:
        lime(request).switch(data)
    except ValueError as error:
        raise Refusal(400, str(error)) from None
    return answer(lime(request).modes.render())


async def _limits(request: web.Request) -> web.StreamResponse:
    """`enabled`, `requests` in `seconds` (both back to Lime Cloud's when absent) and `retry_after`; counting starts anew."""
    data = await read_control(request)
    sandbox = lime(request)
    seconds = data.get("seconds", SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise Refusal(400, "seconds must be a number above 0")
    requests = number(data, "requests")
    sandbox.limits.enabled = data.get("enabled", True) is True
    sandbox.limits.windows = {EVERY_CALL: [(REQUESTS if requests is None else requests, float(seconds))]}
    sandbox.limits.forget()
    sandbox.retry_after = data.get("retry_after", True) is True
    return answer({"enabled": sandbox.limits.enabled, "windows": sandbox.limits.windows, "retry_after": sandbox.retry_after})


async def _rotate_key(request: web.Request) -> web.StreamResponse:
    data = await read_control(request)
    if not isinstance(data.get("key"), str) or not data["key"]:
        raise Refusal(400, "key must be text")
    lime(request).key.rotate(data["key"])
    return answer({})


_ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/_sandbox/seed", _seed),
    ("GET", _OBJECT, _object_page),
    ("POST", "/_sandbox/objects/{limetype}", _create_as_person),
    ("PUT", _OBJECT, _edit_as_person),
    ("DELETE", _OBJECT, _delete_as_person),
    ("POST", f"{_OBJECT}/restore", _restore_as_person),
    ("GET", "/_sandbox/modes", _modes),
    ("PUT", "/_sandbox/modes", _switch),
    ("PUT", "/_sandbox/limits", _limits),
    ("PUT", "/_sandbox/api-key", _rotate_key),
]
