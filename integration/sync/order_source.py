"""An order as Lime holds it, with all that it refers to, read once for a piece of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integration.mapping.spec import Direction, MappingSpec
from integration.models import RecordLink
from integration.sync import lime_records, links
from integration.sync.lime_records import LimeRecord
from integration.sync.order_files import OrderFile, order_files

Values = Mapping[str, Any]


@dataclass(frozen=True)
class OrderSource:
    """One Lime order: its rows in order, debtor and creditor (None when not set), and the Billecta ids that Lime already holds.

    `files` go with the invoice; None when the mapping and the solution have no place for any.
    """

    order: Values
    rows: list[Values]
    debtor: Values | None
    creditor: Values | None
    articles: list[int]
    stored_action_id: str
    files: tuple[OrderFile, ...] | None = None

    @property
    def lime_id(self) -> int:
        return int(self.order["_id"])

    @property
    def creditor_lime_id(self) -> int | None:
        return int(self.creditor["_id"]) if self.creditor else None

    @property
    def debtor_lime_id(self) -> int | None:
        return int(self.debtor["_id"]) if self.debtor else None


def read_order(spec: MappingSpec, lime_id: int) -> OrderSource:
    """Read an order, its rows, debtor and creditor from Lime: four calls, and one for each file that goes with it.

    Raises RemoteNotFound when the order is gone.
    """
    order = lime_records.get(spec.limetype("order"), lime_id)
    rows = lime_records.find(spec.limetype("orderrow"), spec.link("orderrow", "order") or "order", lime_id)
    article_field = spec.link("orderrow", "article") or "article"
    articles = [row.values.get(article_field) for row in rows]
    return OrderSource(
        order=with_id(order),
        rows=sorted((with_id(row) for row in rows), key=lambda row: _place(spec, row)),
        debtor=_related(spec, "debtor", order.values.get(spec.link("order", "debtor") or "debtor")),
        creditor=_related(spec, "creditor", order.values.get(spec.link("order", "creditor") or "creditor")),
        articles=sorted({article for article in articles if isinstance(article, int)}),
        stored_action_id=str(order.values.get(spec.link("order", "billecta_id") or "") or ""),
        files=order_files(spec, with_id(order)),
    )


def with_id(item: LimeRecord) -> Values:
    """An object's values with its id under `_id`, as mapping and validations take it."""
    return {**item.values, "_id": item.id}


def product_ids(source: OrderSource, creditor_id: str) -> dict[int, str]:
    """The ProductPublicId of each article of the order that is linked for this creditor, by the article's Lime id."""
    found = RecordLink.objects.filter(limetype="article", creditor_id=creditor_id, lime_id__in=source.articles)
    return dict(found.values_list("lime_id", "billecta_id"))


def creditor_id_of(source: OrderSource) -> str:
    """The Billecta id of the order's creditor when it is linked, else empty."""
    known = links.find("creditor", lime_id=source.creditor_lime_id) if source.creditor_lime_id else None
    return known.billecta_id if known else ""


def _related(spec: MappingSpec, name: str, lime_id: object) -> Values | None:
    return with_id(lime_records.get(spec.limetype(name), lime_id)) if isinstance(lime_id, int) else None


def _place(spec: MappingSpec, row: Values) -> tuple[float, int]:
    number = row.get(spec.lime_field(Direction.TO_BILLECTA, "orderrow", "SequenceNo") or "")
    return (float(number) if number is not None else float("inf"), int(row["_id"]))
