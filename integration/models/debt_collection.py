"""Debt collection as Billecta runs it: the portal's own copy of each case, as last fetched."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from integration.models.mirror import Creditor, Debtor, Invoice, Mirrored


class DebtCollectionCase(Mirrored):
    """One debt-collection case. `billecta_id` is its ActionPublicId; Lime holds no cases, so there is no Lime id.

    `invoice` is the one that it came from; a case that was opened on its own has none. An invoice may have had several, of
    which at most one is open.
    """

    lime_id: Any = None
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="debt_collection_cases", verbose_name=_("invoice")
    )
    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="debt_collection_cases", verbose_name=_("creditor"))
    debtor = models.ForeignKey(
        Debtor, models.PROTECT, null=True, blank=True, related_name="debt_collection_cases", verbose_name=_("debtor")
    )
    stage = models.CharField(_("stage"), max_length=64, blank=True)
    start_level = models.CharField(_("first step"), max_length=32, blank=True)
    end_level = models.CharField(_("last step"), max_length=32, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    is_paused = models.BooleanField(_("paused"), default=False)
    created_at = models.DateTimeField(_("created"), null=True, blank=True)
    claim_sent_at = models.DateTimeField(_("claim sent"), null=True, blank=True)
    bailiff_at = models.DateTimeField(_("to the enforcement authority"), null=True, blank=True)
    disputed_at = models.DateTimeField(_("disputed"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    original_ore = models.BigIntegerField(_("original debt (öre)"), default=0)
    debt_ore = models.BigIntegerField(_("debt (öre)"), default=0)
    fee_ore = models.BigIntegerField(_("fees (öre)"), default=0)
    interest_ore = models.BigIntegerField(_("interest (öre)"), default=0)
    current_ore = models.BigIntegerField(_("left (öre)"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("debt-collection case"), _("debt-collection cases")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.billecta_id
