"""API keys: made here and shown once, revoked but never deleted, so that the log keeps its names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from integration.admin.base import PortalAdmin, user_id
from integration.admin.columns import shown
from integration.api import keys
from integration.models import ApiKey
from integration.presentation import badges

SHOWN_ONCE = "KVITTENS_NEW_KEY"
if TYPE_CHECKING:
    _KeyForm = forms.ModelForm[ApiKey]
else:
    _KeyForm = forms.ModelForm


class ApiKeyForm(_KeyForm):
    """What an admin says of a key; the key itself is made by the portal."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=ApiKey.Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget, help_text=_("What the key opens.")
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "creditors", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(PortalAdmin):
    """Who may call the portal, for what, until when, and when they last did."""

    form = ApiKeyForm
    list_display = ("name", "state", "opens", *shown(ApiKey, "prefix", "last_used_at", "expires_at", "created_at"))
    filter_horizontal = ("creditors",)
    search_ids = ("prefix",)
    search_parts = ("name",)
    actions = ("revoke_selected",)
    readonly_fields = ("state", *shown(ApiKey, "prefix", "created_at", "last_used_at", "revoked_at"))

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:  # noqa: ARG002
        asked = (None, {"fields": ("name", "scopes", "creditors", "expires_at")})
        return (asked,) if obj is None else (asked, (_("Use"), {"fields": self.readonly_fields}))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm[ApiKey], change: bool) -> None:
        """A new key is made by the service that every door uses; what is shown once waits on the request for the answer."""
        if change:
            super().save_model(request, obj, form, change)
            return
        asked = form.cleaned_data
        row, key = keys.make(asked["name"], asked["scopes"], creditors=asked["creditors"], expires_at=asked["expires_at"])
        obj.__dict__.update(row.__dict__)
        request.META[SHOWN_ONCE] = key

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """The only page that ever shows the key; like every page of the admin it is not to be stored."""
        context = {**self.admin_site.each_context(request), "title": _("API key"), "made": obj, "key": request.META[SHOWN_ONCE]}
        return TemplateResponse(request, "admin/integration/key_made.html", context)

    @admin.action(description=_("Revoke: they stop working at once"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        valid = list(queryset.filter(revoked_at__isnull=True))
        for key in valid:
            keys.revoke(key, actor=request.user.get_username(), user_id=user_id(request.user))
        text = ngettext("%(count)s key no longer works.", "%(count)s keys no longer work.", len(valid))
        messages.success(request, text % {"count": len(valid)})

    @admin.display(description=_("status"))
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return badges.badge(_("revoked"), badges.KEY_LOOKS["revoked"])
        if key.expires_at and key.expires_at <= timezone.now():
            return badges.badge(_("expired"), badges.KEY_LOOKS["expired"])
        return badges.badge(_("valid"), badges.KEY_LOOKS["valid"])

    @admin.display(description=_("opens"))
    def opens(self, key: ApiKey) -> str:
        names = dict(ApiKey.Scope.choices)
        return ", ".join(str(names.get(scope, scope)) for scope in key.scopes)
