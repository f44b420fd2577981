"""The table of Billecta's calls: method, path, effect, and whether the path was read in public material or is assumed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Formatter
from urllib.parse import quote

from integration.errors import InvalidBillectaApiConfig
from integration.http import Effect

TABLE = Path(__file__).parent / "data" / "endpoints.json"
SETTING = "BILLECTA_PATHS"
EXAMPLE = '{"credit": "POST /v1/invoice/credit"}'
_OVERRIDE = re.compile(r"(GET|POST|PUT|DELETE) (/[^\s?#]*)")


@dataclass(frozen=True)
class Endpoint:
    """One of Billecta's calls.

    `basis` is `documented`, `assumed` or, for an override, `configured`; `source` says where the path was read or what it was
    inferred from. `ids` are the names that may stand in braces in the path.
    """

    operation: str
    method: str
    path: str
    effect: Effect
    basis: str
    source: str
    ids: frozenset[str]

    def format(self, ids: Mapping[str, str]) -> str:
        """The path with its ids filled in, percent-encoded."""
        return self.path.format_map({name: quote(value, safe="") for name, value in ids.items()})

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces in the path."""
        return _placeholders(self.path)


@cache
def known_endpoints() -> Mapping[str, Endpoint]:
    """Every call that the portal knows, by operation, as shipped."""
    operations = json.loads(TABLE.read_text())["operations"]
    return {operation: _from_row(operation, row) for operation, row in operations.items()}


def endpoints(overrides: Mapping[str, str]) -> Mapping[str, Endpoint]:
    """The known calls with an installation's own paths put in.

    Args:
        overrides: operation → `METHOD /path`; braces may hold the ids that the operation has, and must hold those that the
            shipped path has.

    Raises:
        InvalidBillectaApiConfig: unknown operation, malformed text, wrong ids.
    """
    known = known_endpoints()
    return {**known, **{operation: _overridden(known, operation, text) for operation, text in overrides.items()}}


def _from_row(operation: str, row: Mapping[str, str]) -> Endpoint:
    return Endpoint(
        operation=operation,
        method=row["method"],
        path=row["path"],
        effect=Effect(row["effect"]),
        basis=row["basis"],
        source=row["source"],
        ids=_placeholders(row["path"]) | frozenset(row.get("body_ids", ())),
    )


def _overridden(known: Mapping[str, Endpoint], operation: str, text: str) -> Endpoint:
    shipped = known.get(operation)
    if shipped is None:
        raise _refusal(operation, f"is not a call; the calls are {', '.join(sorted(known))}")
    matched = _OVERRIDE.fullmatch(text)
    if matched is None:
        raise _refusal(operation, 'must be "METHOD /path" with GET, POST, PUT or DELETE and no query')
    method, path = matched.groups()
    try:
        found = _placeholders(path)
    except ValueError:
        raise _refusal(operation, "has unbalanced braces") from None
    if not shipped.placeholders <= found <= shipped.ids:
        raise _refusal(operation, f"may hold {_braced(shipped.ids)} and must hold {_braced(shipped.placeholders)}")
    return replace(shipped, method=method, path=path, basis="configured", source=SETTING)


def _placeholders(path: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(path) if name is not None)


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no ids"


def _refusal(operation: str, problem: str) -> InvalidBillectaApiConfig:
    return InvalidBillectaApiConfig(setting=f"{SETTING}[{operation}]", problem=problem, example=EXAMPLE)
