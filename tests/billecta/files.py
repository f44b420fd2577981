"""Answers of Billecta's as files: `View__case.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "payloads"
CREDITOR = "3f0c5a52-6c0a-4c8e-9d0e-4b6f1a1c0001"


def payload(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return content
