"""Who calls the API: the holder of a key in `x-api-key`, or staff with a session."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from integration.api.keys import KeyHolder, identify
from integration.commands.batches import Asker
from integration.models import ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """A key in the header `x-api-key`; `request.auth` becomes its KeyHolder. Without the header the next way is tried."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, KeyHolder] | None:
        key = request.headers.get("x-api-key")
        if key is None:
            return None
        holder = identify(key.strip())
        if holder is None:
            raise AuthenticationFailed(_("The key is unknown, has expired or is revoked."))
        return AnonymousUser(), holder

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  DRF's signature
        return "ApiKey"


def key_of(request: Request) -> KeyHolder | None:
    """The key that the request came with, or None for a session."""
    return request.auth if isinstance(request.auth, KeyHolder) else None


def creditors_of(request: Request) -> frozenset[str]:
    """The public ids of the creditors that the caller is limited to; empty for no limit."""
    holder = key_of(request)
    return holder.creditors if holder else frozenset()


def actor_of(request: Request) -> str:
    """Who the audit log names."""
    holder = key_of(request)
    return holder.name if holder else request.user.get_username()


def asker_of(request: Request) -> Asker:
    """The caller as the command service knows it."""
    holder = key_of(request)
    api_key = ApiKey.objects.get(pk=holder.id) if holder else None
    return Asker(actor=actor_of(request), api_key=api_key, creditors=creditors_of(request), user_id=user_id_of(request))


def user_id_of(request: Request) -> int | None:
    """The signed-in user's id, or None for a key."""
    user_id = request.user.pk
    return int(user_id) if user_id is not None else None
