"""Where each address leads."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from integration.api import health_views
from integration.api import third_party_views as third_party
from integration.api.lime_receiver import receive_from_lime
from integration.api.metrics import metrics
from integration.api.receiver import receive_from_billecta

PACKAGE = "limepkg-billecta-integration/"
RECEIVER = f"{PACKAGE}billecta-webhook-receiver"
PDF = f"{PACKAGE}fetch-invoice-pdf/<str:lime_invoice_id>"
SWISH = f"{PACKAGE}payments/swish/<str:id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/admin/"), name="home"),
    path("admin/", admin.site.urls),
    path(RECEIVER, receive_from_billecta, name="billecta-webhook-receiver"),
    path(f"{RECEIVER}/", receive_from_billecta),
    path("webhooks/lime/", receive_from_lime, name="lime-webhook-receiver"),
    path("webhooks/lime", receive_from_lime),
    path(f"{PDF}/", third_party.InvoicePdfView.as_view(), name="invoice-pdf"),
    path(PDF, third_party.InvoicePdfView.as_view(schema=None)),
    path(SWISH, third_party.SwishView.as_view(), name="swish"),
    path(f"{SWISH}/", third_party.SwishView.as_view(schema=None)),
    path("api/v1/", include("integration.api.urls")),
    path("health/live/", health_views.live, name="health-live"),
    path("health/ready/", health_views.ready, name="health-ready"),
    path("health/workers/", health_views.working, name="health-workers"),
    path("metrics", metrics, name="metrics"),
]

handler400 = "integration.api.errors.bad_request"
handler403 = "integration.api.errors.permission_denied"
handler404 = "integration.api.errors.page_not_found"
handler500 = "integration.api.errors.server_error"
