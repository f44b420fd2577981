"""What an admin may change while the portal runs; each change is written to the log."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Field, Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from integration.admin.base import PortalAdmin, ReadOnlyAdmin, ReadOnlyRows, may, user_id
from integration.admin.columns import shown
from integration.admin.kronor import KronorField
from integration.admin.readable import json_block
from integration.ledger import log
from integration.ledger.sending import why_not_sending
from integration.models import EventLog, MappingPair, MappingVersion, PortalConfiguration, RetryPolicy, TokenBucket
from integration.presentation import formats
from integration.sync.in_step import events_needed, switched_on
from integration.sync.versions import published


class LoggedAdmin(PortalAdmin):
    """Settings whose changes are kept with who made them."""

    logged_as = "configuration.changed"

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            log(
                self.logged_as,
                level=EventLog.Level.WARNING,
                message=str(obj),
                actor=request.user.get_username(),
                user_id=user_id(request.user),
                setting=type(obj).__name__,
                fields=form.changed_data,
            )


@admin.register(PortalConfiguration)
class PortalConfigurationAdmin(LoggedAdmin):
    """The one row of settings: its list is its page."""

    change_form_outer_before_template = "admin/integration/sending_panel.html"
    readonly_fields = ("bound_billecta", "bound_lime", "lime_subscription")
    fieldsets = (
        (_("Sending"), {"fields": ("sending_enabled", "bound_billecta", "bound_lime")}),
        (_("Work"), {"fields": ("settle_seconds", "second_look_seconds", "filter_cap", "tolerance_ore_per_row", "bookkeeping_years")}),
        (_("Orders"), {"fields": ("second_attester_above_ore", "attachments_limit_mb")}),
        (
            _("Automatic sync"),
            {
                "fields": ("sync_creditors", "sync_debtors", "sync_articles", "sync_orders", "lime_sweep_minutes", "lime_subscription"),
                "description": _("Changes in Lime are carried to what has been sent to Billecta. Nothing is sent for the first time."),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """The amount above which a second person attests is written in kronor."""
        if db_field.name == "second_attester_above_ore":
            return KronorField(label=capfirst(db_field.verbose_name), help_text=db_field.help_text, required=False, min_value=0)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    @admin.display(description=_("subscription in Lime"))
    def lime_subscription(self, portal: PortalConfiguration) -> str:
        """What Lime must be set up to tell of, and where."""
        events = events_needed(published()[1], portal)
        if not events:
            return formats.ABSENT
        target = f"{settings.PORTAL_BASE_URL.rstrip('/')}{reverse('lime-webhook-receiver')}"
        return format_html("<code>{}</code><br>{}", target, ", ".join(events))

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if isinstance(obj, PortalConfiguration) and switched_on(obj) and not settings.LIME_WEBHOOK_SECRETS:
            messages.warning(
                request, _("LIME_WEBHOOK_SECRETS is empty, so every webhook of Lime is refused; only the sweep finds changes.")
            )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        address = reverse("admin:integration_portalconfiguration_change", args=[PortalConfiguration.current().pk])
        return HttpResponseRedirect(address)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        panel = {"why_not_sending": why_not_sending(), "may_confirm": may(request, "change_portalconfiguration")}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})


@admin.register(RetryPolicy)
class RetryPolicyAdmin(LoggedAdmin):
    """How failed work is tried again, per error code; the row for all others stays."""

    list_display = ("__str__", "first_delay_seconds", "growth", "max_delay_seconds", "jitter", "give_up_after_hours")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (isinstance(obj, RetryPolicy) and not obj.error_code)


@admin.register(TokenBucket)
class TokenBucketAdmin(LoggedAdmin):
    """How many calls a second each system gets."""

    list_display = ("system", "rate_per_second", "burst", "enabled")
    fields = ("system", "rate_per_second", "burst", "enabled")
    readonly_fields = ("system",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class MappingPairRows(ReadOnlyRows):
    """The fields of one version."""

    model = MappingPair
    verbose_name_plural = _("mapped fields")
    per_page = 200
    columns = shown(MappingPair, "direction", "object", "billecta_field", "lime_field", "overwrite")


@admin.register(MappingVersion)
class MappingVersionAdmin(ReadOnlyAdmin):
    """Every version of the mapping there has been."""

    list_display = shown(MappingVersion, "number", "status", "note", "created_at", "published_at")
    list_filter = ("status",)
    inlines = (MappingPairRows,)
    fieldsets = (
        (None, {"fields": shown(MappingVersion, "number", "status", "note", "created_at", "published_at")}),
        (_("Structure"), {"fields": ("readable_structure",), "classes": ("collapse",)}),
    )
    readonly_fields = ("readable_structure",)

    @admin.display(description=_("limetypes, links, status keys and required fields"))
    def readable_structure(self, version: MappingVersion) -> str:
        return json_block(version.structure)
