"""What is masked before anything is logged or recorded: secrets wholly, personal data so that its shape is still recognised."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

MASK = "•••"

_PERSONAL_NUMBER = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])[-+]?\d{4}|\d{6}[-+]\d{4}"
_NUMBER_IN_TEXT = re.compile(rf"(?<![\w-])(?:{_PERSONAL_NUMBER})(?![\w-])")
# An address begins where its letters begin: to look for one at each letter of a long word would take the square of its length.
_EMAIL_IN_TEXT = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_BASE64 = re.compile(r"(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/_\r\n-]+={0,2}\s*")
_LONGEST_WORD, _LONGEST_ID = 1_000, 40
_FILE_FIELDS = frozenset({"data", "stream"})
_CREDENTIALS_IN_TEXT = re.compile(r"\b(Basic|SecureToken|Bearer) +[\w+/=.-]{6,}")


def mask_number(value: str) -> str:
    """A personal or organisation number without its last four digits: `19121212-••••`."""
    digits = re.sub(r"\D", "", value)
    return f"{digits[:-4]}-••••" if len(digits) > 4 else MASK


def mask_email(value: str) -> str:
    """An address with the first letter and the domain left: `a•••@example.se`."""
    name, at, domain = value.strip().rpartition("@")
    return f"{name[:1]}{MASK}@{domain}" if at and name else MASK


def mask_phone(value: str) -> str:
    """A number with its last two digits left: `•••67`."""
    digits = re.sub(r"\D", "", value)
    return f"{MASK}{digits[-2:]}" if len(digits) > 4 else MASK


def mask_words(value: str) -> str:
    """Names and addresses: the first letter of each word, no digits: `A••• S•••`."""
    return " ".join(f"{word[0]}{MASK}" if word[0].isalpha() else MASK for word in value.split())


def mask_wholly(value: str) -> str:
    """A secret: nothing of it is left, not even its length."""
    return MASK if value else ""


_FIELDS_BY_MASK: Mapping[Callable[[str], str], str] = {
    mask_wholly: "authorization proxy-authorization x-api-key api_key apikey lime_api_key billecta_authentication authentication"
    " password secret token securetoken paymentrequesttoken cookie set-cookie x-lime-signature sessionid",
    mask_number: "orgno debtororgno creditororgno senderorgno ssn ssnregno personalnumber personnummer registrationno vatnumber",
    mask_email: "email contactemail debtoremail e-mail invoiceemail",
    mask_phone: "phone mobile mobilephone maincontactphone contactphone debtorphone phonenumber",
    mask_words: "name firstname lastname contactname debtorname sendername receivername attention careof yourreference eventby createdby"
    " address address2 senderaddress street zipcode senderzipcode city sendercity descriptive _descriptive",
}
MASK_BY_FIELD: Mapping[str, Callable[[str], str]] = {field: mask for mask, fields in _FIELDS_BY_MASK.items() for field in fields.split()}


def redact(value: Any, *, max_items: int | None = None) -> Any:
    """A copy of JSON-like data without secrets and personal data.

    Args:
        value: what a JSON document holds; mapping keys are matched with the table without regard to case. Lime's filter
            expressions (`{"key", "op", "exp"}`) are masked after the property they name. A debtor with protected identity
            keeps nothing of its personal data.
        max_items: longer lists are cut and say how many were left out.
    """
    if isinstance(value, Mapping):
        return _redact_mapping(value, max_items)
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        kept = value if max_items is None else value[:max_items]
        shown = [redact(item, max_items=max_items) for item in kept]
        return shown if len(kept) == len(value) else [*shown, f"… {len(value) - len(kept)} more"]
    return value


def redact_text(text: str) -> str:
    """Free text with credentials, e-mail addresses and personal numbers masked. Plain ten-digit numbers are Billecta's ids and stay.

    Of a long base64 text, which is a file, only the length is left.
    """
    if len(text) > _LONGEST_WORD and _BASE64.fullmatch(text):
        return _file_of(text)
    text = _CREDENTIALS_IN_TEXT.sub(lambda found: f"{found[1]} {MASK}", text)
    text = _EMAIL_IN_TEXT.sub(lambda found: mask_email(found[0]), text)
    return _NUMBER_IN_TEXT.sub(lambda found: mask_number(found[0]), text)


def redact_field(name: str, value: Any, *, max_items: int | None = None) -> Any:
    """The value of one named field, masked when the table names the field."""
    mask = MASK_BY_FIELD.get(name.lower())
    return redact(value, max_items=max_items) if mask is None else _masked(mask, value, max_items)


def redact_event(logger: Any, method_name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ARG001
    """A structlog processor: every field of the event goes through the table."""
    for name, value in list(event_dict.items()):
        if isinstance(value, str | Mapping | list | tuple) and not name.startswith("_"):
            event_dict[name] = redact_field(name, value)
    return event_dict


def _file_of(base64_text: str) -> str:
    return f"<{len(base64_text) * 3 // 4} bytes>"


def _is_file(key: object, item: object) -> bool:
    """Whether a field holds a file's content; ids under the same names are short or have hyphens."""
    return isinstance(item, str) and str(key).lower() in _FILE_FIELDS and len(item) > _LONGEST_ID and _BASE64.fullmatch(item) is not None


def _redact_mapping(value: Mapping[Any, Any], max_items: int | None) -> dict[str, Any]:
    protected = any(str(key).lower() == "protectedidentity" and item is True for key, item in value.items())
    named = str(value.get("key", "")).rsplit(".", 1)[-1].lower() if "exp" in value else ""
    shown: dict[str, Any] = {}
    for key, item in value.items():
        mask = MASK_BY_FIELD.get(named if key == "exp" else str(key).lower())
        if _is_file(key, item):
            shown[str(key)] = _file_of(item)
        elif mask is None:
            shown[str(key)] = redact(item, max_items=max_items)
        else:
            shown[str(key)] = _masked(mask_wholly if protected else mask, item, max_items)
    return shown


def _masked(mask: Callable[[str], str], value: Any, max_items: int | None) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return redact(value, max_items=max_items) if mask is not mask_wholly else MASK
    if isinstance(value, list | tuple):
        return [_masked(mask, item, max_items) for item in value[:max_items]]
    return value if value is None or isinstance(value, bool) else mask(str(value))
