"""API keys: made once, kept as an HMAC, looked up through a cache of a few seconds.

The HMAC's key is derived from `FIELD_ENCRYPTION_KEYS`: the first is current, the others still verify. A key that is used
moves to the current one, so an old encryption key may be dropped once every API key has been used since the new one came.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from time import monotonic

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integration import ledger
from integration.models import ApiKey, Creditor

MARK = "kv_"
PREFIX_LENGTH = 10
LONGEST_KEY = 200
CACHE_SECONDS = 5.0
MOST_CACHED = 10_000
TOUCHED_EVERY = timedelta(minutes=1)
logger = structlog.get_logger("kvittens")


@dataclass(frozen=True)
class KeyHolder:
    """Whoever holds a valid key. `creditors` are public ids; empty means all creditors."""

    id: int
    name: str
    scopes: frozenset[str]
    creditors: frozenset[str]
    expires_at: datetime | None

    def may(self, *scopes: str) -> bool:
        """Whether the key has at least one of `scopes`."""
        return not self.scopes.isdisjoint(scopes)


def make(name: str, scopes: Iterable[str], *, creditors: Iterable[Creditor] = (), expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key; returns its row and the key itself, which cannot be shown again. Raises ValueError for an unknown scope."""
    wanted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in wanted if scope not in ApiKey.Scope.values]
    if unknown or not wanted:
        raise ValueError(f"unknown scope {', '.join(unknown)!r}: use {', '.join(ApiKey.Scope.values)}")
    key = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ApiKey.objects.create(name=name, digest=_digests(key)[0], prefix=key[:PREFIX_LENGTH], scopes=wanted, expires_at=expires_at)
        row.creditors.set(creditors)
        ledger.log("api_key.created", prefix=row.prefix, scopes=wanted)
    return row, key


def revoke(row: ApiKey, *, actor: str, user_id: int | None = None) -> None:
    """End a key: this process refuses it at once, every other one within `CACHE_SECONDS`."""
    with transaction.atomic():
        ApiKey.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now())
        ledger.log("api_key.revoked", actor=actor, user_id=user_id, prefix=row.prefix)
    forget_cached()


def identify(key: str) -> KeyHolder | None:
    """Whose key this is, or None when it is unknown, expired or revoked.

    The answer is kept in this process for `CACHE_SECONDS`, so a receiver under load asks the database every few seconds and
    a revocation takes effect within as many. Raises django.db.Error when the database cannot be asked.
    """
    if not key or len(key) > LONGEST_KEY or not key.isascii():
        return None
    # Never stored. An HMAC would do as well, but it lets go of the interpreter, and under load it takes long to get that back.
    name = hashlib.sha256(key.encode()).digest()
    until, holder = _known.get(name, (0.0, None))
    if monotonic() >= until:
        holder = _look_up(_digests(key))
        _remember(name, holder)
    if holder is None or (holder.expires_at is not None and holder.expires_at <= timezone.now()):
        return None
    return holder


def forget_cached() -> None:
    """Have the next use of every key ask the database."""
    with _lock:
        _known.clear()


_known: dict[bytes, tuple[float, KeyHolder | None]] = {}
_lock = threading.Lock()


def _remember(name: bytes, holder: KeyHolder | None) -> None:
    with _lock:
        if len(_known) >= MOST_CACHED:
            _known.clear()
        _known[name] = (monotonic() + CACHE_SECONDS, holder)


def _look_up(digests: list[str]) -> KeyHolder | None:
    row = ApiKey.objects.filter(digest__in=digests, revoked_at=None).prefetch_related("creditors").first()
    if row is None:
        return None
    _touch(row, digests[0])
    creditors = frozenset(creditor.billecta_id for creditor in row.creditors.all())
    return KeyHolder(row.pk, row.name, frozenset(row.scopes), creditors, row.expires_at)


def _touch(row: ApiKey, current: str) -> None:
    """Keep when the key was last used, at most once a minute. A key is not refused because this could not be stored."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - TOUCHED_EVERY)
    if row.digest == current and row.last_used_at is not None and row.last_used_at > now - TOUCHED_EVERY:
        return
    try:
        with transaction.atomic():
            ApiKey.objects.filter(stale | ~Q(digest=current), pk=row.pk).update(last_used_at=now, digest=current)
    except DatabaseFailure:
        logger.warning("key_use_not_stored", key=row.prefix, exc_info=True)


def _digests(key: str) -> list[str]:
    """The key's HMAC under each encryption key, the current one first."""
    return [hmac.digest(_derived(encryption_key), key.encode(), "sha256").hex() for encryption_key in settings.FIELD_ENCRYPTION_KEYS]


@cache
def _derived(encryption_key: str) -> bytes:
    """A key of its own for this purpose, so that the encryption key itself is never used for two."""
    return hmac.digest(encryption_key.encode(), b"kvittens api keys", "sha256")
