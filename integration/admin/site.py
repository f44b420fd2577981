"""The addresses of the admin site that belong to no model: the reader's language, commands, and the switch that lets the portal send."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from integration.admin.base import may, user_id
from integration.admin.command_page import command_page
from integration.ledger.sending import bind


def portal_urls() -> list[URLPattern]:
    """What the admin site answers beside its models' pages; the language may be chosen before logging in."""
    return [
        path("language/", set_language, name="set_language"),
        path("commands/<str:limetype>/", admin.site.admin_view(command_page), name="give_command"),
        path("confirm-systems/", admin.site.admin_view(require_POST(confirm_systems)), name="confirm_systems"),
    ]


def confirm_systems(request: HttpRequest) -> HttpResponse:
    """Make the database belong to the systems that the environment names, so that sending may begin."""
    if not may(request, "change_portalconfiguration"):
        raise PermissionDenied
    bind(actor=request.user.get_username(), user_id=user_id(request.user))
    messages.success(request, _("Confirmed: this database belongs to the systems that the portal is connected to."))
    return HttpResponseRedirect(reverse("admin:index"))
