"""Calls that act on a sent invoice: credit, payment, reminder, pause, dispute, debt collection, Swish. Most of the paths are assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from integration.billecta.amounts import Amount
from integration.billecta.calls import BillectaCalls, Payload
from integration.billecta.dates import day_in_query, day_to_wire
from integration.billecta.enums import CommentTarget, DeliveryMethod, OvershootHandling
from integration.billecta.payment_views import DebtCollectionCase, SwishPayment
from integration.billecta.wire import Created


@dataclass(frozen=True, kw_only=True)
class PaymentRegistration:
    """A payment, a write-off or both, to be registered by hand (RegisterPaymentView)."""

    paid_on: date
    amount: Amount | None = None
    write_off: Amount | None = None
    payment_mean: str = ""
    overshoot: OvershootHandling = OvershootHandling.NONE
    comment: str = ""

    def to_wire(self, action: str) -> dict[str, Any]:
        """The view for one invoice; what is not given is left out."""
        given: dict[str, Any] = {
            "Amount": self.amount.to_wire() if self.amount else None,
            "WriteOff": self.write_off.to_wire() if self.write_off else None,
            "PaymentMeanCode": self.payment_mean or None,
            "Comment": self.comment or None,
        }
        view = {"ActionPublicId": action, "Date": day_to_wire(self.paid_on), "OvershootingAmountHandling": self.overshoot.value}
        return view | _given(given)


class DunningCalls(BillectaCalls):
    """What is done with an invoice after attest. Calls that the endpoint table gives the effect `write` may raise OutcomeUnknown."""

    def credit(self, action: str, amount: Amount | None = None, comment: str = "") -> None:
        """Credits an amount, or all that is left. `POST /v1/invoice/credit`, assumed (CreditActionView)."""
        view = {"ActionPublicId": action} | _given({"Value": amount.to_wire() if amount else None, "Comment": comment or None})
        self._do("credit", view, what=f"Invoice {action}", action=action)

    def register_payment(self, action: str, payment: PaymentRegistration) -> None:
        """Registers a payment or write-off made elsewhere. `POST /v1/invoice/payment`, assumed (RegisterPaymentView)."""
        self._do("register_payment", payment.to_wire(action), what=f"Invoice {action}", action=action)

    def remind(
        self, action: str, *, delivery_method: DeliveryMethod | None = None, fee: Amount | None = None, terms_days: int | None = None
    ) -> None:
        """Sends a reminder. `POST /v1/invoice/sendreminder`, assumed (SendReminderInvoiceView)."""
        view = reminder_view(action, delivery_method=delivery_method, fee=fee, terms_days=terms_days)
        self._do("remind", view, what=f"Invoice {action}", action=action)

    def resend(self, action: str, delivery_method: DeliveryMethod | None = None) -> None:
        """Sends the invoice again. `PUT /v1/invoice/resend/{action}`, assumed, as is its query `deliverymethod`."""
        params = {"deliverymethod": delivery_method.value} if delivery_method else {}
        self._do("resend", params=params, what=f"Invoice {action}", action=action)

    def postpone(self, action: str, due_date: date) -> None:
        """Moves the due date. `PUT /v1/invoice/postpone/{action}`, assumed, as is its query `duedate`."""
        self._do("postpone", params={"duedate": day_in_query(due_date)}, what=f"Invoice {action}", action=action)

    def pause(self, action: str) -> None:
        """Stops what would happen by itself. `PUT /v1/invoice/pause/{action}`, assumed."""
        self._do("pause", what=f"Invoice {action}", action=action)

    def resume(self, action: str) -> None:
        """Ends a pause. `PUT /v1/invoice/resume/{action}`, assumed."""
        self._do("resume", what=f"Invoice {action}", action=action)

    def dispute(self, action: str) -> None:
        """Marks as disputed. `PUT /v1/invoice/dispute/{action}`, assumed; a reason goes in a comment of its own."""
        self._do("dispute", what=f"Invoice {action}", action=action)

    def undispute(self, action: str) -> None:
        """Ends a dispute. `DELETE /v1/invoice/dispute/{action}`, assumed."""
        self._do("undispute", what=f"Invoice {action}", action=action)

    def comment(self, action: str, text: str, target: CommentTarget = CommentTarget.PRIVATE) -> None:
        """Adds a comment for whoever `target` says. `POST /v1/invoice/comment`, assumed (CommentActionView)."""
        self._do("comment", comment_view(action, text, target), what=f"Invoice {action}", action=action)

    def debt_collection_from_invoice(self, action: str, payload: Payload) -> str:
        """Sends an invoice to debt collection; returns the case's action id. `POST /v1/debtcollection/frominvoice`, assumed.

        `payload` is a DebtCollectionFromInvoiceEntryView without SourcePublicId.
        """
        view = {**payload, "SourcePublicId": action}
        return self._create("debt_collection_from_invoice", view, what=f"Invoice {action}", action=action)

    def get_debt_collection(self, action: str) -> DebtCollectionCase:
        """One debt-collection case. `GET /v1/debtcollection/action/{action}`, documented. Raises RemoteNotFound."""
        return self._ask("get_debt_collection", DebtCollectionCase.from_wire, what=f"Debt collection {action}", action=action)

    def pause_debt_collection(self, action: str) -> None:
        """Stops what would happen to a case by itself. `PUT /v1/debtcollection/pause/{action}`, assumed."""
        self._do("pause_debt_collection", what=f"Debt collection {action}", action=action)

    def resume_debt_collection(self, action: str) -> None:
        """Ends the pause of a case. `PUT /v1/debtcollection/resume/{action}`, assumed."""
        self._do("resume_debt_collection", what=f"Debt collection {action}", action=action)

    def withdraw_debt_collection(self, action: str) -> None:
        """Closes a case without money. `PUT /v1/debtcollection/cancel/{action}`, assumed; a reason goes in a comment on the invoice."""
        self._do("withdraw_debt_collection", what=f"Debt collection {action}", action=action)

    def swish_create(self, action: str, phone: str, message: str) -> str:
        """Asks a phone for payment; returns the request's id. `POST /v1/invoice/swish/{action}`, assumed, as are `phone` and `message`."""
        params = {"phone": phone, "message": message}
        return self._ask("swish_create", Created.from_wire, params=params, what=f"Invoice {action}", action=action).public_id

    def swish_status(self, request: str) -> SwishPayment:
        """What became of a request. `GET /v1/invoice/swish/{request}`, assumed. Raises RemoteNotFound."""
        return self._ask("swish_status", SwishPayment.from_wire, what=f"Swish request {request}", request=request)


def reminder_view(
    action: str, *, delivery_method: DeliveryMethod | None = None, fee: Amount | None = None, terms_days: int | None = None
) -> dict[str, Any]:
    """A SendReminderInvoiceView; what is not given is left out, which leaves it to Billecta."""
    given = {
        "DeliveryMethod": delivery_method.value if delivery_method else None,
        "ReminderFee": fee.to_wire() if fee else None,
        "PaymentTermsInDays": terms_days,
    }
    return {"InvoiceActionPublicId": action} | _given(given)


def comment_view(action: str, text: str, target: CommentTarget) -> dict[str, Any]:
    """A CommentActionView."""
    return {"ActionPublicId": action, "Comment": text, "Target": target.value}


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
