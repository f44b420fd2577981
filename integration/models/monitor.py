"""What happened, for people: one append-only log, written by `integration.ledger.log` alone."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EventLog(models.Model):
    """One thing that happened to one object. `action` is dotted and past tense (`invoice.attested`)."""

    class Level(models.TextChoices):
        INFO = "info", _("information")
        WARNING = "warning", _("warning")
        ERROR = "error", _("error")

    at = models.DateTimeField(_("at"), default=timezone.now)
    action = models.CharField(_("action"), max_length=64)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.INFO)
    limetype = models.CharField(_("limetype"), max_length=64, blank=True)
    lime_id = models.BigIntegerField(_("Lime id"), null=True, blank=True)
    billecta_id = models.CharField(_("Billecta id"), max_length=80, blank=True)
    message = models.TextField(_("message"), blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    actor = models.CharField(_("by"), max_length=200, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("user"))
    sync_record = models.ForeignKey("integration.SyncRecord", models.SET_NULL, null=True, blank=True, verbose_name=_("work"))

    class Meta:
        verbose_name, verbose_name_plural = _("log entry"), _("log")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["at"], name="log_at"),
            models.Index(fields=["limetype", "lime_id"], name="log_lime_id"),
            models.Index(fields=["billecta_id"], name="log_billecta_id"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.limetype}:{self.lime_id or self.billecta_id}"
