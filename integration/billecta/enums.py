"""Billecta's enums that the portal reads or sends: the member's name on the wire, and the number that the schemas declare."""

from __future__ import annotations

from integration.billecta.wire_enum import WireEnum


class ActionType(WireEnum, view="ActionTypeView"):
    """What kind of action an id stands for."""

    DEBT_COLLECTION_ACTION = "DebtCollectionAction", 0
    INSTALLMENT_PLAN_ACTION = "InstallmentPlanAction", 1
    INVOICE_ACTION = "InvoiceAction", 2
    CREDIT_INVOICE_ACTION = "CreditInvoiceAction", 3
    CONTRACT_INVOICE_ACTION = "ContractInvoiceAction", 5
    SELF_INVOICE_ACTION = "SelfInvoiceAction", 6
    VERIFICATION_INVOICE_ACTION = "VerificationInvoiceAction", 7
    DEBENTURE_ACTION = "DebentureAction", 8
    INTEREST_INVOICE_ACTION = "InterestInvoiceAction", 9
    SUPPLIER_INVOICE_ACTION = "SupplierInvoiceAction", 10
    RECONCILIATION_INVOICE_ACTION = "ReconciliationInvoiceAction", 11
    ORDER_ACTION = "OrderAction", 12
    ORDER_INVOICE_ACTION = "OrderInvoiceAction", 13
    PAYMENT_ADVICE_ACTION = "PaymentAdviceAction", 14
    UNKNOWN = "Unknown", -1


class InvoiceStage(WireEnum, view="InvoiceActionStageTypeView"):
    """How far an invoice has come. There is no paid, credited or disputed stage: those are read from amounts and dates."""

    NONE = "None", 0
    CREATED = "Created", 1
    REMINDER_INVOICE_SENT = "ReminderInvoiceSent", 2
    MANUAL = "Manual", 5
    COMPLETED = "Completed", 6
    CANCELLED = "Cancelled", 7
    INVOICE_SENT = "InvoiceSent", 12
    ATTESTED = "Attested", 13
    SENT_TO_DEBT_COLLECTION = "SentToDebtCollection", 16
    SALES_REQUESTED = "SalesRequested", 20
    SALE_REQUEST_ACCEPTED = "SaleRequestAccepted", 21
    SALES_REQUESTED_CANCELLED = "SalesRequestedCancelled", 22
    SALES_REQUESTED_DENIED = "SalesRequestedDenied", 23
    UNKNOWN = "Unknown", -1


class DeliveryMethod(WireEnum, view="DeliveryMethodTypeView"):
    """How an invoice reaches the debtor."""

    EMAIL = "Email", 0
    MAIL = "Mail", 1
    MANUALLY = "Manually", 2
    SMS = "SMS", 3
    E_INVOICE = "EInvoice", 4
    KIVRA = "Kivra", 5
    AVY = "Avy", 6
    UNKNOWN = "Unknown", -1


class DeliveryStatus(WireEnum, view="DeliveryStatusTypeView"):
    """What is known of the delivery."""

    UNKNOWN = "Unknown", 0
    RECEIVED = "Received", 1
    OPENED = "Opened", 2
    VIEWED = "Viewed", 3


class DiscountType(WireEnum, view="DiscountTypeView"):
    """What a row's discount is given in."""

    AMOUNT = "Amount", 0
    PERCENTAGE = "Percentage", 1
    UNKNOWN = "Unknown", -1


class RecordType(WireEnum, view="RecordTypeView"):
    """What a row is."""

    STANDARD = "Standard", 0
    MESSAGE = "Message", 1
    PACKAGE = "Package", 2
    UNKNOWN = "Unknown", -1


class ProductType(WireEnum, view="ProductTypeView"):
    """What is sold."""

    SERVICE = "Service", 0
    COMMODITY = "Commodity", 1
    PACKAGE = "Package", 2
    VAT = "VAT", 3
    UNKNOWN = "Unknown", -1


class Language(WireEnum, view="LanguageTypeView"):
    """The language that the debtor is written to in."""

    SV = "SV", 0
    EN = "EN", 1
    FI = "FI", 2


class InterestType(WireEnum, view="InterestTypeView"):
    """How interest is reckoned."""

    FIXED = "Fixed", 0
    ABOVE_EFFECTIVE_REFERENCE = "AboveEffectiveReference", 1
    NO_INTEREST = "NoInterest", 2
    UNKNOWN = "Unknown", -1


class DebtorType(WireEnum, view="DebtorTypeView"):
    """Person or company."""

    PRIVATE = "Private", 0
    COMPANY = "Company", 1
    UNDEFINED = "Undefined", -1


class UnhandledPaymentType(WireEnum, view="UnhandledPaymentTypeView"):
    """Why a payment is not on an invoice."""

    UNMATCHED_PAYMENT = "UnmatchedPayment", 0
    OVER_PAYMENT = "OverPayment", 1
    MANUAL_BALANCE = "ManualBalance", 2
    BALANCE_FROM_INVOICE = "BalanceFromInvoice", 3


