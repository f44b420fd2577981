"""The options of commands on invoices: their schemas, and what they mean once they were checked against these."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integration.billecta.amounts import Amount
from integration.billecta.enums import DeliveryMethod
from integration.commands.options import KRONOR, ore_of
from integration.commands.table import Options
from integration.errors import GuardRefused

BY_HAND = DeliveryMethod.MANUALLY
LONGEST_COMMENT = 2000
LONGEST_TERMS = 365
DELIVERY_METHOD: dict[str, Any] = {
    "type": "string",
    "enum": [method.value for method in DeliveryMethod if method not in {BY_HAND, DeliveryMethod.UNKNOWN}],
    "title": gettext_noop("Delivery method (empty: Billecta's choice)"),
}
FEE: dict[str, Any] = {**KRONOR, "title": gettext_noop("Fee in kronor, for example 60.00")}
TERMS_DAYS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": LONGEST_TERMS, "title": gettext_noop("Days to pay")}
DUE_DATE: dict[str, Any] = {"type": "string", "format": "date", "title": gettext_noop("New due date (Stockholm)")}
COMMENT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_COMMENT, "title": gettext_noop("Comment")}
PUBLIC: dict[str, Any] = {"type": "boolean", "title": gettext_noop("Shown to the customer")}


def delivery_method(options: Options) -> DeliveryMethod | None:
    """How to send; None leaves it to Billecta."""
    return DeliveryMethod(options["delivery_method"]) if options.get("delivery_method") else None


def fee(options: Options, currency: str) -> Amount | None:
    """A fee that is given in kronor; None leaves it to Billecta, which is not the same as 0."""
    return Amount(currency, ore_of(options["fee"])) if options.get("fee") not in (None, "") else None


def due_date(options: Options) -> date:
    """The day (Stockholm) that an invoice shall be due on."""
    return date.fromisoformat(str(options["due_date"]))


def comment(options: Options) -> str:
    """The text without space around it; "" when there is none."""
    return str(options.get("comment") or "").strip()


def check_due_date(day: date, invoice_date: date | None) -> None:
    """Raise GuardRefused for a day on which nobody could pay in time: past already, or before the invoice itself."""
    if invoice_date is not None and day < invoice_date:
        reason = _("%(day)s is before the invoice date, %(invoice_date)s.") % {"day": day, "invoice_date": invoice_date}
    elif day < timezone.localdate():
        reason = _("%(day)s has passed already.") % {"day": day}
    else:
        return
    raise GuardRefused(reason=reason, remedy=_("Choose today or a later day."))
