"""How far the portal has looked for changes that Lime did not tell of."""

from django.db import models
from django.utils import timezone


class LimeCursor(models.Model):
    """How far the sweep has come with one kind of Lime object, by the mapping's name of it.

    A pass takes everything whose `_timestamp` is at or after `since`, in the order of ids: `after_id` is the last one that was
    dealt with. `pass_started_at` is None between passes. `since` moves only when a pass has come to its end.
    """

    name = models.CharField(primary_key=True, max_length=32)
    since = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now)
    pass_started_at = models.DateTimeField(null=True, blank=True)
    after_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.since.isoformat()}"
