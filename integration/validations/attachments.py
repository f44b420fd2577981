"""Rules for the files that go with an invoice: each is there, has a name, and together they are no larger than the portal sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integration.errors import Problem
from integration.sync.order_files import OrderFile
from integration.validations.texts import broken_rule

BYTES_OF_A_MB = 1_000_000


def check_attachments(files: Sequence[OrderFile], limit_mb: int) -> Iterator[Problem]:
    """One problem for each file that cannot be sent; the last file is named when they are too large together."""
    for file in files:
        if file.missing:
            yield broken_rule("attachment_missing", file.field, value=file.file_id)
        elif not file.filename:
            yield broken_rule("attachment_without_name", file.field, value=file.file_id)
        elif file.size == 0:
            yield broken_rule("attachment_empty", file.field, value=file.filename)
    total = sum(file.size for file in files)
    if total > limit_mb * BYTES_OF_A_MB:
        size = f"{total / BYTES_OF_A_MB:.1f}"
        yield broken_rule("attachments_too_large", files[-1].field, value=files[-1].filename, size=size, limit=limit_mb)
