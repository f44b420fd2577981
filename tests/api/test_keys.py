"""API keys: what is kept of them, and when they let somebody in."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from time import monotonic

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from integration.api import keys
from integration.models import ApiKey, Creditor

pytestmark = pytest.mark.django_db


def test_the_key_itself_is_not_kept():
    row, key = keys.make("Lime", ["commands"])
    kept = " ".join(str(value) for value in ApiKey.objects.filter(pk=row.pk).values().get().values())
    assert key not in kept
    assert key.startswith(row.prefix)
    assert len(row.prefix) < len(key) / 3


def test_a_key_is_known_by_its_scopes_and_creditors(creditor):
    _row, key = keys.make("Lime", ["commands", "read"], creditors=[creditor])
    holder = keys.identify(key)
    assert holder is not None
    assert (holder.scopes, holder.creditors) == (frozenset({"commands", "read"}), frozenset({"cred-1"}))
    assert holder.may("read")
    assert not holder.may("reports")


@pytest.mark.parametrize("wrong", ["", "kv_wrong", "x" * 5000, "åäö", "\ud800"])
def test_a_wrong_key_is_nobody(wrong):
    keys.make("Lime", ["commands"])
    assert keys.identify(wrong) is None


def test_an_expired_key_is_nobody_even_while_it_is_cached():
    _row, key = keys.make("Lime", ["commands"], expires_at=timezone.now() + timedelta(seconds=60))
    assert keys.identify(key) is not None
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert keys.identify(key) is None


def test_a_revoked_key_is_refused_at_once_here_and_within_seconds_elsewhere(monkeypatch):
    row, key = keys.make("Lime", ["commands"])
    assert keys.identify(key) is not None
    keys.revoke(row, actor="Anna")
    assert keys.identify(key) is None

    other, other_key = keys.make("Billecta", ["read"])
    assert keys.identify(other_key) is not None
    ApiKey.objects.filter(pk=other.pk).update(revoked_at=timezone.now())
    later = monotonic() + keys.CACHE_SECONDS
    monkeypatch.setattr(keys, "monotonic", lambda: later)
    assert keys.identify(other_key) is None


def test_known_and_wrong_keys_are_looked_up_once(django_assert_num_queries):
    _row, key = keys.make("Lime", ["commands"])
    keys.identify(key), keys.identify("wrong")
    with django_assert_num_queries(0):
        assert keys.identify(key) is not None
        assert keys.identify("wrong") is None


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(keys, "MOST_CACHED", 3)
    for number in range(10):
        keys.identify(f"wrong-{number}")
    assert len(keys._known) <= 3


def test_the_last_use_is_stored_at_most_once_a_minute():
    row, key = keys.make("Lime", ["commands"])
    keys.identify(key)
    first = ApiKey.objects.get(pk=row.pk).last_used_at
    assert first is not None
    keys.forget_cached()
    with time_machine.travel(first + timedelta(seconds=50), tick=False):
        keys.identify(key)
    assert ApiKey.objects.get(pk=row.pk).last_used_at == first
    keys.forget_cached()
    with time_machine.travel(first + timedelta(seconds=61), tick=False):
        keys.identify(key)
    second = ApiKey.objects.get(pk=row.pk).last_used_at
    assert second is not None
    assert second > first


def test_a_key_outlives_a_change_of_the_encryption_key(settings):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    _row, key = keys.make("Lime", ["commands"])
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert keys.identify(key) is not None
    settings.FIELD_ENCRYPTION_KEYS = [new]
    keys.forget_cached()
    assert keys.identify(key) is not None
    settings.FIELD_ENCRYPTION_KEYS = [old]
    keys.forget_cached()
    assert keys.identify(key) is None


def test_the_secret_key_has_no_part_in_it(settings):
    _row, key = keys.make("Lime", ["commands"])
    settings.SECRET_KEY = "another" * 10
    assert keys.identify(key) is not None


def test_an_unknown_scope_is_refused():
    with pytest.raises(ValueError, match="everything"):
        keys.make("Lime", ["everything"])


def _create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.parametrize("named", ["cred-1", "lime:1"])
def test_the_command_prints_the_key_alone_on_its_last_line(creditor, named):
    printed = _create("Lime", "--scope", "commands", "--scope", "read", "--creditor", named)
    holder = keys.identify(printed.splitlines()[-1])
    assert holder is not None
    assert (holder.name, holder.scopes, holder.creditors) == ("Lime", frozenset({"commands", "read"}), frozenset({"cred-1"}))


@pytest.mark.parametrize(
    "arguments", [("--scope", "all"), ("--scope", "read", "--creditor", "cred-9"), ("--scope", "read", "--creditor", "lime:9")]
)
def test_the_command_refuses_what_it_does_not_know(creditor, arguments):
    with pytest.raises(CommandError):
        _create("Lime", *arguments)
    assert not ApiKey.objects.exists()
    assert Creditor.objects.count() == 1
