"""How a value travels between Lime's JSON and Python: options as keys, dates as Stockholm's, numbers as Decimal, text never null."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from integration.lime.schema import EMPTY_KEY, LimeProperty, PropertyType

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LimeValue = str | int | Decimal | bool | date | datetime | tuple[str, ...] | None


def text_value(raw: Any) -> str:
    """A text; null is ""."""
    return "" if raw is None else str(raw)


def option_key(raw: Any) -> str | None:
    """The key of an option, from the object of the object API or the key of the query API; None when it is not set.

    Not set is the key `empty`, no key, or, where a solution gave that choice no key, an id without text.
    """
    if isinstance(raw, Mapping):
        key = text_value(raw.get("key"))
        return None if not raw.get("text") and (key.isdigit() or not key) else option_key(key)
    key = text_value(raw).strip()
    return None if not key or key.lower() == EMPTY_KEY else key


def option_keys(raw: Any) -> tuple[str, ...]:
    """The keys of a set, from a list or from text separated by semicolons."""
    items = raw.split(";") if isinstance(raw, str) else raw or ()
    return tuple(key for key in (option_key(item) for item in items) if key is not None)


def integer_value(raw: Any) -> int | None:
    """A whole number; None when it is not set. Raises ValueError."""
    number = decimal_value(raw)
    if number is not None and number != number.to_integral_value():
        raise ValueError(f"{raw!r} is not a whole number")
    return None if number is None else int(number)


def decimal_value(raw: Any) -> Decimal | None:
    """A number without float's noise; None when it is not set. Raises ValueError."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise ValueError(f"{raw!r} is not a number")  # noqa: TRY004
    try:
        number = Decimal(str(raw))
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{raw!r} is not a number")
    return number


def moment_value(raw: Any) -> datetime | None:
    """A moment in UTC, from ISO 8601; without offset it is Stockholm's clock. None when it is not set. Raises ValueError."""
    if not raw:
        return None
    moment = datetime.fromisoformat(str(raw))
    return (moment.replace(tzinfo=STOCKHOLM) if moment.tzinfo is None else moment).astimezone(UTC)


def date_value(raw: Any) -> date | None:
    """A date: Stockholm's at the moment that Lime writes, midnight by its own clock. None when it is not set. Raises ValueError."""
    moment = moment_value(raw)
    return None if moment is None else moment.astimezone(STOCKHOLM).date()


def boolean_value(raw: Any) -> bool:
    """Yes or no; null is no."""
    return raw is True or raw == 1 or (isinstance(raw, str) and raw.strip().lower() in {"1", "true"})


def relation_id(raw: Any) -> int | None:
    """The id of a related object, inline or as a nested object with `_id`; None when there is none. Raises ValueError."""
    return integer_value(raw.get("_id") if isinstance(raw, Mapping) else raw)


_READERS: Mapping[PropertyType, Callable[[Any], LimeValue]] = {
    PropertyType.INTEGER: integer_value,
    PropertyType.YEAR: integer_value,
    PropertyType.DECIMAL: decimal_value,
    PropertyType.PERCENT: decimal_value,
    PropertyType.DATE: date_value,
    PropertyType.QUARTER: date_value,
    PropertyType.MONTH: date_value,
    PropertyType.TIME: moment_value,
    PropertyType.YESNO: boolean_value,
    PropertyType.OPTION: option_key,
    PropertyType.SET: option_keys,
    PropertyType.BELONGS_TO: relation_id,
    PropertyType.USER: relation_id,
    PropertyType.FILE: relation_id,
}


def read_value(raw: Any, field: LimeProperty) -> LimeValue:
    """A property's value as Python's, after its type: option → key, date → date, time → UTC, number → int or Decimal, else text.

    An option whose choice has no text is not set, which is how a solution without the key `empty` shows it. A percent is Lime's
    own fraction (0.25). Raises ValueError for a value that is not of the type.
    """
    value = _READERS.get(field.type, text_value)(raw)
    if field.type is PropertyType.OPTION and isinstance(value, str):
        option = field.option(value)
        return None if option is not None and not option.text else value
    return value


def write_value(value: LimeValue, field: LimeProperty) -> Any:
    """The JSON that sets a property.

    Text None is "" (Lime refuses null); an unset option is its `empty` key where the solution has one, else null. Option keys are
    spelled as the solution spells them. Dates are ISO, moments ISO with Stockholm's offset, Decimal stays one until it is sent.
    """
    if field.type is PropertyType.OPTION:
        return _written_option(value, field)
    if value is None:
        return "" if field.type.is_textual else None
    if isinstance(value, datetime):
        return _written_moment(value, field)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return str(value) if field.type.is_textual and not isinstance(value, str) else value


def _written_option(value: LimeValue, field: LimeProperty) -> str | None:
    option = field.option(EMPTY_KEY if value in (None, "") else str(value))
    if option is not None:
        return option.key
    return None if value in (None, "") else str(value)


def _written_moment(value: datetime, field: LimeProperty) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment without offset cannot be written")
    local = value.astimezone(STOCKHOLM)
    return local.isoformat(timespec="seconds") if field.type is PropertyType.TIME else local.date().isoformat()
