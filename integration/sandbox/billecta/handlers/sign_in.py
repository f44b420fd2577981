"""Signing in: Basic credentials become a secure token."""

from aiohttp import web

from integration.sandbox.billecta import wire
from integration.sandbox.billecta.sandbox import billecta
from integration.sandbox.billecta.schema import complete


async def authenticate(request: web.Request) -> web.Response:
    """SecureTokenView."""
    token, expires = billecta(request).issue_token()
    return wire.answer(complete("SecureTokenView", {"Value": token, "Expires": expires}))
