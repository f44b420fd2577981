"""Money that is on no invoice, and requests for payment by Swish: to be read only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integration.admin.base import ReadOnlyAdmin
from integration.admin.columns import paired, shown
from integration.models import Invoice, SwishRequest, UnhandledPayment
from integration.presentation import formats
from integration.presentation.marks import link_to


@admin.register(UnhandledPayment)
class UnhandledPaymentAdmin(ReadOnlyAdmin):
    """Every payment that was or is on no invoice, found by its reference, its sender or its id."""

    list_display = (
        *shown(UnhandledPayment, "payment_date", "amount_ore", "reference", "sender"),
        *("creditor", *shown(UnhandledPayment, "payment_type", "handled_at", "billecta_id")),
    )
    list_filter = (("handled_at", admin.EmptyFieldListFilter), "payment_type", "creditor", "currency")
    list_select_related = ("creditor",)
    date_hierarchy = "payment_date"
    search_ids = ("billecta_id", "reference", "overpaid_action")
    search_parts = ("sender",)
    search_help_text = _("Reference, sender or Billecta id")
    fieldsets = (
        (None, {"fields": paired(shown(UnhandledPayment, "amount_ore", "payment_date", "reference", "sender", "payment_type", "state"))}),
        (_("Source"), {"fields": ("creditor", "paid_too_much_on", *shown(UnhandledPayment, "billecta_id", "handled_at", "fetched_at"))}),
    )
    readonly_fields = ("paid_too_much_on",)

    @admin.display(description=_("paid too much on"))
    def paid_too_much_on(self, payment: UnhandledPayment) -> str:
        invoice = Invoice.objects.filter(billecta_id=payment.overpaid_action).first() if payment.overpaid_action else None
        return link_to(invoice) if invoice else (payment.overpaid_action or formats.ABSENT)


@admin.register(SwishRequest)
class SwishRequestAdmin(ReadOnlyAdmin):
    """Every request that was sent to a phone and what became of it."""

    list_display = (
        *shown(SwishRequest, "created_at", "amount_ore", "status"),
        *("on_invoice", *shown(SwishRequest, "phone", "paid_at", "error_message", "request_id")),
    )
    list_filter = ("status", "invoice__creditor")
    list_select_related = ("invoice",)
    date_hierarchy = "created_at"
    search_ids = ("request_id", "invoice__invoice_number", "invoice__billecta_id", "invoice__ocr")
    search_help_text = _("Request, invoice number, OCR or Billecta id")
    fieldsets = (
        (None, {"fields": paired((*shown(SwishRequest, "status", "amount_ore"), "on_invoice", *shown(SwishRequest, "phone", "paid_at")))}),
        (
            _("Source"),
            {"fields": (*shown(SwishRequest, "request_id", "error_code", "error_message", "created_at", "fetched_at"), "asked_by")},
        ),
    )
    readonly_fields = ("on_invoice", "asked_by")

    @admin.display(description=_("invoice"), ordering="invoice__invoice_number")
    def on_invoice(self, row: SwishRequest) -> str:
        return link_to(row.invoice)

    @admin.display(description=_("piece of work"))
    def asked_by(self, row: SwishRequest) -> str:
        return formats.ABSENT if row.work is None else link_to(row.work)
