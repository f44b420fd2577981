"""An order with its rows as Billecta takes it, and as it is put together again from what Billecta shows."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from integration.mapping.catalogue import view_properties
from integration.mapping.engine import Mapped, merge, record_name, to_billecta
from integration.mapping.lime_schema import LimeSchema
from integration.mapping.spec import MappingSpec
from integration.mapping.values import is_empty
from integration.money import SEK


def order_entry(
    spec: MappingSpec,
    order: Mapping[str, object],
    rows: Sequence[Mapping[str, object]],
    *,
    currency: str = SEK,
    schema: LimeSchema | None = None,
) -> Mapped:
    """An order with its rows as InvoiceActionEntryView values, ids and external reference of the order not included.

    Rows keep their order and are numbered from 1 where they have no number of their own; each repeats whether prices include
    VAT and carries its Lime id (`_id`) as ExternalReference, unless a row of the mapping fills these.
    That Billecta wants `VatIsIncluded` on the row too is assumed.
    """
    whole = to_billecta(spec, "order", order, currency=currency, schema=schema)
    records: list[dict[str, Any]] = []
    problems = list(whole.problems)
    for number, row in enumerate(rows, start=1):
        mapped = to_billecta(spec, "orderrow", row, record=record_name("orderrow", row, number), currency=currency, schema=schema)
        problems += mapped.problems
        defaults = {"SequenceNo": number, "VatIsIncluded": whole.values.get("VatIsIncluded", False)}
        if "_id" in row:
            defaults["ExternalReference"] = str(row["_id"])
        records.append({**defaults, **mapped.values})
    return Mapped({**whole.values, "Records": records}, problems)


def entry_from_view(view: Mapping[str, Any]) -> dict[str, Any]:
    """A fetched InvoiceActionView as the InvoiceActionEntryView that PUT takes: the properties both have, the debtor as its id.

    `IsLocked` and `UseDebtorBalance`, which the view keeps under `State`, are carried over. What Billecta does not show
    (such as `InvoiceSendDateOverride`) cannot be, so a PUT of this resets it (assumed, since PUT replaces the whole).
    """
    known = view_properties("InvoiceActionEntryView")
    entry = {name: copy.deepcopy(value) for name, value in view.items() if name in known}
    debtor, state = view.get("Debtor"), view.get("State")
    if isinstance(debtor, Mapping) and debtor.get("DebtorPublicId"):
        entry.setdefault("DebtorPublicId", debtor["DebtorPublicId"])
    if isinstance(state, Mapping):
        entry |= {name: state[name] for name in ("IsLocked", "UseDebtorBalance") if name in state}
    return entry


def merge_records(
    fetched: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]], *, key: str = "ExternalReference"
) -> list[dict[str, Any]]:
    """The rows to send: each of `records` over the fetched row with the same `key`; fetched rows without a match are dropped."""
    known = {str(row[key]): row for row in fetched if not is_empty(row.get(key))}
    return [merge(known.get(str(record.get(key)), {}), record) for record in records]
