"""What Billecta shows after a lost answer tells whether a payment was registered or matched, or tells nothing."""

from __future__ import annotations

from typing import Any

import pytest

from integration.billecta.payment_views import IncomingPayment, UnhandledPayment
from integration.billecta.wire import InvoiceAction
from integration.commands import payment_matching, payment_registration

REGISTERED = {
    "paid": 100_00,
    "write_off": 10_00,
    "left": 500_00,
    "paid_before": 50_00,
    "written_off_before": 5_00,
    "date": "2026-03-31",
    "mean": "",
    "listed": ["old"],
}


def amount(ore: int) -> dict[str, Any]:
    return {"CurrencyCode": "SEK", "Value": ore}


def invoice(paid: int, written_off: int = 5_00) -> InvoiceAction:
    return InvoiceAction.from_wire(
        {
            "ActionPublicId": "1",
            "CreditorPublicId": "c",
            "State": {"Stage": "InvoiceSent"},
            "PaidAmount": amount(paid),
            "WriteOffAmount": amount(written_off),
        }
    )


def payment(name: str, ore: int, day: str = "2026-03-31", mean: str = "BG") -> IncomingPayment:
    return IncomingPayment.from_wire(
        {
            "PaymentReferenceId": name,
            "CreditorPublicId": "c",
            "ActionPublicId": "1",
            "Amount": amount(ore),
            "PaymentDate": f"{day} 00:00:00+02:00",
            "PaymentMeanCode": mean,
        }
    )


OLD = payment("old", 50_00)


@pytest.mark.parametrize(
    ("changed", "view", "listed", "told"),
    [
        ({}, invoice(150_00, 15_00), [OLD, payment("new", 100_00)], True),
        ({}, invoice(50_00), [OLD], False),
        ({}, invoice(150_00), [OLD, payment("new", 100_00)], None),
        ({}, invoice(50_00, 15_00), [OLD], None),
        ({}, invoice(150_00, 15_00), [OLD], None),
        ({}, invoice(150_00, 15_00), [OLD, payment("new", 100_00, "2026-03-30")], None),
        ({}, invoice(149_99, 15_00), [OLD, payment("new", 99_99)], None),
        ({}, invoice(180_00, 15_00), [OLD, payment("new", 100_00), payment("bank", 30_00)], True),
        ({}, invoice(150_00), [OLD], None),
        ({"mean": "kontant"}, invoice(150_00, 15_00), [OLD, payment("new", 100_00, mean="KONTANT")], True),
        ({"mean": "KONTANT"}, invoice(150_00, 15_00), [OLD, payment("bank", 100_00)], None),
        ({"paid": 900_00, "write_off": 0}, invoice(550_00), [OLD, payment("new", 500_00)], True),
        ({"paid": 0}, invoice(50_00, 15_00), [OLD], True),
        ({"paid": 0}, invoice(80_00), [OLD, payment("bank", 30_00)], None),
        ({"paid": 0}, invoice(80_00, 15_00), [OLD, payment("bank", 30_00)], True),
        ({"paid": 50_00}, invoice(50_00, 15_00), [OLD], None),
    ],
)
def test_a_registration(changed, view, listed, told):
    assert payment_registration.has_happened({**REGISTERED, **changed}, view, listed) is told


MATCHED = {"amount": 100_00, "used": 60_00, "paid_before": 50_00, "listed": ["old"]}


def unhandled(ore: int) -> UnhandledPayment:
    kind = {"UnhandledPaymentType": "UnmatchedPayment", "State": "Unhandled"}
    return UnhandledPayment.from_wire({"UnhandledPaymentPublicId": "u", "CreditorPublicId": "c", "Amount": amount(ore), **kind})


@pytest.mark.parametrize(
    ("used", "left_over", "paid", "listed", "told"),
    [
        (60_00, unhandled(40_00), 110_00, [OLD, payment("new", 60_00)], True),
        (100_00, None, 150_00, [OLD, payment("new", 100_00)], True),
        (60_00, unhandled(100_00), 50_00, [OLD], False),
        (60_00, unhandled(100_00), 110_00, [OLD, payment("bank", 60_00)], None),
        (60_00, unhandled(100_00), 110_00, [OLD], None),
        (100_00, None, 50_00, [OLD], None),
        (60_00, unhandled(40_00), 50_00, [OLD], None),
        (60_00, None, 110_00, [OLD, payment("new", 60_00)], None),
    ],
)
def test_a_match(used, left_over, paid, listed, told):
    assert payment_matching.has_happened({**MATCHED, "used": used}, left_over, invoice(paid), listed) is told
