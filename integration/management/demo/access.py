"""Who gets into the demo: one login for each human group, and the keys of the two systems."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from integration.models import ApiKey

LIME_KEY, BILLECTA_KEY = "Demo: Lime", "Demo: Billecta"
SCOPES: dict[str, list[str]] = {
    LIME_KEY: [ApiKey.Scope.COMMANDS, ApiKey.Scope.READ, ApiKey.Scope.REPORTS, ApiKey.Scope.THIRD_PARTY],
    BILLECTA_KEY: [ApiKey.Scope.BILLECTA_WEBHOOK],
}


@dataclass(frozen=True)
class Login:
    """One person of the demo."""

    username: str
    first_name: str
    last_name: str
    group: str
    sees: str


LOGINS = (
    Login("admin", "Astrid", "Admin", "Integration Monitor Administrators", "everything: settings, mappings, keys, retries"),
    Login("monitor", "Malte", "Monitor", "Integration Monitor Users", "what happened and why; tries failed work again"),
    Login("finance", "Fatima", "Finans", "Finance", "invoices, payments and reports"),
)


def ensure_logins(password: str) -> None:
    """Make the demo's logins, each in its group, all with `password`; one that has another password gets this one."""
    for login in LOGINS:
        user, _ = User.objects.update_or_create(
            username=login.username,
            defaults={"first_name": login.first_name, "last_name": login.last_name, "is_staff": True, "is_active": True},
        )
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        user.groups.set([Group.objects.get(name=login.group)])


def ensure_keys(known: dict[str, str]) -> dict[str, str]:
    """The demo's keys by name: those `known` from an earlier run as long as they hold, else new ones that replace them."""
    return {name: _holds(name, known.get(name, "")) or _replace(name) for name in SCOPES}


def _holds(name: str, key: str) -> str:
    now = timezone.now()
    valid = ApiKey.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), name=name, revoked_at__isnull=True)
    return key if key and any(key.startswith(row.prefix) for row in valid) else ""


def _replace(name: str) -> str:
    ApiKey.objects.filter(name=name, revoked_at__isnull=True).update(revoked_at=timezone.now())
    printed = io.StringIO()
    call_command("create_api_key", name, *[f"--scope={scope}" for scope in SCOPES[name]], stdout=printed, stderr=io.StringIO())
    return printed.getvalue().strip().splitlines()[-1]
