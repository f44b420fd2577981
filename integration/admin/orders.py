"""Lime's orders as the portal sent them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from integration.admin.base import FoundByCustomer, ReadOnlyAdmin, ReadOnlyRows, may
from integration.admin.columns import paired, shown
from integration.admin.command_buttons import HasCommands
from integration.models import Invoice, Order, OrderRow
from integration.presentation import formats
from integration.presentation.marks import ids


class OrderRowRows(ReadOnlyRows):
    """The order's rows as last sent."""

    model = OrderRow
    verbose_name_plural = _("rows")
    columns = shown(OrderRow, "sequence", "article", "description", "quantity", "unit_price_ore", "vat_percent")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("article")


class OrderInvoiceRows(ReadOnlyRows):
    """The invoices that the order became."""

    model = Invoice
    fk_name = "order"
    verbose_name_plural = _("invoices")
    show_change_link = True
    columns = shown(Invoice, "invoice_number", "stage", "due_date", "invoiced_ore", "current_ore")


@admin.register(Order)
class OrderAdmin(HasCommands, FoundByCustomer, ReadOnlyAdmin):
    """Where each order stands, and why when it stands still."""

    limetype = "order"
    list_display = (
        *("both_ids", *shown(Order, "status"), "creditor", "debtor"),
        *(*shown(Order, "total_ore"), "why", *shown(Order, "updated_at")),
    )
    list_filter = ("status", "creditor")
    list_select_related = ("creditor", "debtor")
    date_hierarchy = "created_at"
    search_ids = ("billecta_id",)
    search_numbers = ("lime_id",)
    search_help_text = _("Lime id, Billecta id or customer")
    inlines = (OrderRowRows, OrderInvoiceRows)
    fieldsets = (
        (None, {"fields": (*paired(shown(Order, "status", "creditor", "lime_id", "debtor", "billecta_id")), "error")}),
        (_("Amounts"), {"fields": paired(shown(Order, "net_ore", "vat_ore", "total_ore", "currency"))}),
        (_("Course"), {"fields": paired(shown(Order, "created_at", "created_by", "updated_at", "generation"))}),
    )

    readonly_fields = ("work",)

    @admin.display(description=_("Lime and Billecta"), ordering="lime_id")
    def both_ids(self, order: Order) -> str:
        return ids(order.lime_id, order.billecta_id)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The way to the order's work is shown to those who may go there."""
        first, *rest = super().get_fieldsets(request, obj)
        fields = (*first[1]["fields"], *(["work"] if may(request, "view_syncrecord") else []))
        return [(first[0], {**first[1], "fields": fields}), *rest]

    @admin.display(description=_("work"))
    def work(self, order: Order) -> str:
        query = urlencode({"limetype": "order", "lime_id": order.lime_id})
        address = f"{reverse('admin:integration_syncrecord_changelist')}?{query}"
        return format_html('<a class="kv-link" href="{}">{}</a>', address, _("Show its pieces of work"))

    @admin.display(description=_("error"))
    def why(self, order: Order) -> str:
        return format_html('<span class="kv-clip" title="{0}">{0}</span>', order.error) if order.error else formats.ABSENT
