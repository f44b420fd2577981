"""The overview: its figures are true, lead to the lists that they count, and cost the same however much there is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integration.models import Heartbeat, PortalConfiguration, SyncRecord
from reports import dashboards
from reports.overview import bars
from tests.admin.conftest import event, heartbeat, invoice, person, work


def overview(client) -> str:
    response = client.get("/admin/")
    assert response.status_code == 200
    return str(response.content.decode())


def tile(page: str, key: str) -> tuple[str, str]:
    """The figure of a tile, and where it leads."""
    found = re.search(rf'href="([^"]*)" data-tile="{key}".*?kv-tile-value">(.*?)</span>', page, re.DOTALL)
    assert found, key
    return found[2].strip(), unescape(found[1])


def listed(client, address: str) -> int:
    return int(client.get(address).context["cl"].result_count)


@pytest.fixture
def a_day(db):
    now = timezone.now()
    for _ in range(3):
        event()
    event(received_at=now - timedelta(hours=25))
    for _ in range(4):
        work("succeeded")
    work("succeeded", queue="ingest")
    work("succeeded", finished_at=now - timedelta(hours=25))
    work("failed")
    work("failed", finished_at=now - timedelta(days=3))
    work("needs_decision")
    work("pending")
    work("waiting_retry", created_at=now - timedelta(hours=2))


@pytest.mark.parametrize(("key", "expected"), [("received", 3), ("sent", 4), ("failed", 2), ("undecided", 1), ("waiting", 2)])
def test_each_figure_is_the_length_of_the_list_it_leads_to(administrator, a_day, key, expected):
    figure, address = tile(overview(administrator), key)
    assert int(figure) == expected == listed(administrator, address)


def test_the_oldest_work_shows_its_age_and_leads_to_it(administrator, db):
    old = work("waiting_retry", created_at=timezone.now() - timedelta(hours=2, minutes=5))
    work("pending")
    figure, address = tile(overview(administrator), "oldest")
    assert figure == "2 h 5 min"
    assert address == f"/admin/integration/syncrecord/{old.pk}/change/"


def test_money_in_the_air_is_what_is_sent_and_not_paid(administrator, db):
    today = timezone.localdate()
    invoice(current_ore=123_450)
    invoice(current_ore=100_000_000, due_date=today - timedelta(days=1))
    invoice(sent_at=None)
    invoice(closed_at=timezone.now())
    invoice(current_ore=0)
    (line,) = dashboards.money_in_the_air(today)
    assert (line.amount_ore, line.invoices, line.overdue_ore, line.overdue_invoices) == (100_123_450, 2, 100_000_000, 1)
    page = overview(administrator)
    assert "1\u00a0001\u00a0234,50\u00a0kr" in page
    links = [unescape(address) for address in re.findall(r'href="([^"]*money=[^"]*)"', page)]
    assert [listed(administrator, address) for address in links] == [2, 1]


def test_a_due_day_that_is_today_is_not_overdue(db):
    invoice(due_date=timezone.localdate())
    assert dashboards.money_in_the_air(timezone.localdate())[0].overdue_invoices == 0


def test_currencies_are_not_added_up(administrator, db):
    invoice(current_ore=100, currency="SEK")
    invoice(current_ore=200, currency="EUR")
    assert [(line.currency, line.amount_ore) for line in dashboards.money_in_the_air(timezone.localdate())] == [("EUR", 200), ("SEK", 100)]
    assert "2,00\u00a0EUR" in overview(administrator)


def test_the_chart_counts_each_hour_once(db):
    now = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    for minutes in (0, 29, 31, 24 * 60):
        event(received_at=now - timedelta(minutes=minutes))
    work("succeeded", finished_at=now - timedelta(hours=2))
    work("failed", finished_at=now)
    hours = dashboards.hourly(now)
    assert len(hours) == 24
    assert [hour.received for hour in hours[-2:]] == [1, 2]
    assert sum(hour.received for hour in hours) == 3
    assert [hour.sent for hour in hours[-3:]] == [1, 0, 0]


def test_bars_are_in_proportion_and_never_invisible():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    drawn = bars([dashboards.Hour(start, 200, 100), dashboards.Hour(start, 1, 0)])
    assert [(bar.received_height, bar.sent_height) for bar in drawn] == [(100, 50), (2, 0)]


def test_the_chart_is_also_a_table(administrator, a_day):
    page = overview(administrator)
    table = page[page.index('<table class="kv-table"') :]
    assert table.count('<th scope="row">') == 24


def test_a_failure_says_why_and_what_to_do_and_can_be_retried(administrator, db):
    failed = work("failed")
    page = overview(administrator)
    assert "Billecta refused (400): Wrong due date" in page
    assert "Read what Billecta says, mend the data, then retry." in page
    administrator.post(f"/admin/integration/syncrecord/{failed.pk}/operate/retry/", {"next": "/admin/"})
    assert SyncRecord.objects.get(pk=failed.pk).status == "pending"


def test_silent_workers_are_told_from_living_ones(administrator, db):
    heartbeat()
    Heartbeat.objects.create(name="sweep", at=timezone.now() - timedelta(minutes=4))
    page = overview(administrator)
    assert page.count("Alive") == 1
    assert page.count("Silent") == 1


def test_a_foreign_database_stops_sending_until_an_admin_confirms(administrator, operator, db):
    PortalConfiguration.objects.update(bound_billecta="api.billecta.com", bound_lime="other.example/db")
    assert "Confirm these systems" not in overview(operator)
    assert operator.post("/admin/confirm-systems/").status_code == 403
    assert administrator.get("/admin/confirm-systems/").status_code == 405
    page = overview(administrator)
    assert "Nothing is sent" in page
    assert "Confirm these systems" in page
    administrator.post("/admin/confirm-systems/")
    assert "Sending is on" in overview(administrator)


def test_sending_that_is_switched_off_is_said_and_not_confirmed_away(administrator, db):
    overview(administrator)
    PortalConfiguration.objects.update(sending_enabled=False)
    page = overview(administrator)
    assert "Sending is switched off." in page
    assert "Confirm these systems" not in page
    assert "Open the settings" in page


def test_each_sees_what_their_group_may_see(operator, accountant, db):
    work("failed")
    invoice()
    parts = {"data-tile", "Retry now", 'data-card="money"'}

    def seen(client) -> set[str]:
        page = overview(client)
        return {part for part in parts if part in page}

    assert seen(operator) == parts
    assert seen(accountant) == {'data-card="money"'}
    assert seen(person("nils")) == set()


def test_the_number_of_queries_is_constant(administrator, a_day):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            overview(administrator)
        return len(captured)

    overview(administrator)
    few = queries()
    for _ in range(12):
        work("failed")
        work("pending")
        event()
        invoice()
        invoice(currency="EUR")
        heartbeat()
    assert queries() == few <= 20
