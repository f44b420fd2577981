"""What lists can be filtered by."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from integration.api.invoice_status import VALUES
from integration.api.naming import named
from integration.api.strict_filters import MomentFilter, SwitchFilter, WholeNumberFilter
from integration.models import Article, Creditor, Debtor, Invoice, Order, Payment, SyncRecord, UnhandledPayment, WebhookEvent
from integration.sync.naming import LIME


class NameFilter(filters.CharFilter):  # type: ignore[misc]
    """An object by its Billecta public id or `lime:<id>`."""

    def __init__(self, path: str) -> None:
        super().__init__(label="Billecta public id or lime:<id>")
        self.path = path

    def filter(self, qs: QuerySet[Model], value: str) -> QuerySet[Model]:
        return qs.filter(named(value, self.path)) if value else qs


class CreditorIdFilter(filters.CharFilter):  # type: ignore[misc]
    """The same for rows that hold the creditor's public id as text."""

    def __init__(self) -> None:
        super().__init__(label="Billecta public id or lime:<id>")

    def filter(self, qs: QuerySet[Model], value: str) -> QuerySet[Model]:
        if not value:
            return qs
        if value.startswith(LIME):
            return qs.filter(creditor_id__in=Creditor.objects.filter(named(value)).values("billecta_id"))
        return qs.filter(creditor_id=value)


class MirrorFilter(filters.FilterSet):  # type: ignore[misc]
    """Common to everything that is mirrored."""

    lime_id = WholeNumberFilter()
    billecta_id = filters.CharFilter()
    updated_from = MomentFilter(field_name="updated_at", lookup_expr="gte")
    updated_to = MomentFilter(field_name="updated_at", lookup_expr="lt")


class CreditorFilter(MirrorFilter):
    status = filters.ChoiceFilter(choices=[("enabled", "enabled"), ("disabled", "disabled")], method="by_status")

    class Meta:
        model = Creditor
        fields = ("org_no",)

    def by_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:  # noqa: ARG002  django-filter's signature
        return queryset.filter(is_enabled=value == "enabled")


class DebtorFilter(MirrorFilter):
    creditor = NameFilter("creditor__")
    status = filters.ChoiceFilter(choices=[(name, name) for name in ("active", "protected", "anonymised")], method="by_status")

    class Meta:
        model = Debtor
        fields = ("external_id",)

    def by_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:  # noqa: ARG002  django-filter's signature
        if value == "anonymised":
            return queryset.filter(anonymised_at__isnull=False)
        return queryset.filter(anonymised_at=None, protected_identity=value == "protected")


class ArticleFilter(MirrorFilter):
    creditor = NameFilter("creditor__")
    status = filters.ChoiceFilter(choices=[(name, name) for name in ("active", "inactive", "deleted")], method="by_status")

    class Meta:
        model = Article
        fields = ("article_number", "external_id")

    def by_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:  # noqa: ARG002  django-filter's signature
        if value == "deleted":
            return queryset.filter(deleted_at__isnull=False)
        return queryset.filter(deleted_at=None, is_active=value == "active")


class OrderFilter(MirrorFilter):
    creditor = NameFilter("creditor__")
    debtor = NameFilter("debtor__")
    status = filters.MultipleChoiceFilter(choices=Order.Status.choices)

    class Meta:
        model = Order
        fields = ("currency",)


class InvoiceFilter(MirrorFilter):
    creditor = NameFilter("creditor__")
    debtor = NameFilter("debtor__")
    order = NameFilter("order__")
    status = filters.MultipleChoiceFilter(choices=[(status.value, status.value) for status in VALUES])
    due_from = filters.DateFilter(field_name="due_date", lookup_expr="gte")
    due_to = filters.DateFilter(field_name="due_date", lookup_expr="lte")
    date_from = filters.DateFilter(field_name="invoice_date", lookup_expr="gte")
    date_to = filters.DateFilter(field_name="invoice_date", lookup_expr="lte")
    is_paused = SwitchFilter()

    class Meta:
        model = Invoice
        fields = ("invoice_number", "ocr", "stage", "currency")


class PaymentFilter(MirrorFilter):
    creditor = NameFilter("invoice__creditor__")
    debtor = NameFilter("invoice__debtor__")
    invoice = NameFilter("invoice__")
    date_from = filters.DateFilter(field_name="payment_date", lookup_expr="gte")
    date_to = filters.DateFilter(field_name="payment_date", lookup_expr="lte")

    class Meta:
        model = Payment
        fields = ("ocr", "currency", "payment_mean")


class UnhandledPaymentFilter(MirrorFilter):
    creditor = NameFilter("creditor__")
    status = filters.ChoiceFilter(choices=[("unhandled", "unhandled"), ("handled", "handled")], method="by_status")
    type = filters.CharFilter(field_name="payment_type", lookup_expr="iexact")
    date_from = filters.DateFilter(field_name="payment_date", lookup_expr="gte")
    date_to = filters.DateFilter(field_name="payment_date", lookup_expr="lte")

    class Meta:
        model = UnhandledPayment
        fields = ("reference", "currency")

    def by_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:  # noqa: ARG002  django-filter's signature
        return queryset.filter(handled_at__isnull=value == "unhandled")


class EventFilter(filters.FilterSet):  # type: ignore[misc]
    creditor = CreditorIdFilter()
    billecta_id = filters.CharFilter(field_name="entity_id")
    status = filters.MultipleChoiceFilter(choices=WebhookEvent.Status.choices)
    event_name = filters.CharFilter(lookup_expr="iexact")
    received_from = MomentFilter(field_name="received_at", lookup_expr="gte")
    received_to = MomentFilter(field_name="received_at", lookup_expr="lt")

    class Meta:
        model = WebhookEvent
        fields = ("source",)


class SyncRecordFilter(filters.FilterSet):  # type: ignore[misc]
    creditor = CreditorIdFilter()
    task = filters.UUIDFilter(field_name="batch")
    lime_id = WholeNumberFilter()
    event = WholeNumberFilter(field_name="events")
    status = filters.MultipleChoiceFilter(choices=SyncRecord.Status.choices)
    failure_kind = filters.MultipleChoiceFilter(choices=SyncRecord.FailureKind.choices)
    code = filters.CharFilter(field_name="error_code")
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_to = MomentFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = SyncRecord
        fields = ("kind", "limetype", "billecta_id", "queue")
