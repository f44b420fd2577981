"""What is asked of debt collection: given options, then what the invoice says, then what is usual."""

from __future__ import annotations

from typing import Any

import pytest

from integration.billecta import wire
from integration.commands.debt_collection_entry import entry
from integration.errors import GuardRefused
from tests.billecta.files import payload

AGREED = {
    "SendToDebtCollection": True,
    "StartDebtCollectionActionLevel": "Reminders",
    "EndDebtCollectionActionLevel": "Bailiff",
    "NumberOfReminders": 2,
    "PaymentTermsInDays": 8,
    "Eviction": True,
    "InformSocialWelfare": True,
}
NAMES = ("StartDebtCollectionActionLevel", "EndDebtCollectionActionLevel", "NumberOfReminders", "PaymentTermsInDays", "Eviction")


def asked(options: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    return entry(wire.InvoiceAction.from_wire(payload("InvoiceActionView__sent") | changed), options or {})


def test_what_is_usual_is_a_claim_and_no_more():
    assert [asked()[name] for name in NAMES] == ["DebtCollection", "DebtCollection", 0, 10, False]


def test_what_was_agreed_on_the_invoice_is_kept():
    shown = asked(DebtCollectionDetails=AGREED)
    assert [shown[name] for name in NAMES] == ["Reminders", "Bailiff", 2, 8, True]
    assert shown["InformSocialWelfare"] is True


def test_details_that_ask_for_no_debt_collection_say_nothing_of_how():
    shown = asked(DebtCollectionDetails={**AGREED, "SendToDebtCollection": False})
    assert [shown[name] for name in NAMES] == ["DebtCollection", "DebtCollection", 0, 10, False]


def test_options_come_before_what_was_agreed():
    given = {"start_level": "debtcollection", "end_level": "DEBTCOLLECTION", "reminders": 0, "terms_days": 20, "eviction": False}
    assert [asked(given, DebtCollectionDetails=AGREED)[name] for name in NAMES] == ["DebtCollection", "DebtCollection", 0, 20, False]


@pytest.mark.parametrize(("start", "end"), [("LatePaymentFee", "DebtCollection"), ("Bailiff", "Bailiff")])
def test_a_first_step_alone_ends_with_the_claim_or_where_it_starts(start, end):
    shown = asked({"start_level": start})
    assert (shown["StartDebtCollectionActionLevel"], shown["EndDebtCollectionActionLevel"]) == (start, end)


@pytest.mark.parametrize(("method", "sent"), [("Manually", "Mail"), ("Unknown", "Mail"), ("Pigeon", "Mail"), ("Kivra", "Kivra")])
def test_a_claim_reaches_the_customer_as_the_invoice_did_or_by_mail(method, sent):
    assert asked(DeliveryMethod=method)["DeliveryMethod"] == sent


def test_the_invoices_interest_goes_along():
    shown = asked(InterestPercentage=8.5, InterestType="Fixed", InterestStartInDaysAfterDueDate=3, ReasonForHigherInterest="Avtal")
    names = ("InterestPercentage", "InterestType", "InterestStartInDaysAfterDueDate", "ReasonForHigherInterest")
    assert [shown[name] for name in names] == [8.5, "Fixed", 3, "Avtal"]
    assert "InterestType" not in asked(InterestType=None)


def test_interest_on_an_invoice_without_any_needs_a_type():
    with pytest.raises(GuardRefused):
        asked({"interest": 8}, InterestType="NoInterest")
    shown = asked({"interest": 8, "interest_type": "Fixed"}, InterestType="NoInterest")
    assert (shown["InterestPercentage"], shown["InterestType"]) == (8, "Fixed")
    assert asked({"interest": 0}, InterestType="NoInterest")["InterestPercentage"] == 0


def test_levels_in_the_wrong_order_are_refused():
    with pytest.raises(GuardRefused) as refused:
        asked({"start_level": "Bailiff", "end_level": "Reminders"})
    assert "Bailiff" in refused.value.message
