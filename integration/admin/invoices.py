"""Invoices and what has happened to them in money: rows, payments, entries and versions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from integration.admin.base import FoundByCustomer, ReadOnlyAdmin, ReadOnlyRows
from integration.admin.columns import paired, shown
from integration.admin.command_buttons import HasCommands
from integration.admin.filters import MoneyStateFilter
from integration.admin.readable import json_block
from integration.models import DebtCollectionCase, Invoice, InvoiceRow, InvoiceVersion, LedgerEntry, Payment
from integration.presentation import badges, formats
from integration.presentation.marks import ids, link_to


class InvoiceRowRows(ReadOnlyRows):
    """The invoice's rows as Billecta holds them."""

    model = InvoiceRow
    verbose_name_plural = _("rows")
    columns = shown(
        InvoiceRow,
        "sequence",
        "article_number",
        "description",
        "quantity",
        "units",
        "unit_price_ore",
        "vat_percent",
        "net_ore",
        "gross_ore",
    )


class PaymentRows(ReadOnlyRows):
    """Payments on the invoice."""

    model = Payment
    verbose_name_plural = _("payments")
    columns = shown(Payment, "payment_date", "amount_ore", "payment_mean", "ocr", "billecta_id", "withdrawn_at")


class CaseRows(ReadOnlyRows):
    """The invoice's debt-collection cases, as Billecta runs them."""

    model = DebtCollectionCase
    verbose_name_plural = _("debt collection")
    columns = shown(
        DebtCollectionCase,
        *("stage", "is_paused", "start_level", "end_level", "created_at", "claim_sent_at", "bailiff_at", "closed_at"),
        *("debt_ore", "fee_ore", "interest_ore", "current_ore", "billecta_id"),
    )


class EntryRows(ReadOnlyRows):
    """The dated entries, whose sum is what is left to pay."""

    model = LedgerEntry
    verbose_name_plural = _("entries")
    columns = shown(LedgerEntry, "business_date", "kind", "amount_ore", "date_basis", "recorded_at", "source")


class VersionRows(ReadOnlyRows):
    """What was true of the invoice, and from when."""

    model = InvoiceVersion
    verbose_name_plural = _("versions")
    columns = shown(
        InvoiceVersion, "valid_from", "stage", "due_date", "current_ore", "paid_ore", "credited_ore", "write_off_ore", "is_disputed"
    )


