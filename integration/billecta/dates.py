"""Dates as Billecta writes them: many forms in, one form out; UTC for moments, Stockholm's calendar for business dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def moment_from_wire(text: str) -> datetime | None:
    """A moment in UTC, or None for what stands for "not set" (empty, year 1).

    Read forms: `yyyy-MM-dd HH:mm:ss+HH:mm`, with `T` for the space, with a fraction of up to seven digits, with `Z`, without
    offset (then Stockholm's clock; its repeated hour is read as summer time), and a date alone. Raises ValueError.
    """
    text = text.strip()
    if not text or text.startswith("0001"):
        return None
    moment = datetime.fromisoformat(text)
    local = moment.replace(tzinfo=STOCKHOLM) if moment.tzinfo is None else moment
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def day_from_wire(text: str) -> date | None:
    """A business date, which is Stockholm's date at that moment, or None. Forms and errors as `moment_from_wire`."""
    moment = moment_from_wire(text)
    return None if moment is None else moment.astimezone(STOCKHOLM).date()


def moment_to_wire(moment: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss+HH:mm` with Stockholm's offset. Takes an aware datetime; parts of a second are dropped."""
    if moment.tzinfo is None:
        raise ValueError("a moment without offset has no meaning on the wire")
    return moment.astimezone(STOCKHOLM).isoformat(sep=" ", timespec="seconds")


def day_to_wire(day: date) -> str:
    """A business date as Billecta holds it: midnight in Stockholm."""
    return moment_to_wire(datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM))


def day_in_query(day: date) -> str:
    """A business date as a query parameter: `yyyy-MM-dd`."""
    return day.isoformat()
