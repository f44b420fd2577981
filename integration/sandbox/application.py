"""The application around a sandbox: every call is journalled, may be struck by a fault, and is refused in the system's own shape."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from integration.sandbox.base import SANDBOX, Refusal, Sandbox
from integration.sandbox.control import add_control_routes
from integration.sandbox.faults import FaultRule, disturb
from integration.sandbox.journal import Call

CONTROL = "/_sandbox/"
MAX_BODY = 64 * 1024 * 1024


def application(sandbox: Sandbox) -> web.Application:
    """An application around `sandbox` with journal, faults and control routes; the sandbox adds its own routes.

    The journal's operation is the name given to a route's resource (`router.add_route(method, path, handler, name=operation)`).
    """
    app = web.Application(middlewares=[_answer], client_max_size=MAX_BODY)
    app[SANDBOX] = sandbox
    app.cleanup_ctx.append(_lifetime)
    add_control_routes(app)
    return app


async def _lifetime(app: web.Application) -> AsyncIterator[None]:
    await app[SANDBOX].start()
    yield
    await app[SANDBOX].stop()


@web.middleware
async def _answer(request: web.Request, handler: Any) -> web.StreamResponse:
    """Journal the call, let a fault strike, and turn refusals into the pretended system's error shape."""
    sandbox = request.app[SANDBOX]
    if request.path.startswith(CONTROL):
        return await _perform(sandbox, request, handler, operation="")
    operation = request.match_info.route.name or ""
    call = sandbox.journal.begin_call(
        method=request.method,
        path=request.path,
        query=request.query_string,
        operation=operation,
        body=await request.read() if request.body_exists else b"",
    )
    rule = sandbox.faults.for_call(request.method, request.path, operation)
    try:
        answer = await _answered(sandbox, request, handler, rule, call)
    except Exception:
        call.status = 500
        raise
    if answer is None:
        return web.Response(status=500)
    call.status = answer.status
    return answer


async def _answered(sandbox: Sandbox, request: web.Request, handler: Any, rule: FaultRule | None, call: Call) -> web.StreamResponse | None:
    if rule is None:
        return await _perform(sandbox, request, handler, call.operation)
    call.fault = rule.kind

    async def proceed() -> web.StreamResponse:
        return await _perform(sandbox, request, handler, call.operation)

    return await disturb(rule, request, proceed, sandbox.error_answer)


async def _perform(sandbox: Sandbox, request: web.Request, handler: Any, operation: str) -> web.StreamResponse:
    try:
        if operation:
            await sandbox.authorise(request, operation)
        answer: web.StreamResponse = await handler(request)
    except Refusal as refusal:
        answer = sandbox.error_answer(refusal.status, refusal.message)
        answer.headers.update(refusal.headers)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        answer = sandbox.error_answer(refusal.status, refusal.reason)
    return answer
