"""The table of what Billecta can tell: each event handled, or ignored for a reason that an admin can read."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from integration.errors import Text
from integration.ledger.registry import EventRule, registry
from integration.sync.links import action_lanes

PULL_INVOICE, PULL_CASE = "pull-invoice", "pull-debt-collection"
PULL_UNHANDLED = "pull-unhandled-payments"

# All of these say that something happened to one invoice action; the truth about it is fetched once for all of them.
ABOUT_AN_INVOICE = (
    "InvoiceActionCreated",
    "InvoiceActionUpdated",
    "InvoiceActionAttested",
    "InvoiceActionStateChanged",
    "InvoiceActionPaid",
    "InvoiceActionDeleted",
    "InvoicePaymentReceived",
    "AmountCreditedOnInvoice",
    "AmountWrittenOffOnInvoice",
)

# These say that something happened to one debt-collection case.
ABOUT_A_CASE = ("DebtCollectionActionStateChanged",)

# These tell of money that is on no invoice. Billecta lists such money for a whole creditor, so the creditor is looked at.
ABOUT_UNHANDLED_MONEY = ("UnmatchedPayment", "Overpayment")

_NO_CHANGE = _("It tells of attention, not of a change: no amount, date or state of the invoice follows from it.")
_OWNED_BY_LIME = _("Lime owns this object; changes made in Billecta are not carried back.")
_NOT_INVOICING = _("It is about money going out or another kind of invoice, which the portal does not carry to Lime.")
_ADMINISTRATION = _("It is about the administration of Billecta itself.")
_WITHDRAWAL = _("Billecta tries the withdrawal again by itself; a payment shows on the invoice when it succeeds.")
_CONTRACT = _("Recurring contracts are kept in Billecta; the invoices that they create are handled.")
_DELIVERY = _("The portal has no worklist for failed deliveries yet; the address is mended in Billecta.")
_SALE = _("Sold invoices are handled in Billecta; their effect comes as a state change of the invoice.")

IGNORED: dict[str, Text] = {
    "InvoiceActionViewed": _NO_CHANGE,
    "InvoiceActionOpened": _NO_CHANGE,
    "InvoiceActionReceived": _NO_CHANGE,
    "InvoiceCommented": _NO_CHANGE,
    "InvoiceSaleWasAccepted": _SALE,
    "InvoiceSaleWasDenied": _SALE,
    "UndeliveredInvoice": _DELIVERY,
    "ReconciliationInvoiceActionCreated": _NOT_INVOICING,
    "SelfInvoiceOutgoingPaymentSucceeded": _NOT_INVOICING,
    "SelfInvoiceOutgoingPaymentFailed": _NOT_INVOICING,
    "SupplierInvoiceOutgoingPaymentSucceeded": _NOT_INVOICING,
    "SupplierInvoiceOutgoingPaymentFailed": _NOT_INVOICING,
    "OutgoingPaymentSucceeded": _NOT_INVOICING,
    "OutgoingPaymentFailed": _NOT_INVOICING,
    "PaymentReceivedToBillectaClientFunds": _NOT_INVOICING,
    "DebtorCreated": _OWNED_BY_LIME,
    "DebtorUpdated": _OWNED_BY_LIME,
    "DebtorDeleted": _OWNED_BY_LIME,
    "DebtorInformationCorrectionRequested": _OWNED_BY_LIME,
    "CreditorCreated": _OWNED_BY_LIME,
    "CreditorUpdated": _OWNED_BY_LIME,
    "CreditorDeleted": _OWNED_BY_LIME,
    "ProductCreated": _OWNED_BY_LIME,
    "ProductUpdated": _OWNED_BY_LIME,
    "CreditorShared": _ADMINISTRATION,
    "CreditorUnshared": _ADMINISTRATION,
    "CreditorKycUpdated": _ADMINISTRATION,
    "UnknownEInvoiceRegistration": _ADMINISTRATION,
    "DailyNotification": _ADMINISTRATION,
    "ContractInvoiceActionCreated": _CONTRACT,
    "ContractInvoiceActionUpdated": _CONTRACT,
    "DebtorContractCreated": _CONTRACT,
    "DebtorContractSigned": _CONTRACT,
    "DebtorContractCancelled": _CONTRACT,
    "DebtorContractArchived": _CONTRACT,
    "AutogiroApprovalChanged": _ADMINISTRATION,
    "AutogiroApprovalFailed": _ADMINISTRATION,
    "AutogiroWithdrawalFailedOnInvoice": _WITHDRAWAL,
    "AutogiroWithdrawalFailedOnReconciliationInvoice": _WITHDRAWAL,
    "AutogiroWithdrawalRenewedOnInvoice": _WITHDRAWAL,
    "AutogiroWithdrawalRenewedOnReconciliationInvoice": _WITHDRAWAL,
    "CreditCardWithdrawalFailedOnInvoice": _WITHDRAWAL,
    "CreditCardWithdrawalFailedOnReconciliationInvoice": _WITHDRAWAL,
}


def unhandled_lane(creditor_id: str) -> str:
    """The lane in which a creditor's unhandled payments are looked at."""
    return f"unhandled:{creditor_id}"


def _unhandled_lanes(creditor_ids: Iterable[str]) -> dict[str, str]:
    return {creditor_id: unhandled_lane(creditor_id) for creditor_id in creditor_ids}


def register() -> None:
    """Put every row of the table in the ledger's registry."""
    for name in ABOUT_AN_INVOICE:
        registry.add_event(EventRule(name, kind=PULL_INVOICE, limetype="invoice", lanes=action_lanes))
    for name in ABOUT_A_CASE:
        registry.add_event(EventRule(name, kind=PULL_CASE, limetype="debtcollection"))

    for name in ABOUT_UNHANDLED_MONEY:
        registry.add_event(EventRule(name, kind=PULL_UNHANDLED, limetype="creditor", lanes=_unhandled_lanes, by_creditor=True))
    for name, reason in IGNORED.items():
        registry.add_event(EventRule(name, ignored_because=reason))
