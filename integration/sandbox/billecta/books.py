"""Everything the pretended Billecta remembers: one table per kind of thing, and the few indexes that its lists need."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from integration.sandbox.base import Refusal
from integration.sandbox.billecta.totals import RowTotals, Totals

View = dict[str, Any]


@dataclass
class Invoice:
    """An invoice action: what was asked for (`entry`), where it is in its life, and its money in öre."""

    action_id: str
    creditor_id: str
    debtor_id: str
    entry: View
    created: str
    totals: Totals = field(default_factory=Totals)
    stage: str = "Created"
    debtor: View | None = None
    """The debtor as it was when the invoice was attested; before that the living one counts."""
    number: str | None = None
    ocr: str | None = None
    file_id: str | None = None
    attested: str | None = None
    send_at: str | None = None
    sent: str | None = None
    reminder_sent: str | None = None
    reminder_id: str | None = None
    debt_collection_sent: str | None = None
    debt_collection_id: str | None = None
    disputed: str | None = None
    closed: str | None = None
    is_paused: bool = False
    is_commented: bool = False
    swish_id: str | None = None
    paid: int = 0
    credited: int = 0
    written_off: int = 0
    last_paid: str | None = None
    events: list[View] = field(default_factory=list)

    @property
    def left(self) -> int:
        """What remains to be paid, in öre."""
        return self.totals.invoiced - self.totals.deduction - self.paid - self.credited - self.written_off

    @property
    def currency(self) -> str:
        """The currency of its rows; SEK when no row has a price."""
        priced = (record.get("UnitPrice") for record in self.entry.get("Records") or [])
        return next((price["CurrencyCode"] for price in priced if price), "SEK")

    @property
    def is_open(self) -> bool:
        """Attested and not closed: money can move."""
        return self.attested is not None and self.closed is None


@dataclass
class Payment:
    """Money that moved on an invoice; `kind` is payment, credit or write-off, and only payments are listed."""

    reference_id: str
    creditor_id: str
    action_id: str
    debtor_id: str
    kind: str
    amount: int
    currency: str
    payment_date: str
    created: str
    mean: str
    created_by: str = "sandbox"


@dataclass
class Unhandled:
    """Money that met no invoice, or was more than one asked for."""

    unhandled_id: str
    creditor_id: str
    type: str
    amount: int
    currency: str
    payment_date: str
    reference: str | None = None
    sender_name: str | None = None
    debtor_id: str | None = None
    action_id: str | None = None
    used_on: str | None = None
    state: str = "Unhandled"


@dataclass
class DebtCollection:
    """A debt-collection case, from an invoice or on its own; `facts` are properties of DebtCollectionActionView."""

    action_id: str
    creditor_id: str
    debtor_id: str
    invoice_id: str | None
    created: str
    facts: View
    events: list[View] = field(default_factory=list)


@dataclass
class Swish:
    """A Swish request sent to a debtor's phone."""

    request_id: str
    action_id: str
    phone: str
    message: str
    amount: int
    currency: str
    created: str
    status: str = "Created"
    paid: str | None = None


@dataclass
class StoredFile:
    """A file: an invoice's PDF, drawn when it is fetched, or base64 data that came in or was made once."""

    file_id: str
    name: str
    content_type: str
    action_id: str | None = None
    data: str | None = None


