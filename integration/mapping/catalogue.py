"""Which fields each of Billecta's objects has, of what kind, and which of them the portal may write.

Read from Billecta's published view models (`billecta/data/models.json`); labels are in `data/labels.json`. Fields that the
portal itself decides (ids, external ids, the external reference of an order) can be read but not mapped to Billecta.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

PathSteps = tuple[str | int, ...]

_HERE = Path(__file__).parent
_MODELS = _HERE.parent / "billecta" / "data" / "models.json"
_LABELS = _HERE / "data" / "labels.json"


class Kind(StrEnum):
    """How a field's value is written on Billecta's wire."""

    TEXT = "text"
    IDENTITY_NUMBER = "identity_number"
    PERSON_NAME = "person_name"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    AMOUNT = "amount"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    ENUM = "enum"


@dataclass(frozen=True)
class BillectaField:
    """One field of one object. `name` is what a mapping calls it, `path` where its value lies in the view."""

    object_name: str
    name: str
    path: PathSteps
    kind: Kind
    enum: str | None
    nullable: bool
    writable: bool
    readable: bool
    max_length: int | None

    @property
    def type(self) -> str:
        """The kind as the configuration shows it, an enum with its name: `enum:DeliveryMethodTypeView`."""
        return f"{self.kind}:{self.enum}" if self.enum else str(self.kind)

    def label(self, language: str) -> str:
        """What people call the field, in Swedish for `sv…`, else in English."""
        column = "sv" if language.lower().startswith("sv") else "en"
        words = [_labels()[part][column] for part in self.name.split(".") if not part.isdigit()]
        return ": ".join(words)


class _Property(TypedDict, total=False):
    type: str
    format: str
    ref: str
    enum: str
    nullable: bool
    items: Mapping[str, str]


class _Models(TypedDict):
    models: Mapping[str, Mapping[str, _Property]]
    enums: Mapping[str, Mapping[str, int | str]]


@dataclass(frozen=True)
class _Source:
    """The views of one object: one it is read from, one it is written as, and the nested views that a mapping may enter."""

    reads: str
    writes: str | None
    nested: frozenset[str] = frozenset()


_INVOICE_DETAILS = frozenset(
    {"DeliveryAddressOverride", "DebtCollectionDetails", "ReminderInvoiceDetails", "ReverseVATDetails", "RotRutDetails"}
)
_SOURCES: Mapping[str, _Source] = {
    "creditor": _Source(
        "CreditorView",
        "CreditorView",
        frozenset({"CreditorContact", "CreditorClaimsContact", "CreditorSignatoryContact", "CreditorInvoiceAddress"}),
    ),
    "debtor": _Source("DebtorView", "DebtorView", frozenset({"DefaultActionConfig"})),
    "article": _Source("ProductView", "ProductView"),
    "order": _Source("InvoiceActionView", "InvoiceActionEntryView", _INVOICE_DETAILS | {"State", "Invoices"}),
    "orderrow": _Source("InvoiceActionRecordView", "InvoiceActionRecordView"),
    "invoice": _Source("InvoiceActionView", None, _INVOICE_DETAILS | {"State", "Invoices", "Debtor"}),
    "invoicerow": _Source("InvoiceActionRecordView", None),
    "payment": _Source("IncomingPaymentView", None),
}

OBJECTS: tuple[str, ...] = tuple(_SOURCES)

_DATES = frozenset(
    {
        "InvoiceDate",
        "DueDate",
        "DeliveryDate",
        "PeriodStart",
        "PeriodEnd",
        "PaymentDate",
        "InvoiceSendDateOverride",
        "AutogiroFirstWithdrawalDate",
    }
)
_PERCENTS = frozenset({"VAT", "DiscountPercentage", "InterestPercentage"})
_DECIDED_ELSEWHERE: Mapping[str, frozenset[str]] = {
    "creditor": frozenset({"IsEnabled", "LogoURL", "NextInvoiceNumber"}),
    "debtor": frozenset({"DebtorExternalId", "Created"}),
    "article": frozenset({"ProductExternalId"}),
    "order": frozenset({"ActionType", "ExternalReference", "IsLocked", "InvoiceNumber", "CreditingInvoicePublicId"}),
    "orderrow": frozenset({"TotalIncVAT", "TotalExclVAT", "TotalExclVATNoDiscount"}),
}
# Assumed: Billecta publishes no lengths. Generous, so that only what no invoice can print is stopped.
_ASSUMED_LINE = 255
_ASSUMED_LENGTHS: Mapping[str, int] = {
    "CountryCode": 2,
    "CitizenshipCountryCode": 2,
    "ZipCode": 16,
    "Phone": 50,
    "Message": 4000,
    "Notes": 4000,
    "ReasonForHigherInterest": 4000,
    "ArticleDescription": 1000,
    "Description": 1000,
}


@cache
def _models() -> _Models:
    return cast("_Models", json.loads(_MODELS.read_text(encoding="utf-8")))


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    return cast("Mapping[str, Mapping[str, str]]", json.loads(_LABELS.read_text(encoding="utf-8")))


def view_properties(view: str) -> frozenset[str]:
    """Names of all properties of one of Billecta's views, such as `InvoiceActionEntryView`. Raises KeyError for an unknown view."""
    return frozenset(_models()["models"][view])


