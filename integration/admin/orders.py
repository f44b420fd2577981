"""Lime's orders as the portal sent them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from integration.admin.base import FoundByCustomer, ReadOnlyAdmin, ReadOnlyRows
from integration.admin.columns import shown
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
class OrderAdmin(FoundByCustomer, ReadOnlyAdmin):
    """Where each order stands, and why when it stands still."""

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
        (None, {"fields": shown(Order, "status", "error", "lime_id", "billecta_id", "creditor", "debtor")}),
        (_("Amounts"), {"fields": shown(Order, "net_ore", "vat_ore", "total_ore", "currency")}),
        (_("Course"), {"fields": shown(Order, "created_at", "created_by", "updated_at", "generation")}),
    )

    @admin.display(description=_("Lime and Billecta"), ordering="lime_id")
    def both_ids(self, order: Order) -> str:
        return ids(order.lime_id, order.billecta_id)

    @admin.display(description=_("error"))
    def why(self, order: Order) -> str:
        return format_html('<span class="kv-clip" title="{0}">{0}</span>', order.error) if order.error else formats.ABSENT
