"""Files inside Billecta's views, which hold their content as base64 (`FileView.Data`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LISTS = ("Attachments", "Appendixes")


def without_content(view: Mapping[str, Any]) -> dict[str, Any]:
    """A fetched InvoiceActionView without the content of its files, so that it can be kept. Billecta is not known to send it."""
    return {**view, **{name: _emptied(view[name]) for name in _LISTS if view.get(name)}}


def _emptied(value: Any) -> Any:
    if isinstance(value, list):
        return [_emptied(item) for item in value]
    if isinstance(value, Mapping):
        return {key: None if key == "Data" else _emptied(item) for key, item in value.items()}
    return value
