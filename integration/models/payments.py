"""Money that is on no invoice yet, and requests for payment by Swish. Money is integer öre."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integration.models.ledger import SyncRecord
from integration.models.mirror import Creditor, Invoice, Mirrored


class UnhandledPayment(Mirrored):
    """One payment that Billecta could not put on an invoice: its reference matched nothing, or it was more than was left.

    `handled_at` is when Billecta was first seen not to list it any more. `view` stays empty: it holds the sender's address.
    """

    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="unhandled_payments", verbose_name=_("creditor"))
    amount_ore = models.BigIntegerField(_("amount (öre)"))
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    payment_date = models.DateField(_("payment date"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    sender = models.CharField(_("sender"), max_length=200, blank=True)
    payment_type = models.CharField(_("type"), max_length=32, blank=True)
    state = models.CharField(_("state"), max_length=32, blank=True)
    overpaid_action = models.CharField(
        _("paid too much on"), max_length=64, blank=True, help_text=_("Billecta id of the invoice that more was paid on than was left.")
    )
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("unhandled payment"), _("unhandled payments")
        ordering = ["-payment_date", "-pk"]

    def __str__(self) -> str:
        return self.billecta_id


class SwishRequest(models.Model):
    """One request for payment that was sent to a phone.

    Of the phone only the last two digits are kept, and of phone and message together a keyed digest that tells whether the
    same is asked for again. `status` is in Billecta's words, as of `fetched_at`.
    """

    class Status(models.TextChoices):
        CREATED = "Created", _("waits for an answer")
        PAID = "Paid", _("paid")
        DECLINED = "Declined", _("declined")
        CANCELLED = "Cancelled", _("cancelled")
        REFUNDED = "Refunded", _("paid back")
        ERROR = "Error", _("error")

    request_id = models.CharField(_("request"), max_length=64, unique=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="swish_requests", verbose_name=_("invoice"))
    work = models.ForeignKey(
        SyncRecord, models.SET_NULL, null=True, blank=True, related_name="swish_requests", verbose_name=_("piece of work")
    )
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    fingerprint = models.CharField(max_length=64, editable=False, blank=True, db_index=True)
    amount_ore = models.BigIntegerField(_("amount (öre)"))
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    status = models.CharField(_("status"), max_length=32, choices=Status.choices, default=Status.CREATED)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    error_code = models.CharField(_("code"), max_length=64, blank=True)
    error_message = models.CharField(_("error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("requested"), default=timezone.now)
    fetched_at = models.DateTimeField(_("fetched"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("Swish request"), _("Swish requests")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.request_id