@cache
def enum_members(enum: str) -> tuple[str, ...]:
    """Names of an enum that may be sent, in Billecta's order; `Unknown` is only ever received."""
    return tuple(name for name in _models()["enums"][enum] if name != "Unknown")


@cache
def enum_name(enum: str, number: int) -> str | None:
    """The name behind an enum's number, for a Billecta that answers with numbers; None when there is none."""
    return next((name for name, value in _models()["enums"][enum].items() if value == number), None)


@cache
def fields(object_name: str) -> Mapping[str, BillectaField]:
    """All fields of an object by the name that a mapping uses, in Billecta's order. Raises KeyError for an unknown object."""
    source = _SOURCES[object_name]
    found = {field.name: field for field in _walk(object_name, source.reads, readable=True)}
    if source.writes and source.writes != source.reads:
        for field in _walk(object_name, source.writes, readable=False):
            found.setdefault(field.name, field)
    if object_name == "creditor":
        found |= _flat_contact(found)
    return found


def find_field(object_name: str, name: str) -> BillectaField | None:
    """The field that a mapping calls `name`, any index of a list allowed (`Invoices.1.OCR`), or None."""
    known = fields(object_name)
    steps = tuple(int(part) if part.isdigit() else part for part in name.split("."))
    first = known.get(".".join("0" if isinstance(step, int) else step for step in steps))
    if first is None or len(first.path) != len(steps):
        return known.get(name)
    return _replace_path(first, name, steps)


def _replace_path(field: BillectaField, name: str, steps: PathSteps) -> BillectaField:
    return field if field.name == name else BillectaField(**{**field.__dict__, "name": name, "path": steps})


def _walk(object_name: str, view: str, *, readable: bool, above: PathSteps = ()) -> Iterator[BillectaField]:
    for name, spec in _models()["models"][view].items():
        path = (*above, name)
        nested = _nested_view(object_name, name, spec) if not above else None
        if nested is not None:
            inner = (*path, 0) if spec["type"] == "array" else path
            yield from _walk(object_name, nested, readable=readable, above=inner)
            continue
        kind = _kind(name, spec)
        if kind is not None and not name.startswith("Can"):
            yield _field(object_name, path, kind, spec, readable=readable)


def _nested_view(object_name: str, name: str, spec: _Property) -> str | None:
    if name not in _SOURCES[object_name].nested:
        return None
    return spec["items"]["ref"] if spec["type"] == "array" else spec["ref"]


def _kind(name: str, spec: _Property) -> Kind | None:
    """The kind of a property, or None for what a mapping cannot carry: files, lists and views it may not enter."""
    if spec["type"] == "string":
        return _text_kind(name, spec.get("format"))
    if spec["type"] == "number":
        return Kind.PERCENT if name in _PERCENTS else Kind.DECIMAL
    if spec["type"] == "object":
        return Kind.AMOUNT if spec["ref"] == "AmountView" else None
    return {"integer": Kind.INTEGER, "boolean": Kind.BOOLEAN, "enum": Kind.ENUM}.get(spec["type"])


def _text_kind(name: str, wire_format: str | None) -> Kind | None:
    if wire_format == "date-time":
        return Kind.DATE if name in _DATES else Kind.DATETIME
    if wire_format == "byte":
        return None
    return Kind.IDENTITY_NUMBER if name == "OrgNo" else Kind.TEXT


def _field(object_name: str, path: PathSteps, kind: Kind, spec: _Property, *, readable: bool) -> BillectaField:
    leaf = str(path[-1])
    return BillectaField(
        object_name=object_name,
        name=".".join(str(step) for step in path),
        path=path,
        kind=kind,
        enum=spec.get("enum"),
        nullable=spec.get("nullable", False),
        writable=spec.get("format") != "guid" and _may_write(object_name, path),
        readable=readable,
        max_length=_ASSUMED_LENGTHS.get(leaf, _ASSUMED_LINE) if kind is Kind.TEXT else None,
    )


def _may_write(object_name: str, path: PathSteps) -> bool:
    view = _SOURCES[object_name].writes
    top = str(path[0])
    return view is not None and top in _models()["models"][view] and top not in _DECIDED_ELSEWHERE.get(object_name, frozenset())


def _flat_contact(found: Mapping[str, BillectaField]) -> dict[str, BillectaField]:
    """`ContactName` and `ContactEmail` of a creditor, which Lime's package maps flat but Billecta keeps in `CreditorContact`."""
    email = found["CreditorContact.Email"]
    name = BillectaField(
        **{**email.__dict__, "name": "ContactName", "path": ("CreditorContact",), "kind": Kind.PERSON_NAME, "max_length": None}
    )
    return {"ContactName": name, "ContactEmail": BillectaField(**{**email.__dict__, "name": "ContactEmail"})}
