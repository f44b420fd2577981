"""Which products of a creditor carry an article number: Billecta has no call for that, only a list of them all."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from integration.billecta import wire
from integration.billecta.client import BillectaClient
from integration.errors import RemoteNotFound
from integration.models import Article
from integration.sync.systems import billecta

KEPT_SECONDS = 60.0
"""How long a list serves: thousands of new articles must not each fetch thousands of products."""

_lock = Lock()


@dataclass(frozen=True)
class _Listing:
    """The products of one creditor by article number, as one client listed them."""

    client: BillectaClient
    by_number: Mapping[str, list[wire.Product]]
    listed_at: float = field(default_factory=time.monotonic)

    def serves(self, client: BillectaClient) -> bool:
        return self.client is client and time.monotonic() < self.listed_at + KEPT_SECONDS


_listings: dict[str, _Listing] = {}


def with_number(creditor_id: str, number: str) -> list[wire.Product]:
    """The products with this article number, as written, as they are now: at most one list in a minute, by each process.

    A list that was fetched before says only where to look, so what it names is fetched again; so is what the portal itself
    made since. Only a product that a person makes in Billecta within that minute is not seen.
    """
    listing, is_new = _listing(creditor_id)
    listed = listing.by_number.get(number, [])
    if is_new:
        return listed
    own = Article.objects.filter(creditor__billecta_id=creditor_id, article_number=number, deleted_at=None)
    named = dict.fromkeys([*(product.product_id for product in listed), *own.values_list("billecta_id", flat=True)])
    return [product for public_id in named for product in _fetched(public_id) if product.article_number == number]


def _listing(creditor_id: str) -> tuple[_Listing, bool]:
    """The creditor's products, and whether they were listed just now."""
    client = billecta()
    with _lock:
        known = _listings.get(creditor_id)
    if known is not None and known.serves(client):
        return known, False
    by_number: dict[str, list[wire.Product]] = defaultdict(list)
    for product in client.list_products(creditor_id):
        by_number[product.article_number].append(product)
    with _lock:
        listing = _listings[creditor_id] = _Listing(client, by_number)
    return listing, True


def _fetched(public_id: str) -> list[wire.Product]:
    try:
        return [billecta().get_product(public_id)]
    except RemoteNotFound:
        return []
