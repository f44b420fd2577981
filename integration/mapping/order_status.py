"""The status that an order shows in Lime, from the facts known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class OrderStatus(StrEnum):
    """Keys of the option field in Lime, in the order of an order's life."""

    NOT_SENT = "notsent"
    PENDING = "pending"
    CREATED = "created"
    ATTESTED = "attested"
    SENT = "sent"
    PAID = "paid"
    CREDITED = "credited"
    WRITTEN_OFF = "writtenoff"
    DEBT_COLLECTION = "debtcollection"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    ERROR = "error"


SETTLED = frozenset({OrderStatus.PAID, OrderStatus.CREDITED, OrderStatus.WRITTEN_OFF})


@dataclass(frozen=True)
class OrderFacts:
    """What is known of an order here and at Billecta; amounts in öre, as Billecta signs them.

    `draft`: it exists at Billecta and may still be changed. `last_failed`: the latest finished work on it failed;
    `changed_since_failure`: Billecta has told of a new state of the invoice after that.
    """

    has_open_work: bool = False
    last_failed: bool = False
    changed_since_failure: bool = False
    draft: bool = False
    attested_date: date | None = None
    sent_date: date | None = None
    debt_collection_date: date | None = None
    invoiced_ore: int = 0
    current_ore: int = 0
    paid_ore: int = 0
    credited_ore: int = 0
    written_off_ore: int = 0
    cancelled: bool = False
    deleted: bool = False


def order_status(facts: OrderFacts) -> OrderStatus:
    """The one status to show: work going on comes first, then work that failed, then what became of the invoice.

    An invoice that was settled after the failure shows as settled: nothing is left that the failed work could have changed.
    """
    if facts.has_open_work:
        return OrderStatus.PENDING
    became = _became(facts)
    if facts.last_failed and not (facts.changed_since_failure and became in SETTLED):
        return OrderStatus.ERROR
    return became


def _became(facts: OrderFacts) -> OrderStatus:
    if facts.deleted:
        return OrderStatus.DELETED
    if facts.cancelled:
        return OrderStatus.CANCELLED
    if facts.attested_date is not None:
        return _attested_status(facts)
    return OrderStatus.CREATED if facts.draft else OrderStatus.NOT_SENT


def _attested_status(facts: OrderFacts) -> OrderStatus:
    if not _something_left(facts):
        settled = _settled_by(facts)
        if settled is not None:
            return settled
    elif facts.debt_collection_date is not None:
        return OrderStatus.DEBT_COLLECTION
    return OrderStatus.SENT if facts.sent_date is not None else OrderStatus.ATTESTED


def _something_left(facts: OrderFacts) -> bool:
    """An overpaid invoice has nothing left; a credit invoice counts the other way."""
    return facts.current_ore < 0 if facts.invoiced_ore < 0 else facts.current_ore > 0


def _settled_by(facts: OrderFacts) -> OrderStatus | None:
    """What the larger part was settled by, payment before credit before write-off when equal; None for an invoice of nothing."""
    parts = (
        (abs(facts.paid_ore), OrderStatus.PAID),
        (abs(facts.credited_ore), OrderStatus.CREDITED),
        (abs(facts.written_off_ore), OrderStatus.WRITTEN_OFF),
    )
    largest, status = max(parts, key=lambda part: part[0])
    return status if largest else None
