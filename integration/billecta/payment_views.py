"""What Billecta's views of payments and debt collection are once read."""

# ruff: noqa: RUF009  fields are declared with functions that return dataclasses.field

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from integration.billecta.amounts import Amount
from integration.billecta.enums import (
    ActionType,
    DebtCollectionLevel,
    DebtCollectionStage,
    SwishStatus,
    UnhandledPaymentState,
    UnhandledPaymentType,
)
from integration.billecta.reading import View, boolean, day, enum, integer, moment, money, one, text


@dataclass(frozen=True, kw_only=True)
class IncomingPayment(View):
    """A payment on an invoice, unique by `payment_reference_id`."""

    view = "IncomingPaymentView"
    payment_reference_id: str = text("PaymentReferenceId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    action_id: str = text("ActionPublicId")
    action_type: ActionType = enum("ActionType", ActionType, absent="Unknown")
    debtor_id: str = text("DebtorPublicId")
    amount: Amount = money("Amount", required=True)
    payment_date: date | None = day("PaymentDate")
    created: datetime | None = moment("CreatedDate")
    payment_mean_code: str = text("PaymentMeanCode")
    invoice_number: str = text("InvoiceNumber")
    ocr: str = text("OCR")
    external_reference: str = text("ExternalReference")
    created_by: str = text("CreatedBy")
    is_reminder_payment: bool = boolean("IsReminderPayment")


@dataclass(frozen=True, kw_only=True)
class OverpaymentDetails(View):
    """Where an overpayment came from, and where it was used."""

    view = "OverpaymentDetailsView"
    action_id: str = text("ActionPublicId")
    invoice_number: str = text("InvoiceNumber")
    used_on_action_id: str = text("UsedOnActionPublicId")


@dataclass(frozen=True, kw_only=True)
class UnhandledPayment(View):
    """Money that came and is on no invoice: no reference matched, or too much was paid."""

    view = "UnhandledPaymentView"
    unhandled_payment_id: str = text("UnhandledPaymentPublicId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    debtor_id: str = text("DebtorPublicId")
    sender_name: str = text("SenderName")
    sender_org_no: str = text("SenderOrgNo")
    amount: Amount = money("Amount", required=True)
    payment_date: date | None = day("PaymentDate")
    reference: str = text("Reference")
    kind: UnhandledPaymentType = enum("UnhandledPaymentType", UnhandledPaymentType, required=True)
    state: UnhandledPaymentState = enum("State", UnhandledPaymentState, required=True)
    overpayment: OverpaymentDetails | None = one("OverpaymentDetails", OverpaymentDetails)


@dataclass(frozen=True, kw_only=True)
class PaymentMatchResult(View):
    """Whether one unhandled payment was put on its invoice, and if not, why."""

    view = "PaymentMatchResultView"
    unhandled_payment_id: str = text("UnhandledPaymentPublicId", required=True)
    succeeded: bool = boolean("Successfull")
    message: str = text("ResponseMessage")


@dataclass(frozen=True, kw_only=True)
class SwishPayment(View):
    """A request for payment by Swish."""

    view = "SwishPaymentStatusView"
    status: SwishStatus = enum("Status", SwishStatus, required=True)
    created: datetime | None = moment("Created")
    paid: datetime | None = moment("PaidDate")
    amount: Amount | None = money("Amount")
    refunded_amount: Amount | None = money("RefundedAmount")
    error_code: str = text("ErrorCode")
    error_message: str = text("ErrorMessage")


@dataclass(frozen=True, kw_only=True)
class DebtCollectionDetails(View):
    """What was agreed of debt collection when an invoice was made."""

    view = "DebtCollectionDetailsView"
    is_wanted: bool = boolean("SendToDebtCollection")
    start_level: DebtCollectionLevel = enum("StartDebtCollectionActionLevel", DebtCollectionLevel, absent="Unknown")
    end_level: DebtCollectionLevel = enum("EndDebtCollectionActionLevel", DebtCollectionLevel, absent="Unknown")
    reminders: int = integer("NumberOfReminders")
    terms_days: int = integer("PaymentTermsInDays")
    eviction: bool = boolean("Eviction")
    inform_social_welfare: bool = boolean("InformSocialWelfare")


@dataclass(frozen=True, kw_only=True)
class DebtCollectionState(View):
    """How far a case has come."""

    view = "DebtCollectionActionStateView"
    stage: DebtCollectionStage = enum("Stage", DebtCollectionStage, required=True)
    attested: datetime | None = moment("AttestedDate")
    closed: datetime | None = moment("ClosedDate")
    disputed: datetime | None = moment("DisputedDate")
    late_payment_invoice_sent: datetime | None = moment("LatePaymentInvoiceSentDate")
    debt_collection_invoice_sent: datetime | None = moment("DebtCollectionInvoiceSentDate")
    sent_to_bailiff: datetime | None = moment("SentToBailiffDate")
    sent_to_enforcement: datetime | None = moment("SentToBailiffEnforcementDate")
    next_event: str = text("NextEvent")
    next_event_date: datetime | None = moment("NextEventDate")
    is_paused: bool = boolean("IsPaused")


@dataclass(frozen=True, kw_only=True)
class CaseDebtor(View):
    """Who owes, by id only: the debtor's own view is fetched where it matters."""

    view = "DebtorView"
    debtor_id: str = text("DebtorPublicId", required=True)


@dataclass(frozen=True, kw_only=True)
class DebtCollectionCase(View):
    """A debt-collection case, and the invoice that it came from."""

    view = "DebtCollectionActionView"
    action_id: str = text("ActionPublicId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    source_action_id: str = text("InvoiceSourcePublicId")
    start_level: DebtCollectionLevel = enum("StartDebtCollectionActionLevel", DebtCollectionLevel, absent="Unknown")
    end_level: DebtCollectionLevel = enum("EndDebtCollectionActionLevel", DebtCollectionLevel, absent="Unknown")
    reason: str = text("ReasonDescription")
    state: DebtCollectionState = one("State", DebtCollectionState, required=True)
    created: datetime | None = moment("Created")
    original_invoice_number: str = text("OriginalInvoiceNumber")
    original_due_date: date | None = day("OriginalDueDate")
    original_amount: Amount | None = money("OriginalAmount")
    debt_amount: Amount | None = money("DebtAmount")
    fee_amount: Amount | None = money("FeeAmount")
    interest_amount: Amount | None = money("InterestAmount")
    current_amount: Amount | None = money("CurrentAmount")
    debtor: CaseDebtor | None = one("Debtor", CaseDebtor)
    can_cancel: bool = boolean("CanCancel")

    @property
    def debtor_id(self) -> str:
        """The debtor's public id, "" when the view names none."""
        return self.debtor.debtor_id if self.debtor else ""
