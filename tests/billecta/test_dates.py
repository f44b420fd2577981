"""Dates from and to the wire, over summer time and back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.billecta.dates import STOCKHOLM, day_from_wire, day_to_wire, moment_from_wire, moment_to_wire

SECONDS = st.integers(int(datetime(1900, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()))
MOMENTS = SECONDS.map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-31 00:00:00+02:00", datetime(2026, 3, 30, 22, tzinfo=UTC)),
        ("2026-03-31T00:00:00+02:00", datetime(2026, 3, 30, 22, tzinfo=UTC)),
        ("2026-03-31T00:00:00", datetime(2026, 3, 30, 22, tzinfo=UTC)),
        ("2026-01-31T00:00:00.1234567", datetime(2026, 1, 30, 23, 0, 0, 123456, UTC)),
        ("2026-01-31T00:00:00.5Z", datetime(2026, 1, 31, 0, 0, 0, 500000, UTC)),
        ("2026-01-31", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("20260131", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01 00:00:00+00:00", None),
        ("", None),
    ],
)
def test_every_form_is_read(text: str, expected: datetime | None):
    assert moment_from_wire(text) == expected


@pytest.mark.parametrize("text", ["31/3 2026", "2026-13-01", "2026-02-30T00:00:00", "9999-12-31T23:59:59-12:00"])
def test_no_date_is_refused(text: str):
    with pytest.raises(ValueError):
        moment_from_wire(text)


@given(MOMENTS)
def test_moments_survive_the_wire(moment: datetime):
    text = moment_to_wire(moment)
    assert text[10] == " "
    assert moment_from_wire(text) == moment
    assert moment_from_wire(text.replace(" ", "T")) == moment


@given(DAYS)
def test_business_days_survive_the_wire(day: date):
    assert day_from_wire(day_to_wire(day)) == day
    assert day_from_wire(day_to_wire(day)[:19]) == day
    assert day_from_wire(day.isoformat()) == day


@given(DAYS, st.integers(0, 86_399))
def test_any_moment_of_a_stockholm_day_is_that_day(day: date, seconds: int):
    midnight = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)
    tomorrow = day + timedelta(days=1)
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=STOCKHOLM).astimezone(UTC)
    moment = min(midnight + timedelta(seconds=seconds), end - timedelta(seconds=1))
    assert day_from_wire(moment.isoformat()) == day


def test_the_offset_follows_summer_time():
    assert day_to_wire(date(2026, 3, 29)) == "2026-03-29 00:00:00+01:00"
    assert day_to_wire(date(2026, 3, 30)) == "2026-03-30 00:00:00+02:00"


def test_a_moment_without_offset_is_not_sent():
    with pytest.raises(ValueError, match="offset"):
        moment_to_wire(datetime(2026, 1, 1))  # noqa: DTZ001
