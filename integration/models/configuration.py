"""What an admin may change while the portal runs."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PortalConfiguration(models.Model):
    """The one row of switches and figures that hold for the whole portal."""

    sending_enabled = models.BooleanField(
        _("sending enabled"), default=True, help_text=_("Off: nothing is sent to Lime or Billecta; what arrives is kept and waits.")
    )
    bound_billecta = models.CharField(
        _("Billecta host"),
        max_length=255,
        blank=True,
        help_text=_("The host this database belongs to; another one stops all sending until confirmed."),
    )
    bound_lime = models.CharField(_("Lime host and database"), max_length=255, blank=True)
    settle_seconds = models.FloatField(
        _("settle time (seconds)"),
        default=1.0,
        validators=[MinValueValidator(0)],
        help_text=_("How long news of one entity is gathered before Billecta is asked once."),
    )
    second_look_seconds = models.PositiveIntegerField(
        _("second look (seconds)"),
        default=60,
        help_text=_("How long after a write of unknown outcome the second look is made, before it is repeated."),
    )
    tolerance_ore_per_row = models.PositiveIntegerField(
        _("tolerance (öre a row)"), default=1, help_text=_("How far Billecta's total may be from ours before attesting stops.")
    )
    filter_cap = models.PositiveIntegerField(_("objects in one command"), default=10_000)
    sync_creditors = models.BooleanField(_("keep creditors in step"), default=False)
    sync_debtors = models.BooleanField(_("keep debtors in step"), default=False)
    sync_articles = models.BooleanField(_("keep articles in step"), default=False)
    sync_orders = models.BooleanField(
        _("keep orders in step"),
        default=False,
        help_text=_("Only drafts: what is attested is locked, and nothing is sent for the first time."),
    )
    lime_sweep_minutes = models.PositiveIntegerField(
        _("look for missed changes every (minutes)"),
        default=15,
        validators=[MinValueValidator(1)],
        help_text=_("How often Lime is asked for changes that no webhook told of."),
    )
    attachments_limit_mb = models.PositiveIntegerField(
        _("files with an invoice (MB)"),
        default=10,
        validators=[MaxValueValidator(20)],
        help_text=_("How large the files of one order may be together; an order with more is not sent."),
    )
    second_attester_above_ore = models.BigIntegerField(
        _("second person attests above"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Above this total, in kronor with VAT, whoever sent an order may not attest it. Empty: anyone may attest."),
    )
    bookkeeping_years = models.PositiveIntegerField(
        _("bookkeeping kept (years)"),
        default=7,
        validators=[MinValueValidator(7)],
        help_text=_(
            "A customer is not anonymised until so many calendar years have passed after the year of its last invoice or payment."
            " The law asks for 7 (Bokföringslagen 7:2); with a financial year that is not the calendar year, give one more."
        ),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("portal configuration")

    def __str__(self) -> str:
        return str(_("Portal configuration"))

    @classmethod
    def current(cls) -> PortalConfiguration:
        """The one row, made with its defaults when it is not there."""
        return cls.objects.get_or_create(pk=1)[0]


class RetryPolicy(models.Model):
    """How work that failed for one error code is tried again. The row with an empty code holds for all others.

    The n-th wait is `first_delay_seconds × growth^(n-1)`, at most `max_delay_seconds` during the first hour and a quarter
    of the work's age after it, spread by ± `jitter`.
    """

    error_code = models.CharField(_("error code"), max_length=64, unique=True, blank=True)
    first_delay_seconds = models.FloatField(_("first delay (seconds)"), default=5, validators=[MinValueValidator(0)])
    growth = models.FloatField(_("growth"), default=3, validators=[MinValueValidator(1)])
    max_delay_seconds = models.PositiveIntegerField(_("longest delay in the first hour (seconds)"), default=300)
    jitter = models.FloatField(_("jitter (share)"), default=0.1, validators=[MinValueValidator(0), MaxValueValidator(1)])
    give_up_after_hours = models.FloatField(_("give up after (hours)"), default=24, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name, verbose_name_plural = _("retry policy"), _("retry policies")
        ordering = ["error_code"]

    def __str__(self) -> str:
        return self.error_code or str(_("all other errors"))


class ApiKey(models.Model):
    """A key that lets a caller in. The key itself is shown once; only its HMAC is kept."""

    class Scope(models.TextChoices):
        BILLECTA_WEBHOOK = "billecta-webhook", _("Billecta's webhooks")
        COMMANDS = "commands", _("commands")
        THIRD_PARTY = "third-party", _("third parties")
        READ = "read", _("read")
        REPORTS = "reports", _("reports")

    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    creditors = models.ManyToManyField("integration.Creditor", verbose_name=_("creditors"), blank=True, help_text=_("None: all creditors."))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("API key"), _("API keys")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class MappingVersion(models.Model):
    """One version of the field mapping; its pairs are rows. Exactly one is published."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    number = models.PositiveIntegerField(_("version"), unique=True)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.DRAFT)
    structure = models.JSONField(_("limetypes, links, status keys and required fields"), default=dict)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mapping version"), _("mapping versions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["status"], condition=Q(status="published"), name="one_published_mapping")]

    def __str__(self) -> str:
        return f"{self.number} ({self.get_status_display()})"


class MappingPair(models.Model):
    """One Billecta field and the Lime field it goes to or comes from."""

    class Direction(models.TextChoices):
        TO_BILLECTA = "to_billecta", _("to Billecta")
        TO_LIME = "to_lime", _("to Lime")

    class Overwrite(models.TextChoices):
        ALWAYS = "always", _("always")
        WHEN_EMPTY = "when_empty", _("when empty")

    version = models.ForeignKey(MappingVersion, models.CASCADE, related_name="pairs", verbose_name=_("version"))
    direction = models.CharField(_("direction"), max_length=16, choices=Direction.choices)
    object = models.CharField(_("object"), max_length=32)
    position = models.PositiveIntegerField(_("position"), default=0)
    billecta_field = models.CharField(_("Billecta field"), max_length=100)
    lime_field = models.CharField(_("Lime field"), max_length=100)
    overwrite = models.CharField(_("overwrite"), max_length=16, choices=Overwrite.choices, default=Overwrite.ALWAYS)

    class Meta:
        verbose_name, verbose_name_plural = _("mapped field"), _("mapped fields")
        ordering = ["direction", "object", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "direction", "object", "billecta_field", "lime_field"], name="mapped_once")
        ]

    def __str__(self) -> str:
        return f"{self.object}: {self.billecta_field} ↔ {self.lime_field}"
