"""What was done when a person's data was removed: one row for each debtor, without what was removed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Anonymisation(models.Model):
    """One debtor whose personal data was replaced, in Billecta and here; kept as the proof of it.

    `sought` holds the texts that are looked for in stored payloads and is emptied when the work is finished, so that it can
    be killed at any moment and go on. `counts` are changed rows by table, `kept` how many invoices, payments and entries stay
    without the person, as bookkeeping.
    """

    debtor_id = models.CharField(_("Billecta id"), max_length=64, unique=True)
    creditor_id = models.CharField(_("creditor"), max_length=64)
    lime_id = models.BigIntegerField(_("Lime id"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.CharField(_("requested by"), max_length=200, blank=True)
    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    counts = models.JSONField(_("changed rows"), default=dict)
    kept = models.JSONField(_("kept"), default=dict)
    sought = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("anonymisation"), _("anonymisations")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.debtor_id
