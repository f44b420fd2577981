"""Runs one claimed piece of work and records how it ended."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

from integration.errors import PrerequisiteFailed
from integration.ledger.ahead import Ahead
from integration.ledger.outcome import record_error, record_outcome
from integration.ledger.registry import registry
from integration.ledger.throttle import release, reserve
from integration.ledger.work import Work, running
from integration.models import SyncRecord


def run(record: SyncRecord, ahead: Ahead | None = None) -> None:
    """Execute a claimed record; every way it can end becomes a state of the row, none an exception here.

    Args:
        ahead: what was read for it together with others.
    """
    work = Work(record, ahead)
    with running(work), translation.override(settings.LANGUAGE_CODE):
        try:
            _stop_if_prerequisite_failed(record)
            kind = registry.kinds[record.kind]
            reserve(work, kind.calls)
            record_outcome(work, kind.execute(work))
        except Exception as error:  # noqa: BLE001  the one recorder: it sorts known errors from bugs and keeps both
            record_error(work, error)
        finally:
            release(work)


def _stop_if_prerequisite_failed(record: SyncRecord) -> None:
    unmet = {SyncRecord.Status.FAILED, SyncRecord.Status.CANCELLED}
    failed = next((one for one in record.prerequisites.all() if one.status in unmet), None)
    if failed is not None:
        raise PrerequisiteFailed(what=f"{failed.limetype} {failed.lime_id or failed.billecta_id}", reason=failed.message)
