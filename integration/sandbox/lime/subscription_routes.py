"""The subscription API over HTTP, in both versions: the version decides how deliveries are signed."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.lime.answers import plain, read_object
from integration.sandbox.lime.sandbox import LimeSandbox, lime

VersionedHandler = Callable[[web.Request, LimeSandbox, int], Awaitable[web.StreamResponse]]


def add_subscription_routes(router: web.UrlDispatcher, api_root: str) -> None:
    """Add both versions under `api_root`, the path above the versions."""
    for version in (1, 2):
        collection = f"{api_root}v{version}/subscription/"
        one = f"{collection}{{id:[0-9]+}}{{slash:/?}}"
        router.add_route("GET", f"{collection}available/", _guarded(_available, version), name=f"list_subscribable_events_v{version}")
        router.add_route("GET", collection, _guarded(_list, version), name=f"list_subscriptions_v{version}")
        router.add_route("POST", collection, _guarded(_create, version), name=f"create_subscription_v{version}")
        router.add_route("GET", one, _guarded(_get, version), name=f"get_subscription_v{version}")
        router.add_route("PUT", one, _guarded(_update, version), name=f"update_subscription_v{version}")
        router.add_route("DELETE", one, _guarded(_delete, version), name=f"delete_subscription_v{version}")


def _guarded(handler: VersionedHandler, version: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler, once the server is known to have this version and the API user the right to it."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        crm = lime(request)
        if version == 2 and not crm.modes.v2_subscriptions:
            raise Refusal(404, "Not Found")
        if not crm.modes.webhook_rights:
            raise Refusal(403, "Only administrators and the group Webhook Users manage subscriptions")
        return await handler(request, crm, version)

    return guarded


async def _available(_request: web.Request, crm: LimeSandbox, _version: int) -> web.StreamResponse:
    return plain(crm.subscriptions.available)


async def _list(request: web.Request, crm: LimeSandbox, _version: int) -> web.StreamResponse:
    return plain([row.render() for row in crm.subscriptions.find(request.query)])


async def _create(request: web.Request, crm: LimeSandbox, version: int) -> web.StreamResponse:
    row = crm.subscriptions.create(await read_object(request), version)
    _changed(crm, "subscription.created", row.id)
    return plain(row.render(), 201)


async def _get(request: web.Request, crm: LimeSandbox, _version: int) -> web.StreamResponse:
    return plain(crm.subscriptions.get(_id(request)).render())


async def _update(request: web.Request, crm: LimeSandbox, _version: int) -> web.StreamResponse:
    row = crm.subscriptions.update(_id(request), await read_object(request))
    _changed(crm, "subscription.updated", row.id)
    return plain(row.render())


async def _delete(request: web.Request, crm: LimeSandbox, _version: int) -> web.StreamResponse:
    crm.subscriptions.delete(_id(request))
    _changed(crm, "subscription.deleted", _id(request))
    return web.Response(status=204)


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _changed(crm: LimeSandbox, effect: str, subscription_id: int) -> None:
    crm.journal.effect(effect, id=subscription_id)
    crm.file.changed()
