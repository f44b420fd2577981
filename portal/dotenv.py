"""Writes into `.env` what the portal cannot start without and what a person need not think of; never changes a line that is there."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet

Maker = Callable[[], str]
FILE = Path(__file__).resolve().parent.parent / os.environ.get("ENV_FILE", ".env")
ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", re.MULTILINE)

SECRETS: Mapping[str, Maker] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "FIELD_ENCRYPTION_KEYS": lambda: Fernet.generate_key().decode(),
}
DEMO: Mapping[str, Maker] = {
    **SECRETS,
    "SANDBOX": lambda: "true",
    "DEMO_PASSWORD": lambda: secrets.token_urlsafe(9),
}


def complete(file: Path, wanted: Mapping[str, Maker]) -> list[str]:
    """Add each wanted variable that neither `file` nor the environment sets; the file is then readable by its owner alone.

    Args:
        file: the `.env` file, made when it is missing.
        wanted: variable name to a function that makes its value.

    Returns:
        The names that were added.
    """
    text = file.read_text("utf-8") if file.exists() else ""
    there = set(ASSIGNMENT.findall(text))
    missing = [name for name in wanted if name not in there and not os.environ.get(name)]
    if missing:
        lines = [f"{name}={wanted[name]()}\n" for name in missing]
        _append(file, ("\n" if text and not text.endswith("\n") else "") + "".join(lines))
    return missing


def _append(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        os.fchmod(handle, 0o600)
        stream.write(text)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m portal.dotenv [--demo]`: complete the project's `.env`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="portal.dotenv", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="also turn the sandboxes on and make a password for the demo's logins")
    added = complete(FILE, DEMO if parser.parse_args(argv).demo else SECRETS)
    if added:
        sys.stdout.write(f"Wrote {', '.join(added)} into {FILE.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
