"""The tables: configuration, ledger, links, mirror, dated entries, monitor."""

from integration.models.anonymisation import Anonymisation
from integration.models.configuration import ApiKey, MappingPair, MappingVersion, PortalConfiguration, RetryPolicy
from integration.models.debt_collection import DebtCollectionCase
from integration.models.entries import InvoiceVersion, LedgerEntry
from integration.models.ledger import Batch, Heartbeat, RefusedDelivery, SyncAttempt, SyncRecord, TokenBucket, WakeUp, WebhookEvent
from integration.models.links import RecordLink
from integration.models.mirror import Article, Creditor, Debtor, Invoice, InvoiceRow, Order, OrderRow, Payment
from integration.models.monitor import EventLog
from integration.models.payments import SwishRequest, UnhandledPayment
from integration.models.sweep import LimeCursor

__all__ = [
    "Anonymisation",
    "ApiKey",
    "Article",
    "Batch",
    "Creditor",
    "DebtCollectionCase",
    "Debtor",
    "EventLog",
    "Heartbeat",
    "Invoice",
    "InvoiceRow",
    "InvoiceVersion",
    "LedgerEntry",
    "LimeCursor",
    "MappingPair",
    "MappingVersion",
    "Order",
    "OrderRow",
    "Payment",
    "PortalConfiguration",
    "RecordLink",
    "RefusedDelivery",
    "RetryPolicy",
    "SwishRequest",
    "SyncAttempt",
    "SyncRecord",
    "TokenBucket",
    "UnhandledPayment",
    "WakeUp",
    "WebhookEvent",
]
