"""What Billecta's views of creditors, debtors, products and invoices are once read."""

# ruff: noqa: RUF009  fields are declared with functions that return dataclasses.field

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from integration.billecta.action_events import ActionEventType
from integration.billecta.amounts import Amount
from integration.billecta.enums import (
    ActionType,
    DebtorType,
    DeliveryMethod,
    DeliveryStatus,
    DiscountType,
    InterestType,
    InvoiceStage,
    Language,
    ProductType,
    RecordType,
)
from integration.billecta.payment_views import DebtCollectionDetails
from integration.billecta.reading import View, boolean, day, enum, integer, many, moment, money, number, one, optional_number, text


@dataclass(frozen=True, kw_only=True)
class Created(View):
    """What a create answers: the new object's id."""

    view = "CreatedView"
    public_id: str = text("PublicId", required=True)


@dataclass(frozen=True, kw_only=True)
class File(View):
    """A file that Billecta keeps; its bytes are fetched by id."""

    view = "FileView"
    file_id: str = text("FilePublicId", required=True)
    content_type: str = text("ContentType")
    file_name: str = text("FileName")


@dataclass(frozen=True, kw_only=True)
class CreditorContact(View):
    """Whom to ask at a creditor."""

    view = "CreditorContactView"
    first_name: str = text("FirstName")
    last_name: str = text("LastName")
    email: str = text("Email")
    phone: str = text("Phone")


@dataclass(frozen=True, kw_only=True)
class Creditor(View):
    """A company that invoices."""

    view = "CreditorView"
    creditor_id: str = text("CreditorPublicId", required=True)
    org_no: str = text("OrgNo")
    name: str = text("Name")
    address: str = text("Address")
    zip_code: str = text("ZipCode")
    city: str = text("City")
    phone: str = text("Phone")
    contact: CreditorContact | None = one("CreditorContact", CreditorContact)
    is_enabled: bool = boolean("IsEnabled")
    use_cent_rounding: bool = boolean("UseCentRounding")


