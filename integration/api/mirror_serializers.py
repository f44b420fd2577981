"""What the API shows of creditors, debtors, articles, orders, invoices and payments."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from integration.api.fields import OreField, PriceField, without_personal_data
from integration.models import (
    Article,
    Creditor,
    DebtCollectionCase,
    Debtor,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    Payment,
    UnhandledPayment,
)
from integration.money import SEK
from integration.sync.naming import name_of

COMMON = ("id", "billecta_id", "lime_id", "creditor", "status", "updated_at")
PERSONAL = ("name", "org_no", "email", "phone", "address", "zip_code", "city")


class CreditorSerializer(serializers.ModelSerializer[Creditor]):
    id = serializers.CharField(source="billecta_id", read_only=True)
    creditor = serializers.CharField(source="billecta_id", read_only=True)
    status = serializers.SerializerMethodField()

    class Meta:
        model = Creditor
        fields = (*COMMON, "name", "org_no", "use_cent_rounding", "fetched_at")

    def get_status(self, creditor: Creditor) -> str:
        return "enabled" if creditor.is_enabled else "disabled"


class DebtorSerializer(serializers.ModelSerializer[Debtor]):
    """Personal data of a debtor with protected identity is masked."""

    id = serializers.CharField(source="billecta_id", read_only=True)
    creditor = serializers.CharField(source="creditor.billecta_id", read_only=True)
    status = serializers.SerializerMethodField()

    class Meta:
        model = Debtor
        fields = (*COMMON, *PERSONAL, "external_id", "protected_identity", "fetched_at")

    def get_status(self, debtor: Debtor) -> str:
        if debtor.anonymised_at is not None:
            return "anonymised"
        return "protected" if debtor.protected_identity else "active"

    def to_representation(self, instance: Debtor) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return without_personal_data(shown, PERSONAL) if instance.protected_identity else shown


class ArticleSerializer(serializers.ModelSerializer[Article]):
    id = serializers.CharField(source="billecta_id", read_only=True)
    creditor = serializers.CharField(source="creditor.billecta_id", read_only=True)
    status = serializers.SerializerMethodField()
    unit_price = PriceField()
    currency = serializers.SerializerMethodField()

    class Meta:
        model = Article
        fields = (*COMMON, "external_id", "article_number", "description", "unit_price", "currency", "vat_percent", "fetched_at")

    def get_status(self, article: Article) -> str:
        if article.deleted_at is not None:
            return "deleted"
        return "active" if article.is_active else "inactive"

    def get_currency(self, article: Article) -> str:  # noqa: ARG002  Billecta prices its products in kronor only
        return SEK


class OrderRowSerializer(serializers.ModelSerializer[OrderRow]):
    article = serializers.CharField(source="article.billecta_id", read_only=True, allow_null=True, default=None)
    quantity = PriceField()
    unit_price = OreField("unit_price_ore")

    class Meta:
        model = OrderRow
        fields = ("lime_id", "sequence", "article", "description", "quantity", "unit_price", "vat_percent")


class OrderSerializer(serializers.ModelSerializer[Order]):
    id = serializers.SerializerMethodField()
    creditor = serializers.CharField(source="creditor.billecta_id", read_only=True, allow_null=True, default=None)
    debtor = serializers.CharField(source="debtor.billecta_id", read_only=True, allow_null=True, default=None)
    debtor_name = serializers.SerializerMethodField()
    net_amount = OreField("net_ore", allow_null=True)
    vat_amount = OreField("vat_ore", allow_null=True)
    total_amount = OreField("total_ore", allow_null=True)

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            *COMMON,
            "debtor",
            "debtor_name",
            "error",
            "generation",
            "net_amount",
            "vat_amount",
            "total_amount",
            "currency",
            "created_by",
            "created_at",
        )

    def get_id(self, order: Order) -> str:
        return name_of(order.billecta_id, order.lime_id)

    def get_debtor_name(self, order: Order) -> str:
        return shown_name(order.debtor)


class OrderDetailSerializer(OrderSerializer):
    rows = OrderRowSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "rows")


class InvoiceRowSerializer(serializers.ModelSerializer[InvoiceRow]):
    article = serializers.CharField(source="product_id", read_only=True)
    quantity = PriceField()
    unit_price = OreField("unit_price_ore")
    net_amount = OreField("net_ore")
    gross_amount = OreField("gross_ore")

    class Meta:
        model = InvoiceRow
        fields = (
            "sequence",
            "record_type",
            "article",
            "article_number",
            "description",
            "quantity",
            "units",
            "unit_price",
            "vat_percent",
            "net_amount",
            "gross_amount",
        )


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    id = serializers.CharField(source="billecta_id", read_only=True)
    creditor = serializers.CharField(source="creditor.billecta_id", read_only=True)
    debtor = serializers.CharField(source="debtor.billecta_id", read_only=True, allow_null=True, default=None)
    debtor_name = serializers.SerializerMethodField()
    order = serializers.IntegerField(source="order.lime_id", read_only=True, allow_null=True, default=None, help_text="Lime id")
    status = serializers.CharField(read_only=True)
    invoiced_amount = OreField("invoiced_ore")
    current_amount = OreField("current_ore")
    paid_amount = OreField("paid_ore")
    credited_amount = OreField("credited_ore")
    write_off_amount = OreField("write_off_ore")
    vat_amount = OreField("vat_ore")
    interest_amount = OreField("interest_ore")
    rounding_amount = OreField("rounding_ore")

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = (
            *COMMON,
            *("invoice_number", "ocr", "external_reference", "action_type", "stage", "delivery_method"),
            *("debtor", "debtor_name", "order", "invoice_date", "due_date", "currency"),
            *("invoiced_amount", "current_amount", "paid_amount", "credited_amount", "write_off_amount"),
            *("vat_amount", "interest_amount", "rounding_amount"),
            *("created_at", "attested_at", "sent_at", "closed_at", "disputed_at", "debt_collection_at", "deleted_at"),
            *("is_paused", "fetched_at"),
        )

    def get_debtor_name(self, invoice: Invoice) -> str:
        return shown_name(invoice.debtor)


class DebtCollectionCaseSerializer(serializers.ModelSerializer[DebtCollectionCase]):
    """A debt-collection case of an invoice; the levels say how far it may go."""

    id = serializers.CharField(source="billecta_id", read_only=True)
    original_amount = OreField("original_ore")
    debt_amount = OreField("debt_ore")
    fee_amount = OreField("fee_ore")
    interest_amount = OreField("interest_ore")
    current_amount = OreField("current_ore")

    class Meta:
        model = DebtCollectionCase
        fields = (
            *("id", "billecta_id", "stage", "is_paused", "start_level", "end_level", "reason"),
            *("created_at", "claim_sent_at", "bailiff_at", "disputed_at", "closed_at"),
            *("original_amount", "debt_amount", "fee_amount", "interest_amount", "current_amount", "currency"),
            *("fetched_at", "updated_at"),
        )


class InvoiceDetailSerializer(InvoiceSerializer):
    rows = InvoiceRowSerializer(many=True, read_only=True)
    debt_collection_cases = DebtCollectionCaseSerializer(many=True, read_only=True)

    class Meta(InvoiceSerializer.Meta):
        fields = (*InvoiceSerializer.Meta.fields, "rows", "debt_collection_cases")


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    id = serializers.CharField(source="billecta_id", read_only=True)
    creditor = serializers.CharField(source="invoice.creditor.billecta_id", read_only=True)
    invoice = serializers.CharField(source="invoice.billecta_id", read_only=True)
    invoice_number = serializers.CharField(source="invoice.invoice_number", read_only=True)
    status = serializers.SerializerMethodField()
    amount = OreField("amount_ore")

    class Meta:
        model = Payment
        fields = (
            *COMMON,
            *("invoice", "invoice_number", "amount", "currency", "payment_date", "created_at", "payment_mean", "ocr"),
            *("created_by", "is_reminder_payment", "withdrawn_at", "fetched_at"),
        )

    def get_status(self, payment: Payment) -> str:
        if payment.withdrawn_at is not None:
            return "withdrawn"
        return "refunded" if payment.amount_ore < 0 else "received"


class UnhandledPaymentSerializer(serializers.ModelSerializer[UnhandledPayment]):
    """`type` and `state` are in Billecta's words; `status` says whether it is still listed as unhandled."""

    id = serializers.CharField(source="billecta_id", read_only=True)
    creditor = serializers.CharField(source="creditor.billecta_id", read_only=True)
    status = serializers.SerializerMethodField()
    amount = OreField("amount_ore")
    type = serializers.CharField(source="payment_type", read_only=True)
    overpaid_invoice = serializers.CharField(source="overpaid_action", read_only=True)

    class Meta:
        model = UnhandledPayment
        fields = (
            *COMMON,
            *("amount", "currency", "payment_date", "reference", "sender", "type", "state"),
            *("overpaid_invoice", "handled_at", "fetched_at"),
        )

    def get_status(self, payment: UnhandledPayment) -> str:
        return "unhandled" if payment.handled_at is None else "handled"


def shown_name(debtor: Debtor | None) -> str:
    """A debtor's name as others may see it."""
    if debtor is None:
        return ""
    return _("Protected identity") if debtor.protected_identity else debtor.name
