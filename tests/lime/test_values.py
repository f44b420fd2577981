"""Values from and to Lime, after what each property is."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.lime.schema import LimeOption, LimeProperty, PropertyType
from integration.lime.values import LimeValue, option_keys, read_value, write_value

STATUS = (LimeOption("empty", ""), LimeOption("Unpaid", "Obetald"), LimeOption("25", "25 %"))
KEYLESS = (LimeOption("210301", ""), LimeOption("paid", "Betald"))


def field(kind: PropertyType, options: tuple[LimeOption, ...] = ()) -> LimeProperty:
    return LimeProperty("x", "X", kind, options=options)


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        (None, PropertyType.STRING, ""),
        ("", PropertyType.TEXT, ""),
        (1250.1, PropertyType.DECIMAL, Decimal("1250.1")),
        (0.25, PropertyType.PERCENT, Decimal("0.25")),
        ("", PropertyType.DECIMAL, None),
        (3.0, PropertyType.INTEGER, 3),
        (None, PropertyType.INTEGER, None),
        ("2026-03-31T00:00:00+02:00", PropertyType.DATE, date(2026, 3, 31)),
        ("2026-03-30T22:00:00+00:00", PropertyType.DATE, date(2026, 3, 31)),
        ("2026-03-31", PropertyType.DATE, date(2026, 3, 31)),
        (None, PropertyType.DATE, None),
        ("2026-03-01T09:15:22.507000+01:00", PropertyType.TIME, datetime(2026, 3, 1, 8, 15, 22, 507000, UTC)),
        (1, PropertyType.YESNO, True),
        (None, PropertyType.YESNO, False),
        (1017, PropertyType.BELONGS_TO, 1017),
        ({"_id": 1017, "name": "x"}, PropertyType.BELONGS_TO, 1017),
        (None, PropertyType.BELONGS_TO, None),
        ([{"key": "a", "text": "A"}, {"key": "b", "text": "B"}], PropertyType.SET, ("a", "b")),
        ("x", PropertyType.UNKNOWN, "x"),
    ],
)
def test_values_are_read_after_their_type(raw: Any, kind: PropertyType, value: LimeValue):
    assert read_value(raw, field(kind)) == value


@pytest.mark.parametrize(
    ("raw", "options", "key"),
    [
        ({"id": 2, "key": "Unpaid", "text": "Obetald"}, STATUS, "Unpaid"),
        ("Unpaid", STATUS, "Unpaid"),
        ({"id": 9, "key": "25", "text": "25 %"}, STATUS, "25"),
        ("25", STATUS, "25"),
        ({"id": 1, "key": "empty", "text": ""}, STATUS, None),
        ("empty", STATUS, None),
        ("", STATUS, None),
        (None, STATUS, None),
        ({"id": 210301, "key": "210301", "text": ""}, KEYLESS, None),
        ({"id": 210301, "key": None, "text": ""}, KEYLESS, None),
        ("210301", KEYLESS, None),
    ],
)
def test_options_are_keys_from_both_apis(raw: object, options: tuple[LimeOption, ...], key: str | None):
    assert read_value(raw, field(PropertyType.OPTION, options)) == key


def test_a_set_may_be_text():
    assert option_keys("a; b;empty;") == ("a", "b")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("x", PropertyType.DECIMAL),
        (True, PropertyType.DECIMAL),
        ("Infinity", PropertyType.DECIMAL),
        (1.5, PropertyType.INTEGER),
        ("31/3", PropertyType.DATE),
    ],
)
def test_what_is_not_of_the_type_is_refused(raw: object, kind: PropertyType):
    with pytest.raises(ValueError):
        read_value(raw, field(kind))


@pytest.mark.parametrize(
    ("value", "written_as", "wire"),
    [
        (None, field(PropertyType.STRING), ""),
        (None, field(PropertyType.DATE), None),
        (None, field(PropertyType.BELONGS_TO), None),
        (7, field(PropertyType.STRING), "7"),
        (date(2026, 3, 31), field(PropertyType.DATE), "2026-03-31"),
        (datetime(2026, 3, 30, 22, 30, tzinfo=UTC), field(PropertyType.DATE), "2026-03-31"),
        (datetime(2026, 3, 30, 22, 30, tzinfo=UTC), field(PropertyType.TIME), "2026-03-31T00:30:00+02:00"),
        (Decimal("1250.10"), field(PropertyType.DECIMAL), Decimal("1250.10")),
        (True, field(PropertyType.YESNO), True),
        ("unpaid", field(PropertyType.OPTION, STATUS), "Unpaid"),
        ("new", field(PropertyType.OPTION, STATUS), "new"),
        (None, field(PropertyType.OPTION, STATUS), "empty"),
        (None, field(PropertyType.OPTION, KEYLESS), None),
        (("a", "b"), field(PropertyType.SET), ["a", "b"]),
    ],
)
def test_values_are_written_after_their_type(value: LimeValue, written_as: LimeProperty, wire: object):
    assert write_value(value, written_as) == wire


def test_a_moment_without_offset_is_not_written():
    with pytest.raises(ValueError, match="offset"):
        write_value(datetime(2026, 1, 1), field(PropertyType.TIME))  # noqa: DTZ001


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_dates_survive(day: date):
    assert read_value(write_value(day, field(PropertyType.DATE)), field(PropertyType.DATE)) == day


@given(st.integers(-2_000_000_000, 7_000_000_000))
def test_moments_survive(seconds: int):
    moment = datetime.fromtimestamp(seconds, UTC)
    assert read_value(write_value(moment, field(PropertyType.TIME)), field(PropertyType.TIME)) == moment


@given(st.decimals(-(10**9), 10**9, places=2))
def test_money_survives_limes_doubles(kronor: Decimal):
    on_the_wire = json.loads(json.dumps(float(write_value(kronor, field(PropertyType.DECIMAL)))))
    assert read_value(on_the_wire, field(PropertyType.DECIMAL)) == kronor
