"""The whole of Billecta as the portal calls it: one method per operation of the endpoint table that it uses, named as there."""

from __future__ import annotations

from integration.billecta.dunning import DunningCalls
from integration.billecta.invoices import InvoiceCalls
from integration.billecta.parties import CreditorCalls, DebtorCalls
from integration.billecta.payments import PaymentCalls
from integration.billecta.products import ProductCalls


class BillectaClient(CreditorCalls, DebtorCalls, ProductCalls, InvoiceCalls, DunningCalls, PaymentCalls):
    """Billecta over HTTP; made as `BillectaCalls` says. Raises what `ApiClient.perform` raises. Safe to share between threads."""
