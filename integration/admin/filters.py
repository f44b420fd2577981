"""Filters over what an invoice's amounts and dates mean together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integration.errors import Text
from integration.models import Invoice
from integration.models.money_state import IN_THE_AIR, NOT_ATTESTED, SETTLED, overdue


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
