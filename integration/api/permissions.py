"""What a caller may do: a key by its scopes, staff by Django's permissions."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Model
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from integration.api.authentication import key_of
from integration.models import ApiKey

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which itself loads this module, as the default permission

READ = (ApiKey.Scope.READ,)
COMMANDS = (ApiKey.Scope.COMMANDS,)


class HasScope(BasePermission):
    """A key needs one of the view's scopes; staff need the view's permission. Everybody else is refused.

    A view may set `read_scopes` and `write_scopes` (defaults: `read` and `commands`), and `read_permission` and
    `write_permission` (defaults: view and change of its model; without a model, staff may read and not write).
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        safe = request.method in SAFE_METHODS
        holder = key_of(request)
        if holder is not None:
            scopes: Collection[str] = getattr(view, "read_scopes", READ) if safe else getattr(view, "write_scopes", COMMANDS)
            return holder.may(*scopes)
        user = request.user
        if not (user.is_authenticated and user.is_active and user.is_staff):
            return False
        permission = _permission(view, "read" if safe else "write")
        return user.has_perm(permission) if permission else safe


def _permission(view: APIView, way: str) -> str:
    named: str | None = getattr(view, f"{way}_permission", None)
    if named is not None:
        return named
    model = _model(view)
    return f"{model._meta.app_label}.{'view' if way == 'read' else 'change'}_{model._meta.model_name}" if model else ""  # noqa: SLF001


def _model(view: APIView) -> type[Model] | None:
    queryset = getattr(view, "queryset", None)
    return queryset.model if queryset is not None else None
