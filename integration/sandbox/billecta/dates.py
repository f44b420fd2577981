"""Billecta's dates: `yyyy-MM-dd HH:mm:ss+HH:mm` with Stockholm's offset on the way out, every known form on the way in."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
UNSET = "0001-01-01 00:00:00+00:00"
"""What a date that cannot be null shows while it is not set."""


def now() -> datetime:
    """This moment in Stockholm, in whole seconds as the wire has them."""
    return datetime.now(STOCKHOLM).replace(microsecond=0)


def wire_now() -> str:
    """This moment in the wire form."""
    return wire(now())


def wire_today() -> str:
    """Today's midnight in Stockholm in the wire form, which is what business dates look like."""
    return wire(now().replace(hour=0, minute=0, second=0))


def wire(moment: datetime) -> str:
    """The wire form of an aware time."""
    if moment.year == 1:
        return UNSET
    return moment.astimezone(STOCKHOLM).isoformat(sep=" ", timespec="seconds")


def parse(text: str) -> datetime:
    """A time from the wire: with space or T, with or without offset (then Stockholm's), or a date alone. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=STOCKHOLM) if moment.tzinfo is None else moment


def day(wire_date: str) -> date:
    """The Stockholm day of a date in the wire form."""
    return date.fromisoformat(wire_date[:10])


def days_later(wire_date: str, days: int) -> str:
    """The same local time so many days later, in the wire form: the offset follows summer time."""
    return wire(parse(wire_date).astimezone(STOCKHOLM) + timedelta(days=days))
