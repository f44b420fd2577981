"""What Billecta's settings must look like, and what is said when they do not. A secret's text never appears in what is said."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from integration.errors import InvalidBillectaApiConfig

BASE_URL_EXAMPLE = "https://api.billecta.com"
AUTHENTICATION_EXAMPLE = "Basic dXNlcjpwYXNzd29yZA== or SecureToken dG9rZW4="


def checked_base_url(text: str, *, setting: str = "BILLECTA_BASE_URL") -> str:
    """The address without a trailing slash. Raises InvalidBillectaApiConfig unless it is http(s), a host and no path."""
    problem = _base_url_problem(text)
    if problem:
        raise InvalidBillectaApiConfig(setting=setting, problem=problem, example=BASE_URL_EXAMPLE)
    return text.rstrip("/")


def checked_authentication(text: str, *, setting: str = "BILLECTA_AUTHENTICATION") -> str:
    """The Authorization header's value as it is: `Basic` or `SecureToken`, one space, base64. Raises InvalidBillectaApiConfig."""
    problem = _authentication_problem(text)
    if problem:
        raise InvalidBillectaApiConfig(setting=setting, problem=problem, example=AUTHENTICATION_EXAMPLE)
    return text


def _base_url_problem(text: str) -> str:
    if not text:
        return "is missing"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not host or any(letter.isspace() for letter in text):
        return "must be an address that begins with https:// or http://"
    if parts.username is not None:
        return "must not hold a user or password; they belong in BILLECTA_AUTHENTICATION"
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        return "must end after the host: the paths begin with /v1 and are added to it"
    return ""


def _authentication_problem(text: str) -> str:
    if not text:
        return "is missing"
    scheme, space, credentials = text.partition(" ")
    if scheme not in {"Basic", "SecureToken"}:
        return "must begin with Basic or SecureToken"
    if not space or not credentials or credentials != credentials.strip() or " " in credentials:
        return f"must have exactly one space, after {scheme}, and then the credentials"
    try:
        decoded = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return f"must have base64 after {scheme}"
    if scheme == "Basic" and not all(decoded.partition(b":")):
        return "must be base64 of user:password after Basic"
    return ""