@admin.register(Invoice)
class InvoiceAdmin(HasCommands, FoundByCustomer, ReadOnlyAdmin):
    """Every invoice action with its amounts, found by its number, its OCR or either id."""

    limetype = "invoice"
    actions_list = ("act_page",)
    list_display = (
        *("number", "state", "debtor", "creditor", *shown(Invoice, "due_date")),
        *shown(Invoice, "invoiced_ore", "current_ore", "lime_id"),
    )
    list_filter = (MoneyStateFilter, "creditor", "stage", "delivery_method", "currency")
    list_select_related = ("creditor", "debtor")
    date_hierarchy = "invoice_date"
    search_ids = ("billecta_id", "invoice_number", "ocr")
    search_numbers = ("lime_id",)
    search_help_text = _("Invoice number, OCR, Lime id, Billecta id or customer")
    inlines = (InvoiceRowRows, PaymentRows, CaseRows, EntryRows, VersionRows)
    fieldsets = (
        (
            None,
            {"fields": paired(("number", "state", "debtor", "creditor", "order_link", *shown(Invoice, "ocr", "lime_id", "billecta_id")))},
        ),
        (
            _("Amounts"),
            {
                "fields": paired(
                    shown(
                        Invoice,
                        *("invoiced_ore", "current_ore", "paid_ore", "credited_ore", "write_off_ore"),
                        *("vat_ore", "interest_ore", "rounding_ore", "currency"),
                    )
                )
            },
        ),
        (
            _("Dates"),
            {
                "fields": paired(
                    shown(
                        Invoice,
                        *("invoice_date", "due_date", "created_at", "attested_at", "sent_at", "closed_at"),
                        *("disputed_at", "debt_collection_at", "deleted_at", "fetched_at"),
                    )
                )
            },
        ),
        (
            _("In Billecta"),
            {
                "fields": (
                    *paired(shown(Invoice, "action_type", "stage", "delivery_method", "is_paused")),
                    "external_reference",
                    "readable_flags",
                )
            },
        ),
    )
    readonly_fields = ("number", "state", "order_link", "readable_flags")

    @admin.display(description=_("invoice"), ordering="invoice_number")
    def number(self, invoice: Invoice) -> str:
        return ids(invoice.invoice_number or invoice.billecta_id)

    @admin.display(description=_("status"))
    def state(self, invoice: Invoice) -> str:
        return badges.badge(*invoice_state(invoice))

    @admin.display(description=_("order"))
    def order_link(self, invoice: Invoice) -> str:
        return formats.ABSENT if invoice.order is None else link_to(invoice.order)

    @action(description=_("Act on invoices"), url_path="act", permissions=["send"], icon="receipt_long")
    def act_page(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return HttpResponseRedirect(reverse("admin:give_command", args=[self.limetype]))

    @admin.display(description=_("what Billecta allows now"))
    def readable_flags(self, invoice: Invoice) -> str:
        return json_block(invoice.flags)


def invoice_state(invoice: Invoice) -> tuple[Any, badges.Look]:
    """What an invoice is now, in the words of whoever waits for the money."""
    if invoice.deleted_at:
        return _("deleted"), badges.Look("delete", badges.QUIET)
    if not invoice.attested_at:
        return _("draft"), badges.Look("draft", badges.WAITING)
    if invoice.closed_at or invoice.current_ore <= 0:
        return _settled(invoice)
    if invoice.debt_collection_at:
        return _("debt collection"), badges.Look("gavel", badges.ATTENTION)
    if invoice.disputed_at:
        return _("disputed"), badges.Look("contract_delete", badges.ATTENTION)
    if invoice.is_paused:
        return _("paused"), badges.Look("pause_circle", badges.WAITING)
    if invoice.due_date and invoice.due_date < timezone.localdate():
        return _("overdue"), badges.Look("event_busy", badges.BAD)
    if invoice.sent_at:
        return _("sent"), badges.Look("outgoing_mail", badges.ACTIVE)
    return _("attested"), badges.Look("approval", badges.ACTIVE)


def _settled(invoice: Invoice) -> tuple[Any, badges.Look]:
    largest = max(("paid", "credited", "write_off"), key=lambda name: int(getattr(invoice, f"{name}_ore")))
    words = {
        "paid": (_("paid"), badges.Look("check_circle", badges.OK)),
        "credited": (_("credited"), badges.Look("undo", badges.QUIET)),
        "write_off": (_("written off"), badges.Look("money_off", badges.QUIET)),
    }
    return words[largest]


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Every payment, found by its OCR, its invoice or its reference."""

    list_display = (
        *(*shown(Payment, "payment_date", "amount_ore"), "on_invoice", "by_debtor"),
        *shown(Payment, "payment_mean", "ocr", "billecta_id", "lime_id", "withdrawn_at"),
    )
    list_filter = ("payment_mean", "is_reminder_payment", ("withdrawn_at", admin.EmptyFieldListFilter), "invoice__creditor")
    list_select_related = ("invoice__debtor",)
    date_hierarchy = "payment_date"
    search_ids = ("billecta_id", "ocr", "invoice__invoice_number", "invoice__billecta_id")
    search_numbers = ("lime_id",)
    search_help_text = _("OCR, invoice number, payment reference or Lime id")
    fieldsets = (
        (
            None,
            {"fields": (*shown(Payment, "amount_ore", "payment_date", "withdrawn_at", "payment_mean", "ocr"), "on_invoice", "by_debtor")},
        ),
        (
            _("Source"),
            {"fields": shown(Payment, "billecta_id", "lime_id", "created_at", "created_by", "is_reminder_payment", "fetched_at")},
        ),
    )
    readonly_fields = ("on_invoice", "by_debtor")

    @admin.display(description=_("invoice"), ordering="invoice__invoice_number")
    def on_invoice(self, payment: Payment) -> str:
        return link_to(payment.invoice)

    @admin.display(description=_("debtor"))
    def by_debtor(self, payment: Payment) -> str:
        return str(payment.invoice.debtor or formats.ABSENT)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """All dated entries of all invoices."""

    list_display = (
        *(*shown(LedgerEntry, "business_date", "kind", "amount_ore"), "invoice", "debtor", "creditor"),
        *shown(LedgerEntry, "reference", "date_basis", "recorded_at"),
    )
    list_display_links = ("kind",)
    list_filter = ("kind", "creditor", "date_basis")
    list_select_related = ("invoice", "debtor", "creditor")
    date_hierarchy = "business_date"
    search_ids = ("reference", "invoice__invoice_number", "invoice__ocr", "invoice__billecta_id")
    search_help_text = _("Invoice number, OCR, Billecta id or payment reference")
    fields = shown(
        LedgerEntry,
        *("kind", "reverses", "amount_ore", "currency", "business_date", "date_basis", "invoice", "payment", "debtor", "creditor"),
        *("reference", "sequence", "recorded_at", "source"),
    )
