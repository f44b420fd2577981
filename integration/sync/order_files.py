"""The files in Lime that go with an order's invoice: which they are, and their content when the draft is sent.

They are named by the mapping: the order's file fields in the link roles that begin with `attachment`, and, where the mapping has links
for `document`, the files of the documents that belong to the order (`order`, `file`), of those only that are marked to be sent
when there is a role `send`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integration.errors import RemoteNotFound
from integration.mapping.spec import MappingSpec
from integration.sync import lime_records
from integration.sync.lime_schema import limetype
from integration.sync.systems import lime

ROLE = "attachment"
DOCUMENT = "document"
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class OrderFile:
    """One file as Lime describes it. `field` is where it is named (`attachment`, `document[1017].file`); `size` is in bytes.

    One that Lime no longer has is `missing`. A new version of a file may keep its id, so `last_modified` (as Lime writes it) counts.
    """

    field: str
    file_id: int
    filename: str = ""
    content_type: str = ""
    size: int = 0
    last_modified: str = ""
    missing: bool = False

    @property
    def fingerprint(self) -> list[Any]:
        """What tells this version of the file from every other, without its content."""
        return [self.file_id, self.filename, self.size, self.last_modified]


def order_files(spec: MappingSpec, order: Mapping[str, Any]) -> tuple[OrderFile, ...] | None:
    """The files of an order (`order` with its `_id`), in the mapping's order; None when neither mapping nor solution has a place for any.

    One call for each file, and one for the documents where the mapping names them.
    """
    fields = [field for field in _file_fields(spec) if field in order]
    has_documents = spec.link(DOCUMENT, "order") is not None and bool(limetype(spec.limetype(DOCUMENT)).properties)
    if not fields and not has_documents:
        return None
    named = [(field, order[field]) for field in fields] + (_documents(spec, int(order["_id"])) if has_documents else [])
    return tuple(_described(field, file_id) for field, file_id in named if isinstance(file_id, int))


def attachments(files: Sequence[OrderFile]) -> list[dict[str, Any]]:
    """The files as InvoiceActionAttachmentViews without their content, for showing and comparing."""
    return [
        {
            "File": {"FileName": file.filename, "ContentType": file.content_type or UNKNOWN_TYPE},
            "IsCoverSheet": False,
            "SortNumber": number,
        }
        for number, file in enumerate(files, start=1)
    ]


def with_content(entry: Mapping[str, Any], files: Sequence[OrderFile]) -> dict[str, Any]:
    """An order's entry with the files' content as base64, ready to send; `entry` is not changed.

    The content is fetched from Lime here and nowhere kept. Raises RemoteNotFound for a file that is gone by now.
    """
    if not files:
        return dict(entry)
    filled = [
        {**shown, "File": {**shown["File"], "Data": base64.b64encode(lime().download_file(file.file_id)).decode("ascii")}}
        for shown, file in zip(attachments(files), files, strict=True)
    ]
    return {**entry, "Attachments": filled}


def _file_fields(spec: MappingSpec) -> list[str]:
    return [field for role, field in spec.links.get("order", {}).items() if role.startswith(ROLE)]


def _documents(spec: MappingSpec, order_id: int) -> list[tuple[str, Any]]:
    field, send = spec.link(DOCUMENT, "file") or "file", spec.link(DOCUMENT, "send")
    found = lime_records.find(spec.limetype(DOCUMENT), spec.link(DOCUMENT, "order") or "order", order_id)
    return [(f"{DOCUMENT}[{record.id}].{field}", record.values.get(field)) for record in found if send is None or record.values.get(send)]


def _described(field: str, file_id: int) -> OrderFile:
    try:
        file = lime().file(file_id)
    except RemoteNotFound:
        return OrderFile(field, file_id, missing=True)
    return OrderFile(field, file.file_id, file.filename, file.content_type, file.size, file.last_modified)
