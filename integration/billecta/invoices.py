"""Calls about invoices: draft, attest, read, list, file, search (reference section 4: invoices, files, other)."""

from __future__ import annotations

from datetime import date

from integration.billecta.calls import BillectaCalls, Payload
from integration.billecta.dates import day_in_query
from integration.billecta.reading import SYSTEM
from integration.billecta.wire import InvoiceAction, InvoiceSub, SearchResult
from integration.errors import NeedsDecision


class InvoiceCalls(BillectaCalls):
    """Invoice actions, known by an ActionPublicId of about ten digits."""

    def create_invoice(self, payload: Payload) -> str:
        """Makes a draft of an InvoiceActionEntryView; returns its action id. `POST /v1/invoice/action`, documented.

        Raises:
            OutcomeUnknown: it may have been made; look by ExternalReference before trying again.
            NeedsDecision: Billecta split the invoice and answered with several ids (read in its package; when is not known).
        """
        creditor = str(payload["CreditorPublicId"])
        action = self._create("create_invoice", payload, what=f"Creditor {creditor}", creditor=creditor)
        if ";" in action:
            ids = action.replace(";", ", ")
            raise NeedsDecision(system=SYSTEM, operation="create_invoice", detail=f"Billecta made several invoices of one: {ids}")
        return action

    def update_invoice(self, action: str, payload: Payload) -> None:
        """Replaces a draft's InvoiceActionEntryView. `PUT /v1/invoice/action/{action}`, documented; only before attest (inferred)."""
        self._do("update_invoice", payload, what=f"Invoice {action}", action=action)

    def get_invoice(self, action: str) -> InvoiceAction:
        """One invoice. `GET /v1/invoice/action/{action}`, documented; at most 600 a minute and 100 in 10 s. Raises RemoteNotFound."""
        return self._ask("get_invoice", InvoiceAction.from_wire, what=f"Invoice {action}", action=action)

    def attest_invoice(self, action: str) -> None:
        """Books and locks a draft, and sends it unless it is delivered by hand. `PUT /v1/invoice/attest/{action}`, documented.

        Raises OutcomeUnknown: read the state before trying again.
        """
        self._do("attest_invoice", what=f"Invoice {action}", action=action)

    def delete_invoice(self, action: str) -> None:
        """Deletes a draft. `DELETE /v1/invoice/action/{action}`, assumed."""
        self._do("delete_invoice", what=f"Invoice {action}", action=action)

    def open_invoices(self, creditor: str) -> list[InvoiceSub]:
        """A creditor's drafts and unpaid invoices. `GET /v1/invoice/open/{creditor}`, documented."""
        return self._list("open_invoices", InvoiceSub, what=f"Creditor {creditor}", creditor=creditor)

    def closed_invoices(self, creditor: str, first: date, last: date) -> list[InvoiceSub]:
        """A creditor's invoices closed on the days from `first` to `last`, Stockholm. `GET /v1/invoice/closed/{creditor}`, documented."""
        return self._list("closed_invoices", InvoiceSub, params=_period(first, last), what=f"Creditor {creditor}", creditor=creditor)

    def open_invoices_by_debtor(self, debtor: str) -> list[InvoiceSub]:
        """A debtor's drafts and unpaid invoices. `GET /v1/invoice/openbydebtor/{debtor}`, documented."""
        return self._list("open_invoices_by_debtor", InvoiceSub, what=f"Debtor {debtor}", debtor=debtor)

    def closed_invoices_by_debtor(self, debtor: str, first: date, last: date) -> list[InvoiceSub]:
        """A debtor's invoices closed on the days from `first` to `last`. `GET /v1/invoice/closedbydebtor/{debtor}`, documented."""
        return self._list("closed_invoices_by_debtor", InvoiceSub, params=_period(first, last), what=f"Debtor {debtor}", debtor=debtor)

    def search_actions(self, creditor: str, criteria: Payload) -> SearchResult:
        """Invoices that match a SearchView; `SearchValue` is a whole invoice number or OCR. `POST /v1/search/actions`, documented.

        At most 100 a minute and 30 in 10 s.
        """
        payload = {**criteria, "CreditorPublicId": creditor}
        return self._post("search_actions", SearchResult.from_wire, payload, what=f"Creditor {creditor}", creditor=creditor)

    def get_file(self, file: str) -> bytes:
        """A file's bytes, such as an invoice's PDF. `GET /v1/files/file/{file}`, documented. Raises RemoteNotFound."""
        return self._bytes("get_file", what=f"File {file}", file=file)


def _period(first: date, last: date) -> dict[str, str]:
    return {"from": day_in_query(first), "to": day_in_query(last)}
