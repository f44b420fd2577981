"""The addresses under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from integration.api import command_views as commands
from integration.api import openapi  # noqa: F401  registers the key's scheme
from integration.api import read_views as read
from integration.api.health_views import HealthView
from integration.models import ApiKey

router = SimpleRouter()
router.register("events", read.EventView, "event")
router.register("sync-records", read.SyncRecordView, "sync-record")
router.register("creditors", read.CreditorView, "creditor")
router.register("debtors", read.DebtorView, "debtor")
router.register("articles", read.ArticleView, "article")
router.register("orders", read.OrderView, "order")
router.register("invoices", read.InvoiceView, "invoice")
router.register("payments", read.PaymentView, "payment")
router.register("unhandled-payments", read.UnhandledPaymentView, "unhandled-payment")


@extend_schema(exclude=True)
class SchemaView(SpectacularAPIView):
    """The OpenAPI schema, for any key."""

    read_scopes = tuple(ApiKey.Scope)


@extend_schema(exclude=True)
class DocsView(SpectacularSwaggerSplitView):
    """The schema as pages; its script is a file of its own, since the content policy allows no inline script."""

    read_scopes = tuple(ApiKey.Scope)


urlpatterns: list[URLPattern | URLResolver] = [
    path("commands/", commands.CommandListView.as_view(), name="commands"),
    path("commands/<str:command_id>/", commands.CommandView.as_view(), name="command"),
    path("tasks/<uuid:task_id>/", commands.TaskView.as_view(), name="task"),
    path("tasks/<uuid:task_id>/retry-failed/", commands.RetryFailedView.as_view(), name="task-retry-failed"),
    path("tasks/<uuid:task_id>/cancel/", commands.CancelView.as_view(), name="task-cancel"),
    path("health/", HealthView.as_view(), name="health"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(url_name="schema"), name="docs"),
    *router.urls,
]
