"""Lists and single objects of the mirror, the events and the work."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db.models import Case, F, Model, Q, QuerySet, Value, When
from django.http import Http404
from django_filters.rest_framework import FilterSet  # type: ignore[import-untyped]
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from integration import ledger
from integration.api import filters
from integration.api import ledger_serializers as work_shapes
from integration.api import mirror_serializers as shapes
from integration.api.authentication import actor_of, user_id_of
from integration.api.invoice_status import invoice_status
from integration.api.naming import named
from integration.api.parameters import KnownParameters
from integration.api.parsers import BoundedJSONParser
from integration.api.timeline import TimelineSerializer, timeline
from integration.api.visibility import limited, limited_work
from integration.errors import AmbiguousMatch
from integration.models import Article, Creditor, Debtor, Invoice, Order, Payment, SyncRecord, UnhandledPayment, WebhookEvent
from integration.sync.naming import number_of

M = TypeVar("M", bound=Model)
BY_NAME = extend_schema(parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH, description="Billecta public id or lime:<id>")])
BY_NUMBER = extend_schema(parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)])

# A protected name must not be found out by searching for it either.
SEARCHED_NAME = Case(When(protected_identity=True, then=Value("")), default=F("name"))
SEARCHED_DEBTOR = Case(When(debtor__protected_identity=True, then=Value("")), default=F("debtor__name"))
SEARCHED_PAYER = Case(When(invoice__debtor__protected_identity=True, then=Value("")), default=F("invoice__debtor__name"))


class ReadView(KnownParameters, ReadOnlyModelViewSet[M]):
    """A list and its single objects, none but those of the creditors that the caller may see.

    `creditor_path` leads to the creditor's public id. A detail may be shown with more than a list: `detail_serializer_class`,
    and the related rows in `detail_prefetch`.
    """

    creditor_path: ClassVar[str] = "creditor__billecta_id"
    detail_serializer_class: ClassVar[type[BaseSerializer[Any]] | None] = None
    detail_prefetch: ClassVar[tuple[str, ...]] = ()
    filterset_class: ClassVar[type[FilterSet]]
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"
    parser_classes = (BoundedJSONParser,)

    def known_parameters(self) -> set[str]:
        """A list's filters, search and paging; a single object may be narrowed by the filters too."""
        known = set(self.filterset_class.base_filters) if self.filter_backends else set()
        return known | {"search", "cursor", "page_size"} if self.action == "list" else known

    def get_queryset(self) -> QuerySet[M]:
        rows = limited(super().get_queryset(), self.request, self.creditor_path)
        return rows.prefetch_related(*self.detail_prefetch) if self.action == "retrieve" else rows

    def get_serializer_class(self) -> type[BaseSerializer[M]]:
        detailed = self.detail_serializer_class if self.action != "list" else None
        return detailed or super().get_serializer_class()

    def get_object(self) -> M:
        """The object that the path names. Raises Http404, AmbiguousMatch when a Lime id names one for each of several creditors."""
        name = self.kwargs["id"]
        found = list(self.filter_queryset(self.get_queryset()).filter(self.named(name))[:2])
        if not found:
            raise Http404
        if len(found) > 1:
            raise AmbiguousMatch(system="Kvittens", what=name, ids=", ".join(str(getattr(row, "billecta_id", row.pk)) for row in found))
        return found[0]

    def named(self, name: str) -> Q:
        """The condition for the object of this name."""
        return named(name)


class NumberedView(ReadView[M]):
    """Objects that are the portal's own and go by its number."""

    def named(self, name: str) -> Q:
        number = number_of(name)
        return Q(pk__in=[]) if number is None else Q(pk=number)


@extend_schema(tags=["mirror"])
class CreditorView(ReadView[Creditor]):
    """Companies that invoice."""

    queryset = Creditor.objects.all()
    serializer_class = shapes.CreditorSerializer
    filterset_class = filters.CreditorFilter
    search_fields = ("name", "org_no", "=lime_id", "=billecta_id")
    creditor_path = "billecta_id"


@extend_schema(tags=["mirror"])
class DebtorView(ReadView[Debtor]):
    """Customers, one for each creditor that invoices them."""

    queryset = Debtor.objects.select_related("creditor").annotate(searched_name=SEARCHED_NAME)
    serializer_class = shapes.DebtorSerializer
    filterset_class = filters.DebtorFilter
    search_fields = ("searched_name", "external_id", "=lime_id", "=billecta_id")


@extend_schema(tags=["mirror"])
class ArticleView(ReadView[Article]):
    """Products, one for each creditor that sells them."""

    queryset = Article.objects.select_related("creditor")
    serializer_class = shapes.ArticleSerializer
    filterset_class = filters.ArticleFilter
    search_fields = ("description", "article_number", "external_id", "=lime_id", "=billecta_id")


