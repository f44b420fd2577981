"""Unsafe settings are refused, each by its own check; safe ones pass."""

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError

from integration.checks import RULES, check_lime_secrets, check_public_address, check_queue, longest_task_seconds
from integration.models import PortalConfiguration

UNSAFE = [
    ("kvittens.E001", {"ack_failures": False}),
    ("kvittens.E001", {"ack_failures": None}),
    ("kvittens.E002", {"max_attempts": 0}),
    ("kvittens.E002", {"max_attempts": 3}),
    ("kvittens.E003", {"bulk": 5}),
    ("kvittens.E004", {"catch_up": True}),
    ("kvittens.E005", {"retry": 900}),
    ("kvittens.E005", {"queue_limit": 0}),
    ("kvittens.E006", {"timeout": 139}),
    ("kvittens.E006", {"timeout": None}),
    ("kvittens.E007", {"save_limit": 0}),
    ("kvittens.E007", {"save_limit": 100_000}),
    ("kvittens.E008", {"orm": None, "redis": None}),
    ("kvittens.E008", {"orm": "elsewhere", "redis": None}),
    ("kvittens.E008", {"orm": "default", "redis": "redis://127.0.0.1:6379/0"}),
    ("kvittens.E009", {"sync": True}),
]


def ids(messages) -> list[str]:
    return [message.id for message in messages]


def test_the_portals_own_settings_pass():
    assert check_queue(None) == []


@pytest.mark.parametrize(("expected", "change"), UNSAFE)
def test_each_unsafe_setting_is_refused(settings, expected, change):
    settings.Q_CLUSTER = {**django_settings.Q_CLUSTER, **change}
    [message] = check_queue(None)
    assert message.id == expected
    assert message.hint
    assert message.is_serious()


def test_every_rule_is_tried_above():
    assert {rule.id for rule in RULES} == {expected for expected, _ in UNSAFE}
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_longest_drain_is_its_time_and_one_lease():
    assert longest_task_seconds() == 140


def test_retry_just_above_what_can_wait_is_enough(settings):
    settings.Q_CLUSTER = {**django_settings.Q_CLUSTER, "timeout": 300, "queue_limit": 4, "workers": 2, "retry": 901}
    assert check_queue(None) == []


def test_debug_before_the_world_is_warned_of(settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost", "kvittens.example.se"]
    assert ids(check_public_address(None)) == ["kvittens.W001"]
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert check_public_address(None) == []


def test_a_sandbox_behind_a_public_address_is_warned_of(settings):
    settings.DEBUG, settings.SANDBOX, settings.PORTAL_BASE_URL = False, True, "https://kvittens.example.se"
    assert ids(check_public_address(None)) == ["kvittens.W002"]
    settings.PORTAL_BASE_URL = "http://localhost:8000"
    assert check_public_address(None) == []


@pytest.mark.django_db
@pytest.mark.parametrize("switch", ["sync_creditors", "sync_debtors", "sync_articles", "sync_orders"])
def test_automatic_sync_without_a_secret_is_warned_of(settings, switch):
    settings.LIME_WEBHOOK_SECRETS = []
    assert check_lime_secrets(None, databases=["default"]) == []
    PortalConfiguration.objects.update(**{switch: True})
    assert ids(check_lime_secrets(None, databases=["default"])) == ["kvittens.W003"]
    settings.LIME_WEBHOOK_SECRETS = ["hush"]
    assert check_lime_secrets(None, databases=["default"]) == []


def test_a_check_that_may_not_ask_the_database_does_not(settings):
    settings.LIME_WEBHOOK_SECRETS = []
    assert check_lime_secrets(None) == []


def test_a_database_without_tables_is_no_reason_to_stop(settings, monkeypatch):
    class Nothing:
        def filter(self, **_):
            raise OperationalError("no such table")

    settings.LIME_WEBHOOK_SECRETS = []
    monkeypatch.setattr(PortalConfiguration, "objects", Nothing())
    assert check_lime_secrets(None, databases=["default"]) == []
