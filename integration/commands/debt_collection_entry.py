"""What is asked of debt collection for one invoice: given options first, then what the invoice says, then what is usual."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integration.billecta import wire
from integration.billecta.enums import DebtCollectionLevel, DeliveryMethod, InterestType
from integration.billecta.payment_views import DebtCollectionDetails
from integration.commands.invoice_options import BY_HAND, LONGEST_COMMENT, TERMS_DAYS
from integration.commands.table import Options
from integration.errors import GuardRefused
from integration.money import exact_decimal, wire_number

USUAL_LEVEL = DebtCollectionLevel.DEBT_COLLECTION
USUAL_TERMS_DAYS = 10
LEVELS = [level.value for level in DebtCollectionLevel if level != DebtCollectionLevel.UNKNOWN]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "start_level": {"type": "string", "enum": LEVELS, "title": gettext_noop("First step")},
        "end_level": {"type": "string", "enum": LEVELS, "title": gettext_noop("Last step")},
        "reminders": {"type": "integer", "minimum": 0, "maximum": 10, "title": gettext_noop("Reminders before the claim")},
        "terms_days": TERMS_DAYS,
        "reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_COMMENT, "title": gettext_noop("What the debt is for")},
        "interest": {"type": "number", "minimum": 0, "maximum": 100, "title": gettext_noop("Interest (per cent a year)")},
        "interest_type": {
            "type": "string",
            "enum": [kind.value for kind in InterestType if kind != InterestType.UNKNOWN],
            "title": gettext_noop("How interest is reckoned"),
        },
        "eviction": {"type": "boolean", "title": gettext_noop("Ask for eviction")},
        "inform_social_welfare": {"type": "boolean", "title": gettext_noop("Tell the social welfare board")},
    },
}


def entry(view: wire.InvoiceAction, options: Options) -> dict[str, Any]:
    """A DebtCollectionFromInvoiceEntryView without SourcePublicId; what may be left out and is not known is left out."""
    agreed = view.debt_collection if view.debt_collection and view.debt_collection.is_wanted else None
    start, end = _levels(agreed, options)
    written = {
        "ReasonDescription": options.get("reason"),
        "OurReference": view.our_reference,
        "YourReference": view.your_reference,
        "ReasonForHigherInterest": view.reason_for_higher_interest,
    }
    return {
        "DeliveryMethod": _delivery_method(view).value,
        "CommunicationLanguage": view.language.value,
        "NumberOfReminders": options.get("reminders", agreed.reminders if agreed else 0),
        "StartDebtCollectionActionLevel": start.value,
        "EndDebtCollectionActionLevel": end.value,
        "PaymentTermsInDays": options.get("terms_days") or (agreed.terms_days if agreed else 0) or USUAL_TERMS_DAYS,
        "InterestStartInDaysAfterDueDate": view.interest_start_days,
        "Eviction": options.get("eviction", bool(agreed and agreed.eviction)),
        "InformSocialWelfare": options.get("inform_social_welfare", bool(agreed and agreed.inform_social_welfare)),
        **_interest(view, options),
        **{name: text for name, text in written.items() if text},
    }


def _levels(agreed: DebtCollectionDetails | None, options: Options) -> tuple[DebtCollectionLevel, DebtCollectionLevel]:
    """The first and the last step. By default a claim is sent and nothing goes on to the enforcement authority."""
    start = _level(options.get("start_level")) or (agreed.start_level if agreed else None) or USUAL_LEVEL
    end = _level(options.get("end_level")) or (agreed.end_level if agreed else None) or max(start, USUAL_LEVEL, key=_rank)
    if _rank(start) > _rank(end):
        raise GuardRefused(
            reason=_("Debt collection cannot start at %(start)s and end at %(end)s.") % {"start": start.value, "end": end.value},
            remedy=_("Choose a last step that does not come before the first one."),
        )
    return start, end


def _level(name: str | None) -> DebtCollectionLevel | None:
    return DebtCollectionLevel(name) if name else None


def _rank(level: DebtCollectionLevel) -> int:
    return -1 if level.number is None else level.number


def _delivery_method(view: wire.InvoiceAction) -> DeliveryMethod:
    """As the invoice was sent; by mail where that was done by hand or is not known."""
    by_hand = view.delivery_method == BY_HAND or not view.delivery_method.is_known or view.delivery_method == DeliveryMethod.UNKNOWN
    return DeliveryMethod.MAIL if by_hand else view.delivery_method


def _interest(view: wire.InvoiceAction, options: Options) -> dict[str, Any]:
    percent = exact_decimal(options["interest"]) if "interest" in options else view.interest_percent
    kind = InterestType(options["interest_type"]) if options.get("interest_type") else view.interest_type
    if options.get("interest") and kind == InterestType.NO_INTEREST:
        raise GuardRefused(
            reason=_("The invoice bears no interest, so %(percent)s %% would not be reckoned.") % {"percent": percent},
            remedy=_("Name an interest type, for example AboveEffectiveReference, or leave the interest out."),
        )
    is_told = kind.is_known and kind != InterestType.UNKNOWN
    return {"InterestPercentage": wire_number(percent), **({"InterestType": kind.value} if is_told else {})}
