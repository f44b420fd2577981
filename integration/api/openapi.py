"""What the OpenAPI schema cannot find out by itself: the key, and the answers that every address may give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.settings import spectacular_settings

from integration.models import Batch, Order, SwishRequest, SyncRecord, WebhookEvent

# Several shapes have a field `status`, each with values of its own.
spectacular_settings.apply_patches(  # type: ignore[no-untyped-call]
    {
        "ENUM_NAME_OVERRIDES": {
            "EventStatus": WebhookEvent.Status,
            "WorkStatus": SyncRecord.Status,
            "TaskStatus": Batch.Status,
            "OrderStatus": Order.Status,
            "SwishRequestStatus": SwishRequest.Status,
        }
    }
)

Schema = dict[str, Any]

ERROR: Schema = {
    "type": "object",
    "description": "Every error has this shape.",
    "properties": {
        "error": {"type": "string", "description": "A code that stays the same"},
        "message": {"type": "string", "description": "What is wrong and what to do, for people"},
        "fields": {
            "type": "object",
            "description": "Each wrong field or parameter with its texts",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": "string", "description": "The same as in the header X-Request-Id and in the portal's log"},
    },
    "required": ["error", "message", "request_id"],
    "additionalProperties": False,
}
HEADERS: dict[str, Schema] = {
    "X-Request-Id": {"description": "The caller's own, when it is well formed", "required": True, "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds", "schema": {"type": "integer"}},
}
ERRORS = {
    "400": "A parameter or field is wrong or unknown, or the request is malformed",
    "401": "The key is missing, unknown, expired or revoked",
    "403": "The key lacks the scope, or is limited to some creditors",
    "404": "There is nothing of this name, or the key may not see it",
    "406": "The portal has no answer of the type that Accept wants",
    "409": "What is named, or the state that it is in, does not allow it",
    "413": "The body holds more than 1 MiB",
    "415": "The body is not JSON",
    "502": "Lime or Billecta did not answer as it should",
    "503": "The database cannot answer now",
}
THIRD_PARTIES = "third parties"
"""The tag of the addresses whose callers wait while Billecta is asked."""

TRIED_AGAIN = frozenset({"502", "503"})
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI schema names the key."""

    target_class = "integration.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:  # noqa: ARG002  drf-spectacular's signature
        return {"type": "apiKey", "in": "header", "name": "x-api-key"}


def document_errors(result: Schema, **_more: object) -> Schema:
    """A drf-spectacular hook: every operation gets the errors it may answer, and every answer its request id."""
    components = result["components"]
    components["schemas"]["Error"] = ERROR
    components["headers"] = {name: dict(header) for name, header in HEADERS.items()}
    components["responses"] = {f"Error{status}": _error(status) for status in ERRORS}
    for path, operations in result["paths"].items():
        for method in METHODS & operations.keys():
            operation = operations[method]
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    parameter["allowEmptyValue"] = True  # the same as without it
            for answer in operation["responses"].values():
                answer["headers"] = _header("X-Request-Id")
            operation["responses"] |= {status: {"$ref": f"#/components/responses/Error{status}"} for status in _errors_of(path, operation)}
    return result


def _error(status: str) -> Schema:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    more = _header("Retry-After") if status in TRIED_AGAIN else {}
    return {"description": ERRORS[status], "headers": _header("X-Request-Id") | more, "content": content}


def _header(name: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"}}


def _errors_of(path: str, operation: Schema) -> Iterator[str]:
    """Which errors an operation may answer, by what it takes."""
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    yield from ("400", "401", "403")
    if "{" in path or "cursor" in names:
        yield "404"
    yield "406"
    if "{" in path:
        yield "409"
    if "requestBody" in operation:
        yield from ("413", "415")
    if "dry_run" in names or THIRD_PARTIES in operation.get("tags", ()):
        yield "502"
    yield "503"
