"""Which world the portal is connected to, shown on every page, so that nobody takes a test for the real thing."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integration.ledger.sending import systems_of_environment

PRODUCTION = "api.billecta.com"
TEST = "apitest.billecta.com"


def environment(request: HttpRequest) -> list[str]:  # noqa: ARG001
    """Name and tone of the badge in the header (unfold's `ENVIRONMENT`)."""
    billecta, _lime = systems_of_environment()
    if settings.BILLECTA_IS_SANDBOX:
        return [_("Sandbox"), "info"]
    if billecta == PRODUCTION:
        return [_("Production"), "success"]
    return [_("Test"), "warning"] if billecta == TEST else [billecta, "warning"]
