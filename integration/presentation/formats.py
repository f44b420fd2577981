"""How amounts, moments and ages are written for people: the Swedish way in either language, since the books are Swedish."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from integration.money import SEK, ore_to_kronor

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
ABSENT = "–"


def number(value: Decimal | int, decimals: int = 0) -> str:
    """`1 234,50`: spaces that do not break between thousands, a comma, a true minus sign."""
    text = f"{abs(value):,.{decimals}f}".replace(",", NO_BREAK_SPACE).replace(".", ",")
    return f"{MINUS}{text}" if value < 0 else text


def amount(ore: int | None, currency: str = SEK) -> str:
    """An amount in öre as kronor with its unit: `1 234,50 kr`, or `1 234,50 EUR`."""
    if ore is None:
        return ABSENT
    unit = "kr" if currency == SEK else currency
    return f"{number(ore_to_kronor(ore), 2)}{NO_BREAK_SPACE}{unit}"


def plain_decimal(value: Decimal | None) -> str:
    """A quantity or price in kronor with two decimals, or with more when it has more."""
    if value is None:
        return ABSENT
    exponent = value.normalize().as_tuple().exponent
    return number(value, max(2, -exponent) if isinstance(exponent, int) else 2)


def moment(at: datetime | None) -> str:
    """A UTC moment in Stockholm's time: `2026-11-23 14:05`."""
    return ABSENT if at is None else at.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def day(on: date | None) -> str:
    """A date: `2026-11-23`."""
    return ABSENT if on is None else on.isoformat()


def age(since: datetime | None, now: datetime | None = None) -> str:
    """How long ago a UTC moment was, in at most two units: `3 min`, `2 h 5 min`, `4 d`."""
    return ABSENT if since is None else span((now or timezone.now()) - since)


def span(length: timedelta) -> str:
    """A length of time in at most two units; less than a minute in seconds."""
    seconds = max(0, int(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 1:
        return _("%(count)s s") % {"count": seconds}
    if hours < 1:
        return _("%(count)s min") % {"count": minutes}
    if days < 1:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}
    if days < 7:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours % 24}
    return _("%(count)s d") % {"count": days}
