"""What the handlers of the API share: reading a JSON body and answering with JSON."""

import json
from decimal import Decimal
from typing import Any

from aiohttp import web

from integration.sandbox.base import Refusal
from integration.sandbox.store import encode

HAL = "application/hal+json"


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object that was sent, numbers with decimals as Decimal. Raises Refusal (400)."""
    try:
        data = json.loads(await request.read(), parse_float=Decimal)
    except ValueError:
        raise Refusal(400, "The body is not JSON") from None
    if not isinstance(data, dict):
        raise Refusal(400, "The body must be a JSON object")
    return data


def hal(request: web.Request, data: object, status: int = 200) -> web.Response:
    """An answer of the HAL APIs; called so only when the caller accepts the name (assumed)."""
    content_type = HAL if HAL in request.headers.get("Accept", "") else "application/json"
    return web.Response(status=status, body=encode(data).encode(), content_type=content_type, charset="utf-8")


def plain(data: object, status: int = 200) -> web.Response:
    """An answer of the other APIs."""
    return web.Response(status=status, body=encode(data).encode(), content_type="application/json", charset="utf-8")
