"""The limeobject API over HTTP: lists, single objects, related objects and drafts."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.lime.answers import hal, read_object
from integration.sandbox.lime.listing import Parameters, embeds, next_href, page_of
from integration.sandbox.lime.records import Record
from integration.sandbox.lime.render import hal_object
from integration.sandbox.lime.sandbox import LimeSandbox, lime
from integration.sandbox.lime.schema import Limetype, Property
from integration.sandbox.lime.users import API_USER


def add_object_routes(router: web.UrlDispatcher, api: str) -> None:
    """Add the limeobject API under `api`, the path of the database's API v1."""
    objects = f"{api}limeobject/{{limetype}}/"
    one = f"{objects}{{id:[0-9]+}}/"
    router.add_get(objects, _list, name="list_objects", allow_head=False)
    router.add_post(objects, _create, name="create_object")
    router.add_get(one, _get, name="get_object", allow_head=False)
    router.add_put(one, _update, name="update_object")
    router.add_delete(one, _delete, name="delete_object")
    router.add_get(f"{one}{{relation}}/", _related, name="list_related", allow_head=False)
    router.add_get(f"{one}{{relation}}/new/", _draft, name="draft_related", allow_head=False)


async def _list(request: web.Request) -> web.StreamResponse:
    crm = lime(request)
    limetype = _limetype(request, "read")
    address = f"{crm.root(request)}limeobject/{limetype.name}/"
    return _page(request, limetype, crm.tables[limetype.name].rows.values(), address)


async def _create(request: web.Request) -> web.StreamResponse:
    limetype = _limetype(request, "add")
    record = lime(request).crm.create(limetype.name, await read_object(request), API_USER.id)
    return hal(request, hal_object(lime(request).schema, record, lime(request).root(request)), 201)


async def _get(request: web.Request) -> web.StreamResponse:
    record = lime(request).crm.get(_limetype(request, "read").name, _id(request))
    return hal(request, _with_embedded(request, record, list(request.query.items())))


async def _update(request: web.Request) -> web.StreamResponse:
    limetype = _limetype(request, "write")
    record = lime(request).crm.update(limetype.name, _id(request), await read_object(request), API_USER.id)
    return hal(request, hal_object(lime(request).schema, record, lime(request).root(request)))


async def _delete(request: web.Request) -> web.StreamResponse:
    lime(request).crm.delete(_limetype(request, "delete").name, _id(request), API_USER.id)
    return web.Response(status=204)


async def _related(request: web.Request) -> web.StreamResponse:
    crm = lime(request)
    limetype = _limetype(request, "read")
    record = crm.crm.get(limetype.name, _id(request))
    relation = _relation(limetype, request.match_info["relation"])
    crm.allow(relation.related, "read")
    address = f"{crm.root(request)}limeobject/{limetype.name}/{record.id}/{relation.name}/"
    return _page(request, crm.schema.limetypes[relation.related], _related_records(crm, record, relation), address)


async def _draft(request: web.Request) -> web.StreamResponse:
    """An object that is not saved yet, already tied to its parent (assumed from the link's name)."""
    crm = lime(request)
    limetype = _limetype(request, "read")
    record = crm.crm.get(limetype.name, _id(request))
    relation = _relation(limetype, request.match_info["relation"])
    if relation.type != "hasmany":
        raise Refusal(404, f"Nothing new can be made through '{relation.name}'")
    draft = crm.crm.draft(relation.related, {relation.inverse: record.id}, API_USER.id, record_id=0)
    shown = hal_object(crm.schema, draft, crm.root(request))
    return hal(request, {name: value for name, value in shown.items() if not name.startswith("_")})


def _limetype(request: web.Request, right: str) -> Limetype:
    """The limetype in the path, once the API user's right on it is known. Raises Refusal (403, 404)."""
    name = request.match_info["limetype"]
    limetype = lime(request).crm.table(name).limetype
    lime(request).allow(name, right)
    return limetype


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _relation(limetype: Limetype, name: str, status: int = 404) -> Property:
    prop = limetype.properties.get(name)
    if prop is None or not prop.related:
        raise Refusal(status, f"Limetype '{limetype.name}' has no relation '{name}'")
    return prop


def _related_records(crm: LimeSandbox, record: Record, relation: Property) -> list[Record]:
    related = crm.tables[relation.related]
    if relation.type == "hasmany":
        return related.related(relation.inverse, record.id)
    target = related.rows.get(record.values[relation.name])
    return [] if target is None else [target]


def _page(request: web.Request, limetype: Limetype, records: Iterable[Record], address: str) -> web.Response:
    crm = lime(request)
    parameters = list(request.query.items())
    page = page_of(crm.tables, limetype, records, parameters)
    query = f"?{request.rel_url.raw_query_string}" if parameters else ""
    answer: dict[str, Any] = {"_links": {"self": {"href": f"{address}{query}"}}}
    if page.next_offset is not None:
        href = next_href(address, parameters, page.next_offset, only_offset=crm.modes.next_keeps_only_offset)
        answer["_links"]["next"] = {"href": href}
    if page.records or crm.modes.embedded_when_empty:
        answer["_embedded"] = {"limeobjects": [_with_embedded(request, record, parameters) for record in page.records]}
    return hal(request, answer)


def _with_embedded(request: web.Request, record: Record, parameters: Parameters) -> dict[str, Any]:
    """The object with its asked-for relations: one object for belongsto, a list for hasmany (the latter assumed)."""
    crm = lime(request)
    shown = hal_object(crm.schema, record, crm.root(request))
    embedded: dict[str, Any] = {}
    for name in embeds(parameters):
        relation = _relation(crm.schema.limetypes[record.limetype], name, status=400)
        found = [hal_object(crm.schema, related, crm.root(request)) for related in _related_records(crm, record, relation)]
        if relation.type == "hasmany":
            embedded[f"relation_{name}"] = found
        elif found:
            embedded[f"relation_{name}"] = found[0]
    if embedded:
        shown["_embedded"] = embedded
    return shown
