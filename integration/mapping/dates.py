"""Dates and times on Billecta's wire: `yyyy-MM-dd HH:mm:ss+HH:mm` in Stockholm time, with the `0001-01-01` that means "not set".

Source: section 3 of Billecta's public clients' traffic; that a business date is midnight in Stockholm is assumed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_FRACTION = re.compile(r"\.(\d+)")
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


def wire_time(moment: datetime) -> str:
    """Billecta's text of a moment; it must be aware. The offset is Stockholm's on that day."""
    return moment.astimezone(STOCKHOLM).isoformat(sep=" ", timespec="seconds")


def wire_date(day: date) -> str:
    """Billecta's text of a business date: midnight in Stockholm with that day's offset."""
    return wire_time(datetime.combine(day, time(), tzinfo=STOCKHOLM))


def looks_like_time(text: str) -> bool:
    """Whether a text is written as an ISO date or time, with a space or `T` between."""
    return _TIMESTAMP.fullmatch(text) is not None


def parse_time(text: str) -> datetime | None:
    """The moment (UTC) of a text from Billecta or Lime; one without offset is Stockholm time; year 1 is None ("not set").

    Raises ValueError when the text is neither a date nor a time.
    """
    compact = text.strip()
    if not looks_like_time(compact):
        raise ValueError(f"not a date or time: {text!r}")
    moment = datetime.fromisoformat(_FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", compact))
    if moment.year == 1:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=STOCKHOLM)
    return moment.astimezone(UTC)


def stockholm_date(moment: datetime) -> date:
    """The business date that a moment falls on; a naive moment is Stockholm time already."""
    return moment.astimezone(STOCKHOLM).date() if moment.tzinfo else moment.date()


def stockholm_midnight(day: date) -> datetime:
    """The moment (UTC) at which a business date begins."""
    return datetime.combine(day, time(), tzinfo=STOCKHOLM).astimezone(UTC)
