"""Reads the environment: each value checked, each failure naming the variable, what is wrong and an example."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class Environment:
    """The process's environment, completed by an `.env` file that never overrides it.

    Args:
        file: the `.env` file; one that does not exist is skipped.
    """

    def __init__(self, file: Path) -> None:
        import environ

        if file.is_file():
            environ.Env.read_env(str(file), overwrite=False)

    def text(self, name: str, *, example: str, default: str | None = None) -> str:
        """The variable as text, or `default`. Raises ImproperlyConfigured when it is missing and has no default."""
        value = os.environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise _refusal(name, "is missing", example)
        return default

    def parsed(self, name: str, parse: Callable[[str], T], *, example: str, default: str | None = None) -> T:
        """The variable through `parse`, which raises ValueError with a reason when the text is malformed."""
        text = self.text(name, example=example, default=default)
        try:
            return parse(text)
        except ValueError as error:
            raise _refusal(name, f"is malformed ({error})", example) from None


def _refusal(name: str, problem: str, example: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {problem}. Set it in the environment or in .env, for example: {name}={example}")


def readable_file(text: str) -> str:
    """The path of a file that is there, or nothing."""
    if text and not Path(text).is_file():
        raise ValueError(f"there is no file {text}")
    return text


def boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered not in TRUE | FALSE:
        raise ValueError("use true or false")
    return lowered in TRUE


def number(text: str) -> int:
    if not text.isdigit():
        raise ValueError("use a whole number")
    return int(text)


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def http_url(text: str) -> str:
    """An http(s) URL without a trailing slash."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("use an address that begins with http:// or https://")
    return text.rstrip("/")


def encryption_keys(text: str) -> list[str]:
    """Fernet keys, comma separated; the first is current, the others only read."""
    keys = words(text)
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("each key is 32 bytes in URL-safe base64") from None
    return keys


def json_texts(text: str) -> dict[str, str]:
    """A JSON object whose values are all text."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("use a JSON object of texts")
    return value


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError("use one of " + ", ".join(choices))
        return text

    return parse
