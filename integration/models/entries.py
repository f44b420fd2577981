"""Dated money: what happened to each invoice, append-only, so that a report as of any day is a sum over it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AppendOnly(models.Model):
    """Rows that are written once and never changed or deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is append-only")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} is append-only")


class LedgerEntry(AppendOnly):
    """One financial fact. `amount_ore` is signed as it changes what the debtor owes: invoiced +, payment −.

    The sum over an invoice's entries is what is left to pay. A payment is unique by its invoice, its PaymentReferenceId
    (`reference`) and `sequence`, how many times it has been posted there: once, unless it was taken back in between.
    Credits, write-offs and interest, which Billecta does not list, are unique by (invoice, kind, `sequence`).
    `date_basis` says where `business_date` (Stockholm) was taken from.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", _("opening balance")
        INVOICED = "invoiced", _("invoiced")
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")
        CREDIT = "credit", _("credit")
        WRITE_OFF = "write_off", _("write-off")
        INTEREST = "interest", _("interest")
        FEE = "fee", _("fee")
        ROUNDING = "rounding", _("rounding")
        OVERPAYMENT = "overpayment", _("overpayment")
        BALANCE_USED = "balance_used", _("balance used")
        REVERSAL = "reversal", _("reversal")

    class Basis(models.TextChoices):
        INVOICE_DATE = "invoice_date", _("invoice date")
        PAYMENT_DATE = "payment_date", _("payment date")
        EVENT_DATE = "event_date", _("date of Billecta's event")
        OBSERVED = "observed", _("day it was first seen")

    creditor = models.ForeignKey("integration.Creditor", models.PROTECT, related_name="entries", verbose_name=_("creditor"))
    debtor = models.ForeignKey(
        "integration.Debtor", models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("debtor")
    )
    invoice = models.ForeignKey("integration.Invoice", models.PROTECT, related_name="entries", verbose_name=_("invoice"))
    payment = models.ForeignKey(
        "integration.Payment", models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("payment")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    reverses = models.CharField(_("reverses"), max_length=16, choices=Kind.choices, blank=True)
    sequence = models.PositiveIntegerField(_("sequence"), default=1)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    amount_ore = models.BigIntegerField(_("amount (öre)"))
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    business_date = models.DateField(_("business date"))
    date_basis = models.CharField(_("date from"), max_length=16, choices=Basis.choices)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    source = models.CharField(_("source"), max_length=16, default="webhook")

    class Meta:
        verbose_name, verbose_name_plural = _("entry"), _("entries")
        ordering = ["business_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "kind", "reverses", "sequence"], condition=Q(reference=""), name="entry_once_per_sequence"
            ),
            models.UniqueConstraint(
                fields=["invoice", "reference", "kind", "reverses", "sequence"],
                condition=~Q(reference=""),
                name="entry_once_per_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["creditor", "business_date"], name="entry_creditor_day"),
            models.Index(fields=["recorded_at"], name="entry_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_ore} öre"


class InvoiceVersion(AppendOnly):
    """What was true of an invoice from one observation until the next."""

    invoice = models.ForeignKey("integration.Invoice", models.PROTECT, related_name="versions", verbose_name=_("invoice"))
    valid_from = models.DateTimeField(_("valid from"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    stage = models.CharField(_("stage"), max_length=32, blank=True)
    due_date = models.DateField(_("due date"), null=True, blank=True)
    is_disputed = models.BooleanField(_("disputed"), default=False)
    is_paused = models.BooleanField(_("paused"), default=False)
    in_debt_collection = models.BooleanField(_("in debt collection"), default=False)
    current_ore = models.BigIntegerField(_("left (öre)"))
    paid_ore = models.BigIntegerField(_("paid (öre)"))
    credited_ore = models.BigIntegerField(_("credited (öre)"))
    write_off_ore = models.BigIntegerField(_("written off (öre)"))

    class Meta:
        verbose_name, verbose_name_plural = _("invoice version"), _("invoice versions")
        ordering = ["invoice_id", "pk"]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.valid_from:%Y-%m-%d}: {self.stage}"