@dataclass
class Books:
    """All tables. Creditors, debtors and products are kept as the views they are, with a few facts of our own beside."""

    creditors: dict[str, View] = field(default_factory=dict)
    debtors: dict[str, View] = field(default_factory=dict)
    products: dict[str, View] = field(default_factory=dict)
    debtor_events: dict[str, list[View]] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    unhandled: dict[str, Unhandled] = field(default_factory=dict)
    debt_collections: dict[str, DebtCollection] = field(default_factory=dict)
    swish: dict[str, Swish] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    outgoing_payments: list[View] = field(default_factory=list)
    accounting_exports: list[View] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    """Secure tokens handed out, with their expiry in the wire form."""

    def __post_init__(self) -> None:
        self._by_creditor: defaultdict[str, dict[str, Invoice]] = defaultdict(dict)
        self._by_debtor: defaultdict[str, dict[str, Invoice]] = defaultdict(dict)
        self._debtors_by_creditor: defaultdict[str, dict[str, View]] = defaultdict(dict)
        for invoice in self.invoices.values():
            self._index(invoice)
        for debtor in self.debtors.values():
            self._debtors_by_creditor[debtor["CreditorPublicId"]][debtor["DebtorPublicId"]] = debtor

    def creditor(self, creditor_id: str) -> View:
        """The creditor. Raises Refusal (404)."""
        return _found(self.creditors, creditor_id, "Creditor")

    def debtor(self, debtor_id: str) -> View:
        """The debtor. Raises Refusal (404)."""
        return _found(self.debtors, debtor_id, "Debtor")

    def product(self, product_id: str) -> View:
        """The product. Raises Refusal (404)."""
        return _found(self.products, product_id, "Product")

    def invoice(self, action_id: str) -> Invoice:
        """The invoice action. Raises Refusal (404)."""
        if action_id not in self.invoices:
            raise Refusal(404, f"Invoice action {action_id} was not found")
        return self.invoices[action_id]

    def put_debtor(self, debtor: View) -> None:
        """Add a debtor or replace it."""
        self.debtors[debtor["DebtorPublicId"]] = debtor
        self._debtors_by_creditor[debtor["CreditorPublicId"]][debtor["DebtorPublicId"]] = debtor

    def remove_debtor(self, debtor: View) -> None:
        """Take a debtor out."""
        del self.debtors[debtor["DebtorPublicId"]]
        del self._debtors_by_creditor[debtor["CreditorPublicId"]][debtor["DebtorPublicId"]]

    def put_invoice(self, invoice: Invoice) -> None:
        """Add an invoice action."""
        self.invoices[invoice.action_id] = invoice
        self._index(invoice)

    def remove_invoice(self, invoice: Invoice) -> None:
        """Take a draft out."""
        del self.invoices[invoice.action_id]
        del self._by_creditor[invoice.creditor_id][invoice.action_id]
        del self._by_debtor[invoice.debtor_id][invoice.action_id]

    def move_invoice(self, invoice: Invoice, debtor_id: str) -> None:
        """Give a draft another debtor."""
        del self._by_debtor[invoice.debtor_id][invoice.action_id]
        invoice.debtor_id = debtor_id
        self._index(invoice)

    def debtors_of(self, creditor_id: str) -> list[View]:
        """A creditor's debtors, oldest first."""
        return list(self._debtors_by_creditor[creditor_id].values())

    def products_of(self, creditor_id: str) -> list[View]:
        """A creditor's products, oldest first."""
        return [product for product in self.products.values() if product["CreditorPublicId"] == creditor_id]

    def invoices_of_creditor(self, creditor_id: str) -> Iterable[Invoice]:
        """A creditor's invoices, oldest first."""
        return self._by_creditor[creditor_id].values()

    def invoices_of_debtor(self, debtor_id: str) -> Iterable[Invoice]:
        """A debtor's invoices, oldest first."""
        return self._by_debtor[debtor_id].values()

    def is_creditor_used(self, creditor_id: str) -> bool:
        """Whether anything belongs to the creditor."""
        return bool(self._by_creditor[creditor_id] or self._debtors_by_creditor[creditor_id] or self.products_of(creditor_id))

    def snapshot(self) -> dict[str, Any]:
        """All tables by name, as they are."""
        return {table.name: getattr(self, table.name) for table in fields(self)}

    @classmethod
    def restored(cls, tables: dict[str, Any]) -> "Books":
        """Books from what a snapshot became in JSON."""
        rows: dict[str, Any] = {table.name: tables[table.name] for table in fields(cls) if table.name in tables}
        for name, kind in _ROW_TYPES.items():
            if name in rows:
                rows[name] = {key: kind(**row) for key, row in rows[name].items()}
        rows["payments"] = [Payment(**row) for row in rows.get("payments", [])]
        for invoice in rows.get("invoices", {}).values():
            totals: Any = invoice.totals
            invoice.totals = Totals(**{**totals, "rows": [RowTotals(**row) for row in totals["rows"]]})
        return cls(**rows)

    def _index(self, invoice: Invoice) -> None:
        self._by_creditor[invoice.creditor_id][invoice.action_id] = invoice
        self._by_debtor[invoice.debtor_id][invoice.action_id] = invoice


_ROW_TYPES: dict[str, type] = {
    "invoices": Invoice,
    "unhandled": Unhandled,
    "debt_collections": DebtCollection,
    "swish": Swish,
    "files": StoredFile,
}


def _found(table: dict[str, View], key: str, kind: str) -> View:
    if key not in table:
        raise Refusal(404, f"{kind} {key} was not found")
    return table[key]
