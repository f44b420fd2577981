"""What an admin sees and does; every action calls the same service as the API."""

from django.contrib import admin
from django.db.models.signals import post_migrate

from integration.admin import batches, configuration, customers, events, invoices, keys, links, monitor, open_payments, orders, people, work
from integration.admin.groups import after_migrate
from integration.admin.site import portal_urls

__all__ = [
    "batches",
    "configuration",
    "customers",
    "events",
    "invoices",
    "keys",
    "links",
    "monitor",
    "open_payments",
    "orders",
    "people",
    "work",
]

admin.site.extra_urls = portal_urls  # type: ignore[attr-defined]  # unfold's hook for further addresses
post_migrate.connect(after_migrate, dispatch_uid="kvittens-groups")
