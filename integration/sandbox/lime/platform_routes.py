"""The rest of Lime's API over HTTP: connection test, limetypes, query, files and users."""

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.lime.answers import hal, plain
from integration.sandbox.lime.files import File, uploaded_name
from integration.sandbox.lime.metadata import show_limetype, show_property
from integration.sandbox.lime.moments import show_moment, stored
from integration.sandbox.lime.query import parse_query, run_query
from integration.sandbox.lime.sandbox import lime
from integration.sandbox.lime.schema import Limetype
from integration.sandbox.lime.users import API_USER, USERS


def add_platform_routes(router: web.UrlDispatcher, api: str) -> None:
    """Add these APIs under `api`, the path of the database's API v1."""
    router.add_get(api, _root, name="api_root", allow_head=False)
    router.add_get(f"{api}query/", _query, name="query", allow_head=False)
    router.add_get(f"{api}limetype/", _limetypes, name="list_limetypes", allow_head=False)
    router.add_get(f"{api}limetype/{{limetype}}/", _limetype, name="get_limetype", allow_head=False)
    router.add_get(f"{api}limetype/{{limetype}}/{{property}}/", _property, name="get_property", allow_head=False)
    router.add_post(f"{api}file/", _upload, name="upload_file")
    router.add_get(f"{api}file/{{id:[0-9]+}}/", _file, name="get_file", allow_head=False)
    router.add_get(f"{api}file/{{id:[0-9]+}}/contents/", _contents, name="get_file_contents", allow_head=False)
    router.add_get(f"{api}admin/users/", _users, name="list_users", allow_head=False)
    router.add_get(f"{api}admin/users/{{id:[0-9]+}}{{slash:/?}}", _user, name="get_user", allow_head=False)


async def _root(request: web.Request) -> web.StreamResponse:
    root = lime(request).root(request)
    links = {name: {"href": f"{root}{name}/"} for name in ("limeobject", "limetype", "query", "file", "subscription")}
    return hal(request, {"_links": {"self": {"href": root}, **links}})


async def _query(request: web.Request) -> web.StreamResponse:
    query = parse_query(request.query.get("q", ""))
    lime(request).allow(query.limetype, "read")
    return plain({"objects": run_query(lime(request).tables, query)})


async def _limetypes(request: web.Request) -> web.StreamResponse:
    root = lime(request).root(request)
    with_properties = "limetypes.properties" in request.query.getall("_embed", [])
    types = [show_limetype(limetype, root, with_properties=with_properties) for limetype in lime(request).schema.limetypes.values()]
    return hal(request, {"_links": {"self": {"href": f"{root}limetype/"}}, "_embedded": {"limetypes": types}})


async def _limetype(request: web.Request) -> web.StreamResponse:
    with_properties = "properties" in request.query.getall("_embed", [])
    return hal(request, show_limetype(_known(request), lime(request).root(request), with_properties=with_properties))


async def _property(request: web.Request) -> web.StreamResponse:
    limetype = _known(request)
    prop = limetype.properties.get(request.match_info["property"])
    if prop is None:
        raise Refusal(404, "Property not found")
    return hal(request, show_property(limetype, prop, lime(request).root(request)))


def _known(request: web.Request) -> Limetype:
    return lime(request).crm.table(request.match_info["limetype"]).limetype


async def _upload(request: web.Request) -> web.StreamResponse:
    crm = lime(request)
    name = uploaded_name(request.headers.get("Content-Disposition", ""))
    if not name:
        raise Refusal(400, "Content-Disposition must name the file")
    file = crm.files.add(
        filename=name,
        content_type=request.content_type,
        content=await request.read(),
        created_by=API_USER.id,
        last_modified=show_moment(stored(crm.crm.clock())),
    )
    crm.journal.effect("file.created", id=file.id, filename=file.filename)
    crm.file.changed()
    return plain(file.render(crm.root(request)), 201)


async def _file(request: web.Request) -> web.StreamResponse:
    return plain(_found(request).render(lime(request).root(request)))


async def _contents(request: web.Request) -> web.StreamResponse:
    file = _found(request)
    headers = {"Content-Type": file.content_type, "Content-Disposition": file.disposition}
    return web.Response(body=file.content, headers=headers)


def _found(request: web.Request) -> File:
    file = lime(request).files.get(int(request.match_info["id"]))
    if file is None:
        raise Refusal(404, "File not found")
    return file


async def _users(request: web.Request) -> web.StreamResponse:
    _only_admins(request)
    active, user_type = request.query.get("active"), request.query.get("user_type")
    users = [
        user.render()
        for user in USERS
        if active in {None, str(user.active).lower()} and (user_type is None or user_type.upper() == user.user_type)
    ]
    limit = request.query.get("_limit", "")
    return plain(users[: int(limit)] if limit.isdecimal() else users)


async def _user(request: web.Request) -> web.StreamResponse:
    _only_admins(request)
    for user in USERS:
        if user.id == int(request.match_info["id"]):
            return plain(user.render())
    raise Refusal(404, "User not found")


def _only_admins(request: web.Request) -> None:
    if not lime(request).modes.admin_rights:
        raise Refusal(403, "Only administrators may see users")
