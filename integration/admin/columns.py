"""How each kind of model field is shown in lists and on pages: money, moments, dates, statuses, ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integration.errors import Text
from integration.presentation import badges, formats
from integration.presentation.marks import figure, ids, moment_html

Column = str | Callable[[Any], Any]

AMOUNT_LABELS: Mapping[str, Text] = {
    "amount_ore": _("amount"),
    "credited_ore": pgettext_lazy("amount", "credited"),
    "current_ore": _("left to pay"),
    "gross_ore": _("with VAT"),
    "interest_ore": _("interest"),
    "invoiced_ore": pgettext_lazy("amount", "invoiced"),
    "net_ore": _("net"),
    "paid_ore": pgettext_lazy("amount", "paid"),
    "rounding_ore": _("cent rounding"),
    "total_ore": _("total"),
    "unit_price": _("price"),
    "unit_price_ore": _("price"),
    "vat_ore": _("VAT"),
    "write_off_ore": pgettext_lazy("amount", "written off"),
}
"""What an amount is called where it is shown in kronor."""
FIGURES = ("attempts", "count", "duration_ms", "number", "total")


def shown(model: type[models.Model], *names: str) -> tuple[Column, ...]:
    """The columns of the named fields of `model`, in order, as people read them. Raises FieldDoesNotExist for any other name."""
    return tuple(_column(model._meta.get_field(name)) for name in names)  # noqa: SLF001


def paired(columns: Sequence[Column]) -> tuple[tuple[Column, ...], ...]:
    """The columns of a page two by two, so that each pair shares a line where there is room."""
    return tuple(tuple(columns[start : start + 2]) for start in range(0, len(columns), 2))


def _column(field: Any) -> Column:
    name = field.name
    if name.endswith("_ore"):
        return _made(field, f"{name}_figure", lambda row: figure(formats.amount(getattr(row, name), getattr(row, "currency", "SEK"))))
    if isinstance(field, models.DecimalField):
        return _made(field, f"{name}_figure", lambda row: figure(formats.plain_decimal(getattr(row, name))))
    if name in FIGURES:
        return _made(field, f"{name}_figure", lambda row: figure(_whole(getattr(row, name))))
    if isinstance(field, models.BooleanField):
        return _made(field, f"{name}_shown", lambda row: _("yes") if getattr(row, name) else _("no"))
    if isinstance(field, models.DateTimeField):
        return _made(field, f"{name}_shown", lambda row: moment_html(getattr(row, name)))
    if isinstance(field, models.DateField):
        return _made(field, f"{name}_shown", lambda row: formats.day(getattr(row, name)))
    choices = next((choices for choices in badges.LOOKS if list(choices.choices) == list(field.flatchoices)), None)
    if choices is not None:
        return _made(field, f"{name}_shown", lambda row: badges.status_badge(choices, getattr(row, name)))
    if name in {"lime_id", "billecta_id", "entity_id", "ocr", "invoice_number", "creditor_id"}:
        return _made(field, f"{name}_shown", lambda row: ids(getattr(row, name)))
    return name


def _whole(value: int | None) -> str:
    return formats.ABSENT if value is None else formats.number(value)


def _made(field: models.Field[Any, Any], name: str, show: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def column(row: Any) -> Any:
        return show(row)

    column.__name__ = column.__qualname__ = name
    return admin.display(description=AMOUNT_LABELS.get(field.name, field.verbose_name), ordering=field.name)(column)
