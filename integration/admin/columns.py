"""How each kind of model field is shown in lists and on pages: money, moments, dates, statuses, ids.

A column is named like a method of the page's class; `PortalAdmin` and `ReadOnlyRows` find it here by model and name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integration.presentation import badges, formats
from integration.presentation.marks import figure, ids, moment_html

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AMOUNT_LABELS: Mapping[str, StrOrPromise] = {
    "amount_ore": _("amount"),
    "credited_ore": pgettext_lazy("amount", "credited"),
    "current_ore": _("left to pay"),
    "debt_ore": _("debt"),
    "fee_ore": _("fees"),
    "gross_ore": _("with VAT"),
    "interest_ore": _("interest"),
    "invoiced_ore": pgettext_lazy("amount", "invoiced"),
    "net_ore": _("net"),
    "original_ore": _("original debt"),
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
IDS = ("billecta_id", "creditor_id", "entity_id", "invoice_number", "lime_id", "ocr")
Show = Callable[[Any], Any]
made: dict[tuple[type[models.Model], str], Show] = {}
"""Every column by its model and name."""


def shown(model: type[models.Model], *names: str) -> tuple[str, ...]:
    """The columns of the named fields of `model`, in order, as people read them. Raises FieldDoesNotExist for any other name."""
    return tuple(_column(model, name) for name in names)


def paired(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The columns of a page two by two, so that each pair shares a line where there is room."""
    return tuple(tuple(names[start : start + 2]) for start in range(0, len(names), 2))


def define(model: type[models.Model], field: str, kind: str, show: Show) -> str:
    """Make the column `<field>_<kind>` of `model`, which shows what `show` makes of a row; returns its name."""

    def column(row: Any) -> Any:
        return show(row)

    label = AMOUNT_LABELS.get(field) or model._meta.get_field(field).verbose_name  # type: ignore[union-attr]  # noqa: SLF001
    made[model, f"{field}_{kind}"] = admin.display(description=label, ordering=field)(column)
    return f"{field}_{kind}"


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)  # noqa: SLF001
    if name.endswith("_ore"):
        return define(model, name, "figure", lambda row: figure(formats.amount(getattr(row, name), getattr(row, "currency", "SEK"))))
    if isinstance(field, models.DecimalField):
        return define(model, name, "figure", lambda row: figure(formats.plain_decimal(getattr(row, name))))
    if name in FIGURES:
        return define(model, name, "figure", lambda row: figure(_whole(getattr(row, name))))
    if isinstance(field, models.BooleanField):
        return define(model, name, "shown", lambda row: _("yes") if getattr(row, name) else _("no"))
    if isinstance(field, models.DateTimeField):
        return define(model, name, "shown", lambda row: moment_html(getattr(row, name)))
    if isinstance(field, models.DateField):
        return define(model, name, "shown", lambda row: formats.day(getattr(row, name)))
    return _text_column(model, name, list(getattr(field, "flatchoices", None) or ()))


def _text_column(model: type[models.Model], name: str, values: list[tuple[Any, Any]]) -> str:
    choices = next((choices for choices in badges.LOOKS if list(choices.choices) == values), None)
    if choices is not None:
        return define(model, name, "shown", lambda row: badges.status_badge(choices, getattr(row, name)))
    if name in IDS:
        return define(model, name, "shown", lambda row: ids(getattr(row, name)))
    return name


def _whole(value: int | None) -> str:
    return formats.ABSENT if value is None else formats.number(value)
