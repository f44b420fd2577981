"""What the demo remembers from one run to the next, beside the database: the keys in clear text, and whether the job was played."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


@dataclass
class Memory:
    """The file `var/demo.json`. `keys` maps the name of an API key to the key itself."""

    keys: dict[str, str] = field(default_factory=dict)
    played: bool = False

    @classmethod
    def read(cls, file: Path) -> Self:
        """What the last run left; empty when there was none or the file cannot be read."""
        try:
            saved = json.loads(file.read_text("utf-8"))
            return cls(keys=dict(saved["keys"]), played=bool(saved["played"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, file: Path) -> None:
        """Keep it for the next run, readable by its owner alone."""
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream, indent=1)
