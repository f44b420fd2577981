"""Calls about money that came in (reference section 4: payments)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from integration.billecta.calls import BillectaCalls
from integration.billecta.dates import STOCKHOLM, day_to_wire, moment_to_wire
from integration.billecta.payment_views import IncomingPayment, PaymentMatchResult, UnhandledPayment
from integration.billecta.reading import read_list

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class PaymentMatch:
    """An unhandled payment and the invoice that it shall pay; without a day, the payment's own."""

    unhandled_payment_id: str
    action_id: str
    payment_date: date | None = None

    def to_wire(self) -> dict[str, Any]:
        """A PaymentMatchView."""
        view = {"UnhandledPaymentPublicId": self.unhandled_payment_id, "ActionPublicId": self.action_id}
        return view | ({"PaymentDate": day_to_wire(self.payment_date)} if self.payment_date else {})


class PaymentCalls(BillectaCalls):
    """Payments on invoices, and money that is on none."""

    def incoming_payments(self, creditor: str, first: date, last: date, actions: Sequence[str] = ()) -> list[IncomingPayment]:
        """Payments matched to invoices on the Stockholm days from `first` to `last`, of some invoices or all.

        `PUT /v1/payments/incomingpayments`, documented: a PUT used as a query.
        """
        view: dict[str, Any] = {
            "CreditorPublicId": creditor,
            "From": day_to_wire(first),
            "To": moment_to_wire(datetime.combine(last, END_OF_DAY, STOCKHOLM)),
        }
        if actions:
            view["ActionPublicIdFilter"] = list(actions)
        return self._post(
            "incoming_payments", lambda data: read_list(IncomingPayment, data), view, what=f"Creditor {creditor}", creditor=creditor
        )

    def unhandled_payments(self, creditor: str) -> list[UnhandledPayment]:
        """Money that is on no invoice. `GET /v1/payments/unhandledpayments/{creditor}`, assumed."""
        return self._list("unhandled_payments", UnhandledPayment, what=f"Creditor {creditor}", creditor=creditor)

    def match_payments(self, creditor: str, matches: Sequence[PaymentMatch]) -> list[PaymentMatchResult]:
        """Puts unhandled payments on invoices; each result says whether it succeeded.

        `POST /v1/payments/matchpayments/{creditor}`, documented. Raises OutcomeUnknown.
        """
        views = [match.to_wire() for match in matches]
        return self._post(
            "match_payments", lambda data: read_list(PaymentMatchResult, data), views, what=f"Creditor {creditor}", creditor=creditor
        )
