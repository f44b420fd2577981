"""Where a person shows in Billecta's views, and the same views without the person. Pure functions of JSON-like data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from integration.redaction import MASK, mask_email, mask_number, mask_phone, mask_words

NAME = "Anonymiserad"
LONGEST_ID_SHOWN = 8
SHORTEST_SOUGHT = 4

TEXTS = (
    *("OrgNo", "Attention", "CareOf", "Address", "Address2", "ZipCode", "City", "CitizenshipCountryCode", "Phone", "Email"),
    *("ContactName", "ContactEmail", "VatNumber", "GLN", "Notes"),
)
"""What a DebtorView says of a person beside the name."""
PARTS = ("DebtorSelfInvoiceInfo", "Autogiro", "CreditCards")
"""Accounts and cards of a DebtorView."""
FLAGS = ("ProtectedIdentity", "UseProtectedMailDelivery")
IN_FREE_TEXT = ("Name", "OrgNo", "Attention", "CareOf", "Address", "Address2", "Phone", "Email", "ContactName", "ContactEmail", "VatNumber")
"""Fields whose values are looked for in texts; a town or postal code alone is nobody's."""
ABOUT_THE_DEBTOR = frozenset({"Debtor", "Invoices", "DeliveryAddressOverride"})
"""Properties of an invoice or case whose views hold the debtor's name and address."""
ALWAYS_PERSONAL = frozenset(
    {"DebtorName", "DebtorOrgNo", "DebtorEmail", "DebtorPhone", "DebtorAccount", "YourReference", "Persons", "Customers", "SSN"}
    | {"SenderName", "SenderAddress", "SenderZipCode", "SenderCity", "SenderOrgNo", "SenderBankgiroNo"}
)


def neutral_name(debtor_id: str) -> str:
    """What an anonymised debtor is called, in Billecta and here."""
    return f"{NAME} {debtor_id[:LONGEST_ID_SHOWN]}"


def neutral_fields(debtor_id: str) -> dict[str, Any]:
    """The fields of a DebtorView that tell of a person, as they are once it is anonymised."""
    return {"Name": neutral_name(debtor_id), **dict.fromkeys((*TEXTS, *PARTS)), **dict.fromkeys(FLAGS, False)}


def sought_texts(view: Mapping[str, Any]) -> list[str]:
    """What of a DebtorView is looked for in stored texts: its values in the ways they are written, also as the log masks them."""
    found: dict[str, None] = {}
    for name in IN_FREE_TEXT:
        value = str(view.get(name) or "").strip()
        if len(value) >= SHORTEST_SOUGHT and not value.startswith(NAME):
            found |= dict.fromkeys(_written(name, value))
    return [text for text in found if len(text) >= SHORTEST_SOUGHT]


def pattern_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the texts as whole words whatever their case, the longest first; None for none."""
    longest_first = sorted(set(texts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE) if longest_first else None


def without_person(value: Any, debtor_id: str, sought: re.Pattern[str] | None = None) -> Any:
    """A copy of a payload about a debtor or one of its invoices, without the person.

    Args:
        sought: removed from every text, whatever property it is in.
    """
    return _without(value, debtor_id, sought, about=False)


def _without(value: Any, debtor_id: str, sought: re.Pattern[str] | None, *, about: bool) -> Any:
    if isinstance(value, str):
        return sought.sub(MASK, value) if sought else value
    if isinstance(value, list):
        return [_without(item, debtor_id, sought, about=about) for item in value]
    if not isinstance(value, Mapping):
        return value
    inside = about or value.get("DebtorPublicId") == debtor_id
    neutral, kept = neutral_fields(debtor_id), dict[str, Any]()
    for name, item in value.items():
        if inside and name in neutral:
            kept[name] = item and neutral[name]
        elif name in ALWAYS_PERSONAL:
            kept[name] = None
        else:
            kept[name] = _without(item, debtor_id, sought, about=inside or name in ABOUT_THE_DEBTOR)
    return kept


def _written(name: str, value: str) -> Iterable[str]:
    yield value
    if name in {"OrgNo", "VatNumber"}:
        digits = re.sub(r"\D", "", value)
        yield from (digits, digits[-10:], f"{digits[:-4]}-{digits[-4:]}", f"{digits[-10:-4]}-{digits[-4:]}")
        yield from (mask_number(value), mask_number(digits[-10:]))
    elif name in {"Email", "ContactEmail"}:
        yield mask_email(value)
    elif name == "Phone":
        yield from (re.sub(r"\D", "", value), mask_phone(value))
    else:
        yield from value.split()
        yield mask_words(value)
