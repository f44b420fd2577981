"""A column of statuses whose partial indexes SQLite can use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import In

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField
_STATUS = re.compile(r"[a-z_]+")


class StatusField(_Text):
    """A `CharField` of statuses; in the database and in migrations it is nothing else.

    `status__in` writes them into the statement instead of binding them: SQLite uses an index with a condition only where it
    can read the condition in the statement, and without the index each look for due work goes through all that waits.
    """

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


@StatusField.register_lookup
class _InWords(In):
    """`IN ('pending', 'waiting_retry')`. Whatever is not written as a status is bound as ever."""

    def batch_process_rhs(self, compiler: Any, connection: Any, rhs: Any = None) -> Any:
        parts, values = super().batch_process_rhs(compiler, connection, rhs)
        if all(part == "%s" for part in parts) and all(isinstance(value, str) and _STATUS.fullmatch(value) for value in values):
            return [f"'{value}'" for value in values], []
        return parts, values