class UnhandledPaymentState(WireEnum, view="UnhandledPaymentStateTypeView"):
    """What became of it."""

    UNHANDLED = "Unhandled", 0
    USED_ON_INVOICE = "UsedOnInvoice", 1
    USED_ON_INVOICE_IN_OTHER_CREDITOR = "UsedOnInvoiceInOtherCreditor", 2
    DELETED = "Deleted", 4
    REPAYMENT_PENDING = "RepaymentPending", 5
    REPAID = "Repaid", 6


class ActionSearchStatus(WireEnum, view="ActionSearchStatusTypeView"):
    """Which actions a search finds."""

    ALL = "All", 0
    OPEN = "Open", 1
    CLOSED = "Closed", 2
    WITH_INVOICE_REMINDER = "WithInvoiceReminder", 3
    WITHOUT_INVOICE_REMINDER = "WithoutInvoiceReminder", 4
    UNKNOWN = "Unknown", -1


class DebtCollectionLevel(WireEnum, view="DebtCollectionActionLevelTypeView"):
    """How far debt collection may go."""

    LATE_PAYMENT_FEE = "LatePaymentFee", 0
    REMINDERS = "Reminders", 1
    DEBT_COLLECTION = "DebtCollection", 2
    BAILIFF = "Bailiff", 3
    UNKNOWN = "Unknown", -1


class DebtCollectionStage(WireEnum, view="DebtCollectionActionStageTypeView"):
    """How far debt collection has come."""

    NONE = "None", 0
    CREATED = "Created", 1
    REMINDER_INVOICE_SENT = "ReminderInvoiceSent", 2
    DEBT_COLLECTION_INVOICE_SENT = "DebtCollectionInvoiceSent", 3
    SENT_TO_BAILIFF = "SentToBailiff", 4
    MANUAL = "Manual", 5
    COMPLETED = "Completed", 6
    CANCELLED = "Cancelled", 7
    FOREIGN_MANUAL = "ForeignManual", 8
    AWAITING_FEE_PAYMENT = "AwaitingFeePayment", 9
    ATTESTED = "Attested", 13
    DEBT_COLLECTION_CLAIM_DUE = "DebtCollectionClaimDue", 14
    LATE_PAYMENT_INVOICE_SENT = "LatePaymentInvoiceSent", 24
    DEBT_COLLECTION_CLAIM_RESPONSE_REQUESTED = "DebtCollectionClaimResponseRequested", 25
    READY_FOR_BAILIFF = "ReadyForBailiff", 26
    LONG_TERM_SURVEILANCE = "LongTermSurveilance", 27
    VERDICT_OBTAINED = "VerdictObtained", 28
    SENT_TO_BAILIFF_ENFORCEMENT = "SentToBailiffEnforcement", 29
    FOREIGN_DEBTOR_LETTER_SENT = "ForeignDebtorLetterSent", 30
    FOREIGN_CREDITOR_LETTER_SENT = "ForeignCreditorLetterSent", 31
    ENFORCEMENT_RESPONSE_REQUESTED = "EnforcementResponseRequested", 32
    READY_FOR_ENFORCEMENT = "ReadyForEnforcement", 33
    FOREIGN_SENT_TO_LOCAL_REPRESENTATIVE = "ForeignSentToLocalRepresentative", 35
    FOREIGN_MAKE_READY_FOR_LOCAL_REPRESENTATIVE = "ForeignMakeReadyForLocalRepresentative", 36
    READY_FOR_ATTEST = "ReadyForAttest", 37
    READY_FOR_ASSISTANCE = "ReadyForAssistance", 38
    READY_FOR_ASSISTANCE_WITH_BAILIFF = "ReadyForAssistanceWithBailiff", 39
    ASSISTED = "Assisted", 40
    ASSISTED_WITH_BAILIFF = "AssistedWithBailiff", 41
    UNKNOWN = "Unknown", -1


class SwishStatus(WireEnum, view="SwishStatusTypeView"):
    """What became of a request for payment by Swish."""

    CREATED = "Created", 0
    DECLINED = "Declined", 1
    ERROR = "Error", 2
    PAID = "Paid", 3
    CANCELLED = "Cancelled", 4
    REFUNDED = "Refunded", 5
    UNKNOWN = "Unknown", -1


class CommentTarget(WireEnum, view="CommentTargetTypeView"):
    """Who sees a comment."""

    PRIVATE = "Private", 0
    TO_DEBTOR = "ToDebtor", 1
    TO_BILLECTA = "ToBillecta", 2
    UNKNOWN = "Unknown", -1


class OvershootHandling(WireEnum, view="RegisterPaymentOverShootingAmountHandlingTypeView"):
    """What is done with what is paid too much."""

    NONE = "None", 0
    AS_CURRENCY_DIFFERENCE = "AsCurrencyDifference", 1
    AS_OVER_PAYMENTS = "AsOverPayments", 2
    UNKNOWN = "Unknown", -1
