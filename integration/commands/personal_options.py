"""Options of commands that are about a person: kept whole only as long as work needs them, and told apart without being kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from django.conf import settings

from integration.commands.table import Command, Options, table
from integration.models import Batch, SyncRecord
from integration.redaction import MASK


def masked(command: Command, options: Options) -> dict[str, Any]:
    """The options with the command's personal ones masked; what is masked already stays as it is."""
    return _with(command, options, lambda name, value: command.personal_options[name](value))


def told_apart(command: Command, options: Options) -> dict[str, Any]:
    """The options with a keyed digest in place of each personal one: a plain digest of a phone is found by trying all phones."""
    key = hmac.digest(settings.FIELD_ENCRYPTION_KEYS[0].encode(), b"kvittens personal options", "sha256")
    return _with(command, options, lambda _name, value: hmac.new(key, value.encode(), hashlib.sha256).hexdigest())


def are_forgotten(command: Command, options: Options) -> bool:
    """Whether a personal option has been masked, so that nothing can be sent with it any more."""
    return any(MASK in str(options.get(name, "")) for name in command.personal_options)


def forget(record: SyncRecord) -> None:
    """Mask the personal options of a command's work, or of the finding of its objects, once it is done or has failed for good.

    Work that waits to be tried again, for a decision, or to find out what came of something it sent, still needs them.
    """
    if not record.is_finished or (record.status == SyncRecord.Status.FAILED and record.open_writes):
        return
    options = _forgotten_selection(record) if record.kind == Batch.RESOLVING else masked(table[record.kind], record.options)
    if options != record.options:
        record.options = options
        SyncRecord.objects.filter(pk=record.pk).update(options=options)


def _forgotten_selection(record: SyncRecord) -> dict[str, Any]:
    batch = Batch.objects.filter(resolution=record).first()
    command = table.get(batch.command) if batch else None
    kept: dict[str, Any] = record.options
    return {**kept, "options": masked(command, kept.get("options", {}))} if command else kept


def _with(command: Command, options: Options, change: Callable[[str, str], str]) -> dict[str, Any]:
    def kept(name: str, value: Any) -> Any:
        is_personal = name in command.personal_options and MASK not in str(value)
        return change(name, str(value)) if is_personal else value

    return {name: kept(name, value) for name, value in options.items()}
