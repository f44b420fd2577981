"""The one writer of the event log."""

from __future__ import annotations

from typing import Any

import structlog

from integration.models import EventLog, SyncRecord
from integration.redaction import redact_text

logger = structlog.get_logger("kvittens")


def log(
    action: str,
    *,
    level: str = EventLog.Level.INFO,
    record: SyncRecord | None = None,
    limetype: str = "",
    lime_id: int | None = None,
    billecta_id: str = "",
    message: str = "",
    actor: str = "",
    user_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one row to the event log and one line to the process's log.

    Args:
        action: dotted, past tense (`invoice.attested`).
        record: the work that did it; gives limetype and ids that are not named.
        message: for people; personal numbers in it are masked.
        detail: figures and codes only; no personal data, since it also goes to the process's log.
    """
    subject = {
        "limetype": limetype or (record.limetype if record else ""),
        "lime_id": lime_id if lime_id is not None else (record.lime_id if record else None),
        "billecta_id": billecta_id or (record.billecta_id if record else ""),
    }
    EventLog.objects.create(
        action=action,
        level=level,
        message=redact_text(message),
        actor=actor,
        user_id=user_id,
        sync_record=record,
        detail=detail,
        **subject,
    )
    logger.info(action, level_of_event=level, work=record.pk if record else None, **subject, **detail)
