"""The options of a command: their JSON Schema, and what is wrong with given ones, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from integration.commands.refusals import InvalidRequest
from integration.commands.table import Command
from integration.money import exact_decimal, has_parts_of_ore, kronor_to_ore
from integration.validations.formats import is_swish_number

KRONOR: dict[str, Any] = {"type": ["string", "number"], "format": "kronor"}
"""Schema of an option that holds an amount in kronor, with at most two decimals; nothing is an amount too."""

SOME_KRONOR: dict[str, Any] = {**KRONOR, "format": "some-kronor"}
"""The same where the amount must be more than nothing."""

CREDITOR = {"type": "string", "minLength": 1, "maxLength": 64, "title": "Creditor: Billecta public id or lime:<id>"}


MOST_KRONOR = 100_000_000
FORMATS = FormatChecker()


@FORMATS.checks("kronor", raises=ValueError)
def is_kronor(value: object) -> bool:
    """Whether a text or number is an amount in kronor: not negative, in whole öre. What is neither is left to `type`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return True
    amount = exact_decimal(value)
    return 0 <= amount < MOST_KRONOR and not has_parts_of_ore(amount)


@FORMATS.checks("some-kronor", raises=ValueError)
def is_some_kronor(value: object) -> bool:
    """The same, and more than nothing."""
    return is_kronor(value) and (not isinstance(value, str | int | float) or isinstance(value, bool) or exact_decimal(value) > 0)


def with_enum_names(command: Command, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with each value of an enum spelled as the schema spells it: names are compared without regard to case."""
    properties = command.options_schema.get("properties", {})
    return {name: _spelled(properties.get(name, {}).get("enum", ()), value) for name, value in options.items()}


def _spelled(names: Sequence[Any], value: Any) -> Any:
    return next((name for name in names if isinstance(name, str) and isinstance(value, str) and name.lower() == value.lower()), value)


def options_schema(command: Command) -> dict[str, Any]:
    """JSON Schema (2020-12) of everything that `options` may hold: the command's own options and `creditor`."""
    schema = dict(command.options_schema)
    schema["properties"] = {**schema.get("properties", {}), "creditor": CREDITOR}
    schema.setdefault("additionalProperties", False)
    return schema


def ore_of(kronor: str | float) -> int:
    """The öre of an option under `KRONOR`; a number from JSON goes by its shortest text, never by its binary value."""
    return kronor_to_ore(exact_decimal(kronor))


@FORMATS.checks("swedish-mobile")
def _is_swedish_mobile(value: object) -> bool:
    return not isinstance(value, str) or is_swish_number(value)


@FORMATS.checks("not-blank")
def _is_not_blank(value: object) -> bool:
    return not isinstance(value, str) or bool(value.strip())


def check_options(command: Command, options: Mapping[str, Any]) -> None:
    """Raises InvalidRequest that names each wrong option, its value and what to do about it."""
    validator = Draft202012Validator(options_schema(command), format_checker=FORMATS)
    fields: dict[str, list[str]] = {}
    for error in validator.iter_errors(dict(options)):
        for name, text in _described(error):
            fields.setdefault(name, []).append(text)
    if fields:
        raise InvalidRequest(fields)


def _described(error: ValidationError) -> list[tuple[str, str]]:
    wrong: Any = error.instance
    expected: Any = error.validator_value
    schema = error.schema
    path = "options" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    if error.validator == "required":
        missing = [name for name in expected if name not in wrong]
        return [(f"{path}.{name}", _("“%(name)s” is missing: the command needs it.") % {"name": name}) for name in missing]
    if error.validator == "additionalProperties":
        known = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
        unknown = [name for name in wrong if name not in known]
        text = _("“%(name)s” is not an option of this command, which takes: %(known)s.")
        return [(f"{path}.{name}", text % {"name": name, "known": ", ".join(known)}) for name in unknown]
    describe = _TEXTS.get(str(error.validator))
    return [(path, describe(wrong, expected) if describe else error.message)]


def _typed(value: Any, expected: Any) -> str:
    return _("%(value)s has the wrong type: use %(type)s.") % {"value": _shown(value), "type": expected}


def _one_of(value: Any, allowed: Any) -> str:
    return _("%(value)s is not allowed: use one of %(allowed)s.") % {"value": _shown(value), "allowed": ", ".join(map(str, allowed))}


def _formatted(value: Any, name: Any) -> str:
    if name == "date":
        return _("%(value)s is no date: write it as 2026-03-31.") % {"value": _shown(value)}
    if name == "kronor":
        return _("%(value)s is no amount in kronor: write it as 60 or 60.00.") % {"value": _shown(value)}
    if name == "some-kronor":
        return _("%(value)s is no amount: write kronor as 1250.50, more than 0 and with at most two decimals.") % {"value": _shown(value)}
    if name == "swedish-mobile":
        return _("%(value)s is no Swedish mobile number: write it with the country code and digits only, as 46701234567.") % {
            "value": _shown(value)
        }
    if name == "not-blank":
        return _("It is blank: write a text.")
    return _("%(value)s is not written as %(format)s.") % {"value": _shown(value), "format": name}


def _excluded(_value: Any, excluded: Any) -> str:
    return _("%(names)s cannot be combined: give one of them.") % {"names": ", ".join(excluded.get("required", ()))}


def _at_least(value: Any, limit: Any) -> str:
    return _("%(value)s is too small: use at least %(limit)s.") % {"value": _shown(value), "limit": limit}


def _above(value: Any, limit: Any) -> str:
    return _("%(value)s is too small: use more than %(limit)s.") % {"value": _shown(value), "limit": limit}


def _at_most(value: Any, limit: Any) -> str:
    return _("%(value)s is too large: use at most %(limit)s.") % {"value": _shown(value), "limit": limit}


def _long_enough(value: Any, limit: Any) -> str:
    return _("%(value)s is too short: use at least %(limit)s.") % {"value": _shown(value), "limit": limit}


def _short_enough(value: Any, limit: Any) -> str:
    return _("%(value)s is too long: use at most %(limit)s.") % {"value": _shown(value), "limit": limit}


_TEXTS: dict[str, Callable[[Any, Any], str]] = {
    "type": _typed,
    "enum": _one_of,
    "format": _formatted,
    "not": _excluded,
    "minimum": _at_least,
    "exclusiveMinimum": _above,
    "maximum": _at_most,
    "minLength": _long_enough,
    "minItems": _long_enough,
    "maxLength": _short_enough,
    "maxItems": _short_enough,
}


def _shown(value: Any) -> str:
    text = f"“{value}”" if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
