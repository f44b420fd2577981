"""Whether the portal may send at all: one switch, and a database that knows which systems it belongs to."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from integration.ledger.log import log
from integration.models import EventLog, PortalConfiguration


def systems_of_environment() -> tuple[str, str]:
    """Billecta's host with port, and Lime's host with port and database, as the environment names them."""
    billecta, lime = urlsplit(settings.BILLECTA_BASE_URL), urlsplit(settings.LIME_BASE_URL)
    return billecta.netloc.lower(), f"{lime.netloc.lower()}{unquote(lime.path)}"


def why_not_sending() -> str:
    """Why nothing may be sent now, for people; empty when sending is allowed. A fresh database binds itself."""
    portal = PortalConfiguration.current()
    billecta, lime = systems_of_environment()
    if not portal.bound_billecta and not portal.bound_lime:
        bind(actor="first start")
        portal.bound_billecta, portal.bound_lime = billecta, lime
    if (portal.bound_billecta, portal.bound_lime) != (billecta, lime):
        return _(
            "This database belongs to %(bound)s but the portal is connected to %(now)s. An admin must confirm before anything is sent."
        ) % {
            "bound": f"{portal.bound_billecta} + {portal.bound_lime}",
            "now": f"{billecta} + {lime}",
        }
    if not portal.sending_enabled:
        return _("Sending is switched off.")
    return ""


def bind(*, actor: str, user_id: int | None = None) -> None:
    """Make the database belong to the systems that the environment names."""
    billecta, lime = systems_of_environment()
    PortalConfiguration.current()
    PortalConfiguration.objects.filter(pk=1).update(bound_billecta=billecta, bound_lime=lime)
    log("portal.bound", level=EventLog.Level.WARNING, actor=actor, user_id=user_id, billecta=billecta, lime=lime)
