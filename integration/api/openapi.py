"""What the OpenAPI schema cannot find out by itself."""

from __future__ import annotations

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


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI schema names the key."""

    target_class = "integration.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:  # noqa: ARG002  drf-spectacular's signature
        return {"type": "apiKey", "in": "header", "name": "x-api-key"}