@dataclass(frozen=True, kw_only=True)
class Debtor(View):
    """A customer of one creditor."""

    view = "DebtorView"
    debtor_id: str = text("DebtorPublicId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    external_id: str = text("DebtorExternalId")
    org_no: str = text("OrgNo")
    name: str = text("Name")
    address: str = text("Address")
    address2: str = text("Address2")
    zip_code: str = text("ZipCode")
    city: str = text("City")
    country_code: str = text("CountryCode")
    phone: str = text("Phone")
    email: str = text("Email")
    contact_name: str = text("ContactName")
    contact_email: str = text("ContactEmail")
    debtor_no: str = text("DebtorNo")
    debtor_type: DebtorType = enum("DebtorType", DebtorType, absent="Undefined")
    protected_identity: bool = boolean("ProtectedIdentity")
    created: datetime | None = moment("Created")


@dataclass(frozen=True, kw_only=True)
class Product(View):
    """An article of one creditor. Its price is in kronor, unlike every other amount."""

    view = "ProductView"
    product_id: str = text("ProductPublicId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    external_id: str = text("ProductExternalId")
    article_number: str = text("ArticleNumber")
    description: str = text("Description")
    units: str = text("Units")
    unit_price: Decimal = number("UnitPrice")
    vat_percent: Decimal = number("VAT")
    product_type: ProductType = enum("ProductType", ProductType, absent="Unknown")
    is_active: bool = boolean("IsActive")


@dataclass(frozen=True, kw_only=True)
class InvoiceState(View):
    """How far an invoice has come, and when. Draft until `attested`; paused, disputed and at debt collection are not stages."""

    view = "InvoiceActionStateView"
    stage: InvoiceStage = enum("Stage", InvoiceStage, required=True)
    attested: datetime | None = moment("AttestedDate")
    invoice_sent: datetime | None = moment("InvoiceSentDate")
    closed: datetime | None = moment("ClosedDate")
    disputed: datetime | None = moment("DisputedDate")
    sent_to_debt_collection: datetime | None = moment("SentToDebtCollectionDate")
    next_event: str = text("NextEvent")
    next_event_date: datetime | None = moment("NextEventDate")
    is_paused: bool = boolean("IsPaused")
    is_locked: bool = boolean("IsLocked")
    swish_payment_id: str = text("SwishPaymentPublicId")


@dataclass(frozen=True, kw_only=True)
class InvoiceRecord(View):
    """One row; `sequence_no` is what knows it within its invoice."""

    view = "InvoiceActionRecordView"
    sequence_no: int = integer("SequenceNo")
    record_type: RecordType = enum("RecordType", RecordType, absent="Standard")
    product_id: str = text("ProductPublicId")
    article_number: str = text("ArticleNumber")
    description: str = text("ArticleDescription")
    quantity: Decimal | None = optional_number("Quantity")
    units: str = text("Units")
    unit_price: Amount | None = money("UnitPrice")
    discount_amount: Amount | None = money("DiscountAmount")
    discount_percent: Decimal = number("DiscountPercentage")
    discount_type: DiscountType = enum("DiscountType", DiscountType, absent="Unknown")
    vat_percent: Decimal = number("VAT")
    vat_is_included: bool = boolean("VatIsIncluded")
    hidden: bool = boolean("Hidden")
    external_reference: str = text("ExternalReference")
    total_excl_vat: Amount | None = money("TotalExclVAT")
    total_incl_vat: Amount | None = money("TotalIncVAT")


@dataclass(frozen=True, kw_only=True)
class IssuedInvoice(View):
    """The document made of an invoice action when it was attested."""

    view = "InvoiceActionInvoiceView"
    invoice_number: str = text("InvoiceNumber")
    invoice_date: date | None = day("InvoiceDate")
    due_date: date | None = day("DueDate")
    ocr: str = text("OCR")
    invoiced_amount: Amount | None = money("InvoicedAmount")
    file: File | None = one("InvoiceFile", File)


@dataclass(frozen=True, kw_only=True)
class InvoiceEvent(View):
    """One line of an invoice's history; planned ones have not occurred."""

    view = "InvoiceActionEventView"
    event_id: str = text("EventPublicId", required=True)
    event_type: ActionEventType = enum("EventType", ActionEventType, required=True)
    event_date: datetime | None = moment("EventDate")
    title: str = text("Title")
    content: str = text("Content")
    event_by: str = text("EventBy")
    reference: str = text("Reference")
    has_occurred: bool = boolean("HasOccured")


@dataclass(frozen=True, kw_only=True)
class CreditedInvoice(View):
    """Which invoice a credit invoice credits."""

    view = "CreditingInvoiceView"
    action_id: str = text("SourcePublicId")


@dataclass(frozen=True, kw_only=True)
class InvoiceAction(View):
    """One invoice from draft to closed. Amounts that Billecta leaves null are None, never zero."""

    view = "InvoiceActionView"
    action_id: str = text("ActionPublicId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    action_type: ActionType = enum("ActionType", ActionType, absent="Unknown")
    debtor: Debtor | None = one("Debtor", Debtor)
    state: InvoiceState = one("State", InvoiceState, required=True)
    records: tuple[InvoiceRecord, ...] = many("Records", InvoiceRecord)
    invoices: tuple[IssuedInvoice, ...] = many("Invoices", IssuedInvoice)
    events: tuple[InvoiceEvent, ...] = many("Events", InvoiceEvent)
    created: datetime | None = moment("Created")
    invoice_date: date | None = day("InvoiceDate")
    due_date: date | None = day("DueDate")
    delivery_date: date | None = day("DeliveryDate")
    delivery_method: DeliveryMethod = enum("DeliveryMethod", DeliveryMethod, absent="Unknown")
    language: Language = enum("CommunicationLanguage", Language, absent="SV")
    invoice_number: str = text("InvoiceNumber")
    external_reference: str = text("ExternalReference")
    our_reference: str = text("OurReference")
    your_reference: str = text("YourReference")
    crediting: CreditedInvoice | None = one("CreditingInvoice", CreditedInvoice)
    debt_collection_action_id: str = text("DebtCollectionActionPublicId")
    debt_collection: DebtCollectionDetails | None = one("DebtCollectionDetails", DebtCollectionDetails)
    interest_percent: Decimal = number("InterestPercentage")
    interest_type: InterestType = enum("InterestType", InterestType, absent="Unknown")
    interest_start_days: int = integer("InterestStartInDaysAfterDueDate")
    reason_for_higher_interest: str = text("ReasonForHigherInterest")
    invoiced_amount: Amount | None = money("InvoicedAmount")
    current_amount: Amount | None = money("CurrentAmount")
    paid_amount: Amount | None = money("PaidAmount")
    credited_amount: Amount | None = money("CreditedAmount")
    write_off_amount: Amount | None = money("WriteOffAmount")
    interest_amount: Amount | None = money("InterestAmount")
    total_vat_amount: Amount | None = money("TotalVATAmount")
    cent_rounding_amount: Amount | None = money("CentRoundingAmount")
    invoice_fee: Amount | None = money("InvoiceFee")
    freight_fee: Amount | None = money("FreightFee")
    vat_is_included: bool = boolean("VatIsIncluded")

    @property
    def may(self) -> dict[str, bool]:
        """Billecta's own `Can…` flags by name: which operations are legal now."""
        return {name: value for name, value in self.raw.items() if name.startswith("Can") and isinstance(value, bool)}

    @property
    def ocr(self) -> str:
        """The OCR of the document sent first, "" for a draft."""
        return next((invoice.ocr for invoice in self.invoices if invoice.ocr), "")

    @property
    def file_id(self) -> str:
        """The PDF's id for `get_file`, "" when there is none yet."""
        return next((invoice.file.file_id for invoice in self.invoices if invoice.file), "")


@dataclass(frozen=True, kw_only=True)
class InvoiceSub(View):
    """One invoice as listings show it. It carries no ExternalReference."""

    view = "InvoiceActionSubView"
    action_id: str = text("ActionPublicId", required=True)
    creditor_id: str = text("CreditorPublicId", required=True)
    debtor_id: str = text("DebtorPublicId")
    action_type: ActionType = enum("ActionType", ActionType, absent="Unknown")
    stage: InvoiceStage = enum("Stage", InvoiceStage, required=True)
    delivery_status: DeliveryStatus = enum("DeliveryStatus", DeliveryStatus, absent="Unknown")
    created: datetime | None = moment("Created")
    invoice_date: date | None = day("InvoiceDate")
    due_date: date | None = day("DueDate")
    attested: datetime | None = moment("AttestedDate")
    invoice_sent: datetime | None = moment("InvoiceSentDate")
    closed: datetime | None = moment("ClosedDate")
    invoice_number: str = text("InvoiceNumber")
    ocr: str = text("OCR")
    invoiced_amount: Amount | None = money("InvoicedAmount")
    current_amount: Amount | None = money("CurrentAmount")
    is_paused: bool = boolean("IsPaused")
    is_disputed: bool = boolean("IsDisputed")
    file: File | None = one("File", File)
    debt_collection_action_id: str = text("DebtCollectionActionPublicId")


@dataclass(frozen=True, kw_only=True)
class SearchResult(View):
    """What a search found; only its invoices are read."""

    view = "SearchResultView"
    invoices: tuple[InvoiceSub, ...] = many("InvoiceActions", InvoiceSub)
