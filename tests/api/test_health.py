"""Health, metrics, schema: what machines ask of the portal."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from integration.api import health_views
from integration.api.keys import make
from integration.ledger import Delivery, count_refusal, receive
from integration.ledger.submit import Subject, submit
from integration.models import Heartbeat, PortalConfiguration, SyncAttempt, SyncRecord
from tests.api.conftest import UPSERT

pytestmark = pytest.mark.django_db


def beat(seconds_ago: float = 0, name: str = "worker") -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now() - timedelta(seconds=seconds_ago)})


@pytest.fixture
def late_work(things) -> SyncRecord:
    record = submit(UPSERT, Subject(entity_key="order:1", limetype="order", lime_id=1))
    SyncRecord.objects.update(not_before=timezone.now() - timedelta(minutes=11))
    return record


def test_it_lives_without_a_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live/").status_code == 200


def test_it_is_ready_when_the_database_is_migrated_though_work_is_late(client, late_work):
    assert client.get("/health/ready/").status_code == 200


def test_it_is_not_ready_without_its_database_or_migrations(client, monkeypatch):
    monkeypatch.setattr(health_views, "_missing_migrations", lambda: 3)
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()["migrations_missing"]) == (503, 3)

    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    assert client.get("/health/ready/").status_code == 503


def test_missing_migrations_are_found(monkeypatch):
    from django.db.migrations.recorder import MigrationRecorder

    monkeypatch.setattr(health_views, "_migrated", {})
    MigrationRecorder.Migration.objects.filter(app="integration").latest("pk").delete()
    assert health_views._missing_migrations() >= 1


@pytest.mark.parametrize(("seconds", "status"), [(None, 503), (29, 200), (31, 503)])
def test_workers_must_have_reported_within_thirty_seconds(client, seconds, status):
    with time_machine.travel(timezone.now(), tick=False):
        if seconds is not None:
            beat(seconds, name="worker:1")
        beat(0, name="scheduler")
        assert client.get("/health/workers/").status_code == status


def test_workers_that_stand_still_are_noticed_but_not_those_that_are_busy_or_stopped(client, late_work):
    beat()
    assert client.get("/health/workers/").json()["stuck"] is True
    PortalConfiguration.objects.update(sending_enabled=False)
    assert client.get("/health/workers/").status_code == 200
    PortalConfiguration.objects.update(sending_enabled=True)
    now = timezone.now()
    SyncAttempt.objects.create(record=late_work, number=1, started_at=now, finished_at=now, duration_ms=1, outcome="retry")
    assert client.get("/health/workers/").status_code == 200


def test_the_score_explains_every_lost_point(reader, late_work):
    beat()
    SyncRecord.objects.create(kind=UPSERT, queue="outbound", entity_key="x", status="failed", finished_at=timezone.now())
    SyncRecord.objects.create(kind=UPSERT, queue="outbound", entity_key="y", status="needs_decision")
    count_refusal("unauthorized")
    health = reader.get("/api/v1/health/").json()
    assert {deduction["code"] for deduction in health["deductions"]} == {
        "late_work",
        "failed",
        "needs_decision",
        "refused_deliveries_today",
    }
    assert health["score"] == 100 - sum(deduction["points"] for deduction in health["deductions"])
    assert all(deduction["message"] for deduction in health["deductions"])
    assert health["counts"]["failed"] == 1


def test_the_score_is_full_when_all_is_well_and_unknown_without_workers(reader):
    beat()
    assert (reader.get("/api/v1/health/").json()["score"], reader.get("/api/v1/health/").json()["status"]) == (100, "good")
    beat(60)
    stale = reader.get("/api/v1/health/").json()
    assert (stale["status"], stale["score"]) == ("unknown", None)


def test_the_score_costs_few_queries(reader, django_assert_max_num_queries):
    reader.get("/api/v1/health/")
    with django_assert_max_num_queries(9):
        reader.get("/api/v1/health/")


# --- Metrics -----------------------------------------------------------------------------------------------------------


def test_metrics_are_counted_from_the_database(client, things):
    beat(5)
    receive(Delivery(body=b"{}", event_name="E"))
    count_refusal("too_large")
    submit(UPSERT, Subject(entity_key="order:1", limetype="order", lime_id=1))
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert 'kvittens_events{status="received"} 1.0' in lines
    assert 'kvittens_work{queue="outbound",status="pending"} 1.0' in lines
    assert 'kvittens_refused_deliveries_total{reason="too_large",source="billecta"} 1.0' in lines
    assert any(line.startswith('kvittens_heartbeat_age_seconds{part="worker"}') for line in lines)


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 401),
        ({"REMOTE_ADDR": ""}, 401),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"}, 401),
    ],
)
def test_metrics_are_for_this_machine_only(client, environ, status):
    assert client.get("/metrics", **environ).status_code == status


@pytest.mark.parametrize(("scope", "status"), [("read", 200), ("commands", 403)])
def test_metrics_are_for_a_key_with_the_scope_from_anywhere(client, scope, status):
    _row, key = make("Prometheus", [scope])
    assert client.get("/metrics", headers={"x-api-key": key}, REMOTE_ADDR="10.0.0.7").status_code == status


def test_a_proxy_on_this_machine_speaks_for_others(client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    assert client.get("/metrics").status_code == 401


# --- Schema ----------------------------------------------------------------------------------------------------------


def test_the_schema_has_no_warnings():
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=out)
    for path in ("/api/v1/invoices/{id}/timeline/", "/api/v1/commands/{command_id}/", "/api/v1/tasks/{task_id}/cancel/"):
        assert path in out.getvalue()


@pytest.mark.parametrize("scope", ["commands", "read"])
def test_the_schema_is_for_any_key(client_with, client, scope):
    assert client_with(scope).get("/api/v1/schema/").status_code == 200
    assert client.get("/api/v1/schema/").status_code == 401


def test_the_pages_about_it_have_no_inline_script(client, admin_user, settings):
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    client.force_login(admin_user)
    page = client.get("/api/v1/docs/").content.decode()
    assert "swagger-ui" in page
    assert "<script>" not in page
    assert client.get("/api/v1/docs/?script=").status_code == 200


def test_the_front_door_leads_to_the_dashboard(client):
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
