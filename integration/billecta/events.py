"""Every event name that is known of Billecta's webhooks, and the view that its payload is of (reference section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOTHING = ""
ID = "id"
"""The payload is a bare public id."""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class KnownEvent:
    """An event: its name as Billecta spells it, the payload's view, the second payload's, and whether the payload was read or inferred."""

    name: str
    payload: str
    alternate: str = NOTHING
    documented: bool = True


_DOCUMENTED = {
    "InvoiceActionView": "InvoiceActionCreated InvoiceActionUpdated InvoiceActionAttested InvoiceActionPaid InvoiceActionStateChanged"
    " InvoiceActionViewed InvoiceActionOpened InvoiceActionReceived InvoiceSaleWasAccepted InvoiceSaleWasDenied",
    "InvoiceActionCommentedView": "InvoiceCommented",
    "IncomingPaymentView": "InvoicePaymentReceived AmountCreditedOnInvoice AmountWrittenOffOnInvoice",
    "ReconciliationInvoiceActionView": "ReconciliationInvoiceActionCreated",
    "InvoiceDeliveryStatusView": "UndeliveredInvoice",
    "OutgoingPaymentStatusView": "SelfInvoiceOutgoingPaymentSucceeded SupplierInvoiceOutgoingPaymentSucceeded OutgoingPaymentSucceeded",
}
_INFERRED = {
    "OutgoingPaymentStatusView": "SelfInvoiceOutgoingPaymentFailed SupplierInvoiceOutgoingPaymentFailed OutgoingPaymentFailed",
    "UnhandledPaymentView": "UnmatchedPayment Overpayment",
    "DebtorView": "DebtorCreated DebtorUpdated DebtorInformationCorrectionRequested",
    ID: "DebtorDeleted CreditorDeleted",
    "CreditorView": "CreditorCreated CreditorUpdated CreditorShared CreditorUnshared",
    "CreditorKycView": "CreditorKycUpdated",
    "ProductView": "ProductCreated ProductUpdated",
    "ContractInvoiceActionView": "ContractInvoiceActionCreated ContractInvoiceActionUpdated",
    "DebtCollectionActionView": "DebtCollectionActionStateChanged",
    "DebtorAutogiroApprovalView": "AutogiroApprovalChanged AutogiroApprovalFailed",
    "InvoiceActionView": "AutogiroWithdrawalFailedOnInvoice AutogiroWithdrawalRenewedOnInvoice CreditCardWithdrawalFailedOnInvoice",
    "ReconciliationInvoiceActionView": "AutogiroWithdrawalFailedOnReconciliationInvoice AutogiroWithdrawalRenewedOnReconciliationInvoice"
    " CreditCardWithdrawalFailedOnReconciliationInvoice",
    UNKNOWN: "UnknownEInvoiceRegistration DebtorContractCreated DebtorContractSigned DebtorContractCancelled DebtorContractArchived"
    " DailyNotification PaymentReceivedToBillectaClientFunds",
}

KNOWN_EVENTS: Mapping[str, KnownEvent] = {
    event.name: event
    for event in (
        KnownEvent("InvoiceActionDeleted", ID, alternate=ID),
        *(KnownEvent(name, payload) for payload, names in _DOCUMENTED.items() for name in names.split()),
        *(KnownEvent(name, payload, documented=False) for payload, names in _INFERRED.items() for name in names.split()),
    )
}
"""By name. Billecta has a few more, whose names are not public: an event that is not here is kept and shown."""

_BY_LOWER_NAME = {name.lower(): event for name, event in KNOWN_EVENTS.items()}


def known_event(name: str) -> KnownEvent | None:
    """The event of this name without regard to case (`OverPayment` is met too), or None."""
    return _BY_LOWER_NAME.get(name.strip().lower())
