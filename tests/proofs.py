"""The tests that `docs/features.md` names as proof, and what it means when one of them did not run."""

from __future__ import annotations

import re
from pathlib import Path

FEATURES = Path(__file__).resolve().parent.parent / "docs" / "features.md"
NODE = re.compile(r"`(tests/[\w/]+\.py::(?:Test\w+::)?test_\w+)`")


def proofs() -> list[str]:
    """Every node id that the table names, without parameters, in its order."""
    return list(dict.fromkeys(NODE.findall(FEATURES.read_text(encoding="utf-8"))))


def rows() -> dict[str, tuple[str, list[str]]]:
    """State and proofs of each row, by its letter or number."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in FEATURES.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and re.fullmatch(r"[A-N]|\d{1,2}", cells[1]):
            found[cells[1]] = (cells[3], NODE.findall(cells[4]))
    return found
