"""Dates on Billecta's wire."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from integration.mapping.dates import parse_time, stockholm_date, wire_date, wire_time


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 1, 31), "2026-01-31 00:00:00+01:00"),
        (date(2026, 3, 29), "2026-03-29 00:00:00+01:00"),
        (date(2026, 3, 30), "2026-03-30 00:00:00+02:00"),
        (date(2026, 10, 25), "2026-10-25 00:00:00+02:00"),
        (date(2026, 10, 26), "2026-10-26 00:00:00+01:00"),
    ],
)
def test_a_date_is_midnight_in_stockholm_with_the_offset_of_that_day(day, text):
    assert wire_date(day) == text
    moment = parse_time(text)
    assert moment is not None
    assert stockholm_date(moment) == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-01 02:00:00+02:00",
        "2026-07-01T02:00:00+02:00",
        "2026-07-01T00:00:00Z",
        "2026-07-01T02:00:00",
        "2026-07-01 02:00:00.0000000",
        "2026-07-01T02:00",
    ],
)
def test_every_writing_that_clients_have_met_is_read(text):
    assert parse_time(text) == datetime(2026, 7, 1, tzinfo=UTC)


def test_year_one_means_not_set():
    assert parse_time("0001-01-01T00:00:00") is None


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-30", "20260201", "01/02/2026"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


def test_a_moment_keeps_its_clock_in_stockholm():
    assert wire_time(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == "2026-07-01 00:30:00+02:00"
