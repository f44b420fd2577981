"""Creditors, debtors and articles. A debtor with protected identity shows nothing of itself without the permission for it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integration.admin.base import ReadOnlyAdmin, may
from integration.admin.columns import define, shown
from integration.admin.command_buttons import SendsFromList
from integration.admin.readable import json_block
from integration.models import Anonymisation, Article, Creditor, Debtor
from integration.presentation import formats
from integration.redaction import MASK


@admin.register(Creditor)
class CreditorAdmin(SendsFromList, ReadOnlyAdmin):
    """The companies that invoice through the portal."""

    limetype = "creditor"
    list_display = shown(Creditor, "name", "org_no", "lime_id", "billecta_id", "is_enabled", "fetched_at")
    list_filter = ("is_enabled",)
    search_ids = ("billecta_id", "org_no")
    search_numbers = ("lime_id",)
    search_parts = ("name",)
    search_help_text = _("Name, organisation number, Lime id or Billecta id")
    fields = shown(Creditor, "name", "org_no", "use_cent_rounding", "is_enabled", "lime_id", "billecta_id", "fetched_at", "updated_at")


def _personal(field: str) -> str:
    """A column of one personal field, masked where the queryset says that this user may not see it."""

    def show(debtor: Any) -> str:
        if debtor.protected_identity and not debtor.identity_shown:
            return MASK
        return str(getattr(debtor, field) or formats.ABSENT)

    return define(Debtor, field, "shown", show)


@admin.register(Debtor)
class DebtorAdmin(SendsFromList, ReadOnlyAdmin):
    """The creditors' customers."""

    limetype = "debtor"
    list_display = (
        *(_personal("name"), _personal("org_no"), _personal("city"), "creditor"),
        *shown(Debtor, "protected_identity", "lime_id", "billecta_id"),
    )
    list_filter = ("creditor", "protected_identity")
    list_select_related = ("creditor",)
    search_ids = ("billecta_id", "external_id")
    search_numbers = ("lime_id",)
    search_parts = ("name", "org_no", "email")
    search_help_text = _("Name, number, e-mail, Lime id or Billecta id")
    readonly_fields = tuple(_personal(name) for name in ("name", "org_no", "email", "phone", "address", "zip_code", "city"))
    fieldsets = (
        (None, {"fields": (*readonly_fields, "protected_identity")}),
        (
            _("Source"),
            {"fields": shown(Debtor, "creditor", "lime_id", "billecta_id", "external_id", "fetched_at", "updated_at", "anonymised_at")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        debtors: QuerySet[Any] = super().get_queryset(request)
        marked: QuerySet[Any] = debtors.annotate(identity_shown=Value(may(request, "view_protected_debtor")))
        return marked

    def matches(self, word: str) -> Q:
        """A name or number finds a protected debtor only for those who may see it, else the search would tell what is masked."""
        by_id = Q(billecta_id=word) | Q(external_id=word)
        return by_id | (super().matches(word) & (Q(protected_identity=False) | Q(identity_shown=True)))


@admin.register(Article)
class ArticleAdmin(SendsFromList, ReadOnlyAdmin):
    """What is invoiced."""

    limetype = "article"
    list_display = shown(
        Article,
        *("article_number", "description", "unit_price", "vat_percent"),
        *("creditor", "is_active", "lime_id", "billecta_id"),
    )
    list_filter = ("creditor", "is_active")
    list_select_related = ("creditor",)
    search_ids = ("billecta_id", "external_id", "article_number")
    search_numbers = ("lime_id",)
    search_parts = ("description",)
    search_help_text = _("Article number, description, Lime id or Billecta id")
    fields = shown(
        Article,
        *("article_number", "description", "unit_price", "vat_percent", "is_active", "creditor"),
        *("lime_id", "billecta_id", "external_id", "fetched_at", "updated_at", "deleted_at"),
    )


@admin.register(Anonymisation)
class AnonymisationAdmin(ReadOnlyAdmin):
    """The record of each customer that was anonymised: why, by whom, how much was changed and what was kept."""

    list_display = shown(Anonymisation, "debtor_id", "lime_id", "requested_by", "begun_at", "finished_at")
    search_ids = ("debtor_id", "creditor_id")
    search_numbers = ("lime_id",)
    search_help_text = _("Lime id or Billecta id")
    readonly_fields = ("changed", "stays")
    fieldsets = (
        (
            None,
            {"fields": shown(Anonymisation, "debtor_id", "lime_id", "creditor_id", "reason", "requested_by", "begun_at", "finished_at")},
        ),
        (_("What was done"), {"fields": readonly_fields}),
    )

    @admin.display(description=_("changed rows"))
    def changed(self, record: Anonymisation) -> str:
        return json_block(record.counts)

    @admin.display(description=_("kept"))
    def stays(self, record: Anonymisation) -> str:
        """What was kept, and why."""
        figures = {name: record.kept.get(name, 0) for name in ("invoices", "payments", "entries")}
        text = _(
            "%(invoices)s invoices, %(payments)s payments and %(entries)s entries with numbers, dates and amounts, and the invoices"
            " that Billecta has issued with their PDF files: they are bookkeeping. The customer in Lime, which Lime owns."
        )
        return text % figures
