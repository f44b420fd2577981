"""Which Lime object is which Billecta object."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RecordLink(models.Model):
    """One Lime object and its counterpart in Billecta for one creditor.

    A creditor's own link has itself as creditor. An invoice row's Billecta id is `{action id}:{SequenceNo}`.
    `sent_hash` is of what was last sent to Billecta, `written_hash` of what was last written to Lime.
    """

    class Origin(models.TextChoices):
        CREATED = "created", _("created by the portal")
        ADOPTED = "adopted", _("found in Lime")
        MATCHED = "matched", _("matched")

    creditor_id = models.CharField(_("creditor"), max_length=64)
    limetype = models.CharField(_("limetype"), max_length=64)
    lime_id = models.BigIntegerField(_("Lime id"))
    billecta_id = models.CharField(_("Billecta id"), max_length=80)
    generation = models.PositiveIntegerField(_("generation"), default=1)
    origin = models.CharField(_("origin"), max_length=16, choices=Origin.choices, default=Origin.CREATED)
    sent_hash = models.CharField(max_length=64, blank=True)
    written_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("link"), _("links")
        ordering = ["limetype", "lime_id"]
        constraints = [
            models.UniqueConstraint(fields=["creditor_id", "limetype", "lime_id"], name="one_billecta_id_per_lime_object"),
            models.UniqueConstraint(fields=["creditor_id", "limetype", "billecta_id"], name="one_lime_object_per_billecta_id"),
        ]
        indexes = [
            models.Index(fields=["limetype", "billecta_id"], name="link_billecta_id"),
            models.Index(fields=["limetype", "lime_id"], name="link_lime_id"),
        ]

    def __str__(self) -> str:
        return f"{self.limetype} {self.lime_id} ↔ {self.billecta_id}"
