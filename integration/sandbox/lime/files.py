"""The files that file properties point at."""

import base64
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

FIRST_FILE_ID = 5001
_EXTENDED_NAME = re.compile(r"filename\*=\"?UTF-8''([^\";]+)\"?", re.IGNORECASE)
_PLAIN_NAME = re.compile(r'filename="?([^";]+)"?', re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """One file; `last_modified` as the API shows it."""

    id: int
    filename: str
    content_type: str
    content: bytes
    created_by: int
    last_modified: str

    def render(self, root: str) -> dict[str, Any]:
        """The file's metadata as the API shows it."""
        return {
            "id": self.id,
            "filename": self.filename,
            "extension": self.filename.rpartition(".")[2] if "." in self.filename else "",
            "size": len(self.content),
            "content_type": self.content_type,
            "created_by": self.created_by,
            "locked_by": None,
            "last_modified": self.last_modified,
            "_links": {
                "self": {"href": f"{root}file/{self.id}/"},
                "contents": {"href": f"{root}file/{self.id}/contents/"},
            },
        }

    @property
    def disposition(self) -> str:
        """The Content-Disposition that the contents come with."""
        return f"attachment; filename*=UTF-8''{quote(self.filename)}"


class Files:
    """All files by id."""

    def __init__(self) -> None:
        self._rows: dict[int, File] = {}
        self._last_id = FIRST_FILE_ID - 1

    def __contains__(self, file_id: object) -> bool:
        return file_id in self._rows

    def get(self, file_id: int) -> File | None:
        """One file, if it is there."""
        return self._rows.get(file_id)

    def add(self, *, filename: str, content_type: str, content: bytes, created_by: int, last_modified: str) -> File:
        """Keep a new file."""
        self._last_id += 1
        file = File(self._last_id, filename, content_type, content, created_by, last_modified)
        self._rows[file.id] = file
        return file

    def clear(self) -> None:
        """Forget all files."""
        self._rows.clear()

    def snapshot(self) -> list[dict[str, Any]]:
        """All files as data for the state file."""
        return [{**vars(file), "content": base64.b64encode(file.content).decode()} for file in self._rows.values()]

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take over a snapshot."""
        self._rows = {row["id"]: File(**{**row, "content": base64.b64decode(row["content"])}) for row in rows}
        self._last_id = max(self._rows, default=FIRST_FILE_ID - 1)


def uploaded_name(disposition: str) -> str:
    """The file name in a Content-Disposition header, the extended form first; empty when there is none."""
    if found := _EXTENDED_NAME.search(disposition):
        return unquote(found[1])
    plain = _PLAIN_NAME.search(disposition)
    return plain[1] if plain else ""
