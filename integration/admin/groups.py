"""The groups that people and machine users belong to, and the permissions that Django's own four do not cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

ADMINISTRATORS = "Integration Monitor Administrators"
USERS = "Integration Monitor Users"
FINANCE = "Finance"
BILLECTA_WEBHOOK = "Billecta webhook"
BILLECTA_TASK = "Billecta task"

CUSTOM: Mapping[str, tuple[str, str]] = {
    "retry_syncrecord": ("syncrecord", "Can retry and cancel work"),
    "decide_syncrecord": ("syncrecord", "Can say whether a write of unknown outcome happened"),
    "replay_webhookevent": ("webhookevent", "Can replay events"),
    "view_protected_debtor": ("debtor", "Can see debtors with protected identity"),
}
"""Codename to model and name."""

_MONEY = (
    "anonymisation",
    "article",
    "creditor",
    "debtor",
    "debtcollectioncase",
    "invoice",
    "invoicerow",
    "invoiceversion",
    "ledgerentry",
    "order",
    "orderrow",
    "payment",
)
_OPEN_MONEY = ("swishrequest", "unhandledpayment")
_MONITOR = (
    *_MONEY,
    *_OPEN_MONEY,
    *("batch", "eventlog", "heartbeat", "mappingpair", "mappingversion", "recordlink", "refuseddelivery"),
    *("syncattempt", "syncrecord", "webhookevent"),
)
_ADMINISTERED = Q(content_type__app_label__in=["integration", "reports"]) | Q(
    content_type__app_label="auth", content_type__model__in=["user", "group"]
)


def _integration(codenames: Iterable[str]) -> Q:
    return Q(content_type__app_label="integration", codename__in=list(codenames))


_REPORTS = Q(content_type__app_label="reports") & (Q(codename__startswith="view_") | Q(codename__startswith="add_"))

WANTED: Mapping[str, Q] = {
    ADMINISTRATORS: _ADMINISTERED,
    USERS: _integration([*(f"view_{model}" for model in _MONITOR), "retry_syncrecord", "replay_webhookevent"]) | _REPORTS,
    FINANCE: _integration(f"view_{model}" for model in (*_MONEY, *_OPEN_MONEY)) | _REPORTS,
    BILLECTA_WEBHOOK: _integration(["add_webhookevent"]),
    BILLECTA_TASK: _integration(["add_batch", "view_batch"]),
}
"""What each group may do. Administrators see protected debtors; users and finance do not until they are given it."""


def ensure_groups() -> None:
    """Make the five groups and give each the permissions it lacks. Permissions that an admin has added are left alone."""
    for label in ("integration", "reports", "auth"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    for codename, (model, name) in CUSTOM.items():
        content_type = ContentType.objects.get_for_model(apps.get_model("integration", model))
        Permission.objects.update_or_create(content_type=content_type, codename=codename, defaults={"name": name})
    for group_name, wanted in WANTED.items():
        group, _made = Group.objects.get_or_create(name=group_name)
        group.permissions.add(*Permission.objects.filter(wanted))


def after_migrate(sender: AppConfig, **_signal: Any) -> None:
    """Runs once in each `migrate`, when all tables are there."""
    if sender.label == "integration":
        ensure_groups()