@extend_schema(tags=["mirror"])
class OrderView(ReadView[Order]):
    """Orders that the portal has been asked to send."""

    queryset = Order.objects.select_related("creditor", "debtor").annotate(searched_name=SEARCHED_DEBTOR)
    serializer_class = shapes.OrderSerializer
    detail_serializer_class = shapes.OrderDetailSerializer
    detail_prefetch = ("rows__article",)
    filterset_class = filters.OrderFilter
    search_fields = ("searched_name", "=lime_id", "=billecta_id")


@extend_schema(tags=["mirror"])
class InvoiceView(ReadView[Invoice]):
    """Invoices, from draft to closed."""

    queryset = Invoice.objects.select_related("creditor", "debtor", "order").annotate(
        status=invoice_status(), searched_name=SEARCHED_DEBTOR
    )
    serializer_class = shapes.InvoiceSerializer
    detail_serializer_class = shapes.InvoiceDetailSerializer
    detail_prefetch = ("rows", "debt_collection_cases")
    filterset_class = filters.InvoiceFilter
    search_fields = ("invoice_number", "ocr", "searched_name", "=lime_id", "=billecta_id")

    @BY_NAME
    @extend_schema(responses=TimelineSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=(), url_path="timeline")
    def timeline(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002  DRF's names
        """Everything that happened to one invoice and its order, newest first."""
        return Response(TimelineSerializer(timeline(self.get_object()), many=True).data)


@extend_schema(tags=["mirror"])
class PaymentView(ReadView[Payment]):
    """Incoming payments on invoices."""

    queryset = Payment.objects.select_related("invoice__creditor").annotate(searched_name=SEARCHED_PAYER)
    serializer_class = shapes.PaymentSerializer
    filterset_class = filters.PaymentFilter
    search_fields = ("invoice__invoice_number", "ocr", "searched_name", "=lime_id", "=billecta_id")
    creditor_path = "invoice__creditor__billecta_id"


@extend_schema(tags=["mirror"])
class UnhandledPaymentView(ReadView[UnhandledPayment]):
    """Money that came and is on no invoice."""

    queryset = UnhandledPayment.objects.select_related("creditor")
    serializer_class = shapes.UnhandledPaymentSerializer
    filterset_class = filters.UnhandledPaymentFilter
    search_fields = ("reference", "sender", "=billecta_id", "=overpaid_action")


@extend_schema(tags=["ledger"])
class EventView(NumberedView[WebhookEvent]):
    """What Billecta told, as it came."""

    queryset = WebhookEvent.objects.select_related("sync_record")
    serializer_class = work_shapes.EventSerializer
    detail_serializer_class = work_shapes.EventDetailSerializer
    filterset_class = filters.EventFilter
    search_fields = ("event_name", "=entity_id", "=sync_record__lime_id")
    creditor_path = "creditor_id"

    def get_queryset(self) -> QuerySet[WebhookEvent]:
        rows = super().get_queryset()
        return rows.defer("body") if self.action == "list" else rows


@extend_schema(tags=["ledger"])
class SyncRecordView(NumberedView[SyncRecord]):
    """Pieces of work: what is being done, what failed and why."""

    queryset = SyncRecord.objects.all()
    serializer_class = work_shapes.SyncRecordSerializer
    detail_serializer_class = work_shapes.SyncRecordDetailSerializer
    detail_prefetch = ("tries",)
    filterset_class = filters.SyncRecordFilter
    search_fields = ("=lime_id", "=billecta_id", "error_code", "message")

    def get_queryset(self) -> QuerySet[SyncRecord]:
        rows = limited_work(SyncRecord.objects.all(), self.request)
        return rows.prefetch_related(*self.detail_prefetch) if self.action == "retrieve" else rows

    @BY_NUMBER
    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002  DRF's names
        """Put failed, cancelled or waiting work back in the queue, due now. 409 when its state does not allow it."""
        return self._shown(ledger.retry(self.get_object(), actor=actor_of(request), user_id=user_id_of(request)))

    @BY_NUMBER
    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002  DRF's names
        """Cancel work that has not begun. 409 when its state does not allow it."""
        return self._shown(ledger.cancel(self.get_object(), actor=actor_of(request), user_id=user_id_of(request)))

    @BY_NUMBER
    @extend_schema(request=work_shapes.DecisionSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002  DRF's names
        """Say of a write that cannot be read back whether it happened. 409 when the work needs no decision."""
        decision = work_shapes.DecisionSerializer(data=request.data)
        decision.is_valid(raise_exception=True)
        record = ledger.decide(self.get_object(), actor=actor_of(request), user_id=user_id_of(request), **decision.validated_data)
        return self._shown(record)

    def _shown(self, record: SyncRecord) -> Response:
        return Response(self.get_serializer(SyncRecord.objects.prefetch_related("tries").get(pk=record.pk)).data)
