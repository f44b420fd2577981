"""An order with its rows as Billecta takes it, and as it is put together again from what Billecta shows."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from integration.mapping.catalogue import view_properties
from integration.mapping.engine import Mapped, merge, record_name, to_billecta
from integration.mapping.lime_schema import LimeSchema
from integration.mapping.order_details import add_party_details, complete_row
from integration.mapping.spec import MappingSpec
from integration.mapping.values import is_empty
from integration.money import SEK


def order_entry(
    spec: MappingSpec,
    order: Mapping[str, object],
    rows: Sequence[Mapping[str, object]],
    *,
    debtor: Mapping[str, object] | None = None,
    currency: str = SEK,
    schema: LimeSchema | None = None,
) -> Mapped:
    """An order with its rows as InvoiceActionEntryView values, ids, external reference and files of the order not included.

    `debtor` (normalised Lime values) is asked for what reverse VAT and ROT/RUT need of it; `currency` is that of all amounts.

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
        complete_row(spec, row, mapped.values)
        records.append({**defaults, **mapped.values})
    values = {**whole.values, "Records": records}
    add_party_details(spec, values, rows, debtor or {})
    return Mapped(values, problems)


def order_currency(spec: MappingSpec, order: Mapping[str, object]) -> str:
    """The three-letter code that the order's amounts are in, in capitals; SEK when the order names none."""
    value = order.get(spec.link("order", "currency") or "")
    return SEK if is_empty(value) else str(value).strip().upper()


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


def updated_entry(view: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """What to PUT so that a fetched draft (InvoiceActionView) says what `entry` says; neither is changed.

    PUT replaces the whole, so it is what was fetched with only the mapped fields changed. Rows are those of `entry`.
    """
    fetched = entry_from_view(view)
    records = merge_records(fetched.get("Records") or [], entry["Records"])
    return {**merge(fetched, {name: value for name, value in entry.items() if name != "Records"}), "Records": records}


def merge_records(
    fetched: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]], *, key: str = "ExternalReference"
) -> list[dict[str, Any]]:
    """The rows to send: each of `records` over the fetched row with the same `key`; fetched rows without a match are dropped."""
    known = {str(row[key]): row for row in fetched if not is_empty(row.get(key))}
    return [merge(known.get(str(record.get(key)), {}), record) for record in records]
