"""Filters that speak the reader's language: what an invoice's amounts and dates mean together, and kinds of work by title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integration.commands.table import table
from integration.errors import Text
from integration.ledger.registry import registry
from integration.models import Invoice
from integration.models.money_state import IN_THE_AIR, NOT_ATTESTED, SETTLED, overdue
from integration.models.titles import title_of


class MoneyStateFilter(admin.SimpleListFilter):
    """Invoices by whether their money has come."""

    title = _("money")
    parameter_name = "money"
    CHOICES: Mapping[str, Text] = {
        "in-the-air": _("sent, not paid"),
        "overdue": _("overdue"),
        "draft": _("not attested"),
        "settled": _("settled"),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(value, str(label)) for value, label in self.CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:  # noqa: ARG002
        conditions = {
            "in-the-air": IN_THE_AIR,
            "overdue": overdue(timezone.localdate()),
            "draft": NOT_ATTESTED,
            "settled": SETTLED,
        }
        return queryset.filter(conditions[value]) if (value := self.value()) in conditions else queryset


class KindFilter(admin.SimpleListFilter):
    """Pieces of work by their kind."""

    title = _("work")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return by_title(registry.kinds)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(**{self.parameter_name: value}) if (value := self.value()) else queryset


class CommandFilter(KindFilter):
    """Tasks by their command."""

    title = _("command")
    parameter_name = "command"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return by_title(table)


def by_title(names: Iterable[str]) -> list[tuple[str, str]]:
    """Kinds of work with what people call them, in the order of the alphabet."""
    return sorted(((name, title_of(name)) for name in names), key=lambda choice: choice[1].casefold())
