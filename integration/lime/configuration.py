"""What Lime's settings must look like, and what is said when they do not. The key's text never appears in what is said."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from integration.errors import InvalidLimeApiConfig

BASE_URL_EXAMPLE = "https://acme.lime-crm.com/acme"
API_KEY_EXAMPLE = "the key of the portal's own API user in Lime"


def checked_base_url(text: str, *, setting: str = "LIME_BASE_URL") -> str:
    """The address with its database, percent-encoded and without a trailing slash. Raises InvalidLimeApiConfig.

    The database's name may hold spaces, encoded already or not.
    """
    problem = _base_url_problem(text)
    if problem:
        raise InvalidLimeApiConfig(setting=setting, problem=problem, example=BASE_URL_EXAMPLE)
    parts = urlsplit(text.strip())
    return f"{parts.scheme}://{parts.netloc}{quote(unquote(parts.path.rstrip('/')))}"


def checked_api_key(text: str, *, setting: str = "LIME_API_KEY") -> str:
    """The key as it is. Raises InvalidLimeApiConfig when it is missing or cannot be a header."""
    problem = "is missing" if not text else "" if _fits_a_header(text) else "must not hold spaces, line breaks or special letters"
    if problem:
        raise InvalidLimeApiConfig(setting=setting, problem=problem, example=API_KEY_EXAMPLE)
    return text


def _base_url_problem(text: str) -> str:
    if not text:
        return "is missing"
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not host:
        return "must be an address that begins with https:// or http://"
    if parts.username is not None:
        return "must not hold a user or password; the key belongs in LIME_API_KEY"
    if parts.query or parts.fragment:
        return "must end with the database's name"
    segments = [segment for segment in parts.path.split("/") if segment]
    if not segments:
        return "must end with the database's name"
    return "must end with the database's name: /api/v1/ is added to it" if "api" in segments[1:] else ""


def _fits_a_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
