"""Lime's dates and times: kept as UTC texts that sort as they follow each other, shown with Stockholm's offset of that day."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def stored(moment: datetime) -> str:
    """An aware moment as UTC text of fixed width, in whole milliseconds as Lime's database keeps them."""
    whole = moment.astimezone(UTC)
    return whole.replace(microsecond=whole.microsecond // 1000 * 1000).isoformat(timespec="microseconds")


def parse_moment(text: str) -> str:
    """ISO text as stored UTC text; without an offset it is Stockholm time, without a time it is midnight. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return stored(moment.replace(tzinfo=STOCKHOLM) if moment.tzinfo is None else moment)


def parse_date(text: str) -> str:
    """ISO text as `yyyy-mm-dd`, the Stockholm calendar day of a time with an offset. Raises ValueError."""
    if len(text) == len("2026-01-31"):
        return date.fromisoformat(text).isoformat()
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is None else moment.astimezone(STOCKHOLM)).date().isoformat()


def show_moment(text: str) -> str:
    """Stored UTC text in Stockholm time, with microseconds and offset."""
    return datetime.fromisoformat(text).astimezone(STOCKHOLM).isoformat(timespec="microseconds")


@lru_cache(maxsize=4096)
def show_date(text: str) -> str:
    """A stored day as midnight in Stockholm, with that day's offset."""
    return datetime.combine(date.fromisoformat(text), time(), STOCKHOLM).isoformat()
