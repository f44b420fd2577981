"""What Billecta holds, as last fetched: the portal's own copy that reports and lists read. Money is integer öre."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Mirrored(models.Model):
    """Common to all mirror rows: when Billecta was last asked, and the two names of the object."""

    billecta_id = models.CharField(_("Billecta id"), max_length=64, unique=True)
    lime_id = models.BigIntegerField(_("Lime id"), null=True, blank=True, db_index=True)
    fetched_at = models.DateTimeField(_("fetched"), default=timezone.now)
    view = models.JSONField(_("as fetched"), default=dict, help_text=_("Billecta's own view; the mapping reads from it."))
    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    class Meta:
        abstract = True


class Creditor(Mirrored):
    """One company that invoices."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    org_no = models.CharField(_("organisation number"), max_length=32, blank=True)
    use_cent_rounding = models.BooleanField(_("rounds to whole kronor"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("creditor"), _("creditors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or self.billecta_id


class Debtor(Mirrored):
    """One customer of one creditor."""

    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="debtors", verbose_name=_("creditor"))
    external_id = models.CharField(_("external id"), max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    org_no = models.CharField(_("organisation or personal number"), max_length=32, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    zip_code = models.CharField(_("postal code"), max_length=32, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    protected_identity = models.BooleanField(_("protected identity"), default=False)
    anonymised_at = models.DateTimeField(
        _("anonymised"), null=True, blank=True, help_text=_("What Billecta answers about this debtor is no longer stored.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("debtor"), _("debtors")
        ordering = ["name"]

    def __str__(self) -> str:
        return str(_("Protected identity")) if self.protected_identity else (self.name or self.billecta_id)


class Article(Mirrored):
    """One product of one creditor."""

    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="articles", verbose_name=_("creditor"))
    external_id = models.CharField(_("external id"), max_length=100, blank=True)
    article_number = models.CharField(_("article number"), max_length=100, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    unit_price = models.DecimalField(_("price (kronor)"), max_digits=18, decimal_places=6, default=0)
    vat_percent = models.DecimalField(_("VAT (%)"), max_digits=6, decimal_places=2, default=0)
    is_active = models.BooleanField(_("active"), default=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("article"), _("articles")
        ordering = ["article_number"]

    def __str__(self) -> str:
        return f"{self.article_number} {self.description}".strip()


class Order(models.Model):
    """One Lime order that the portal has been asked to send.

    `created_by` is shown to people: who last sent it. `maker` is the same as an identity (`lime:7`, `user:3`, `key:Lime`).
    """

    class Status(models.TextChoices):
        NOT_SENT = "notsent", _("not sent")
        PENDING = "pending", _("pending")
        CREATED = "created", _("created")
        ATTESTED = "attested", _("attested")
        SENT = "sent", _("sent")
        PAID = "paid", _("paid")
        CREDITED = "credited", _("credited")
        WRITTEN_OFF = "writtenoff", _("written off")
        DEBT_COLLECTION = "debtcollection", _("debt collection")
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")
        DELETED = "deleted", _("deleted")
        ERROR = "error", _("error")

    class Withdrawn(models.TextChoices):
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")
        DELETED = "deleted", _("deleted")

    lime_id = models.BigIntegerField(_("Lime id"), unique=True)
    billecta_id = models.CharField(_("Billecta id"), max_length=64, blank=True, db_index=True)
    creditor = models.ForeignKey(Creditor, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("creditor"))
    debtor = models.ForeignKey(Debtor, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("debtor"))
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.NOT_SENT)
    error = models.TextField(_("error"), blank=True)
    withdrawn = models.CharField(
        _("withdrawn"),
        max_length=16,
        choices=Withdrawn.choices,
        blank=True,
        help_text=_("How the order was called off by a command; empty once it is sent anew."),
    )
    generation = models.PositiveIntegerField(_("generation"), default=1)
    net_ore = models.BigIntegerField(_("net (öre)"), null=True, blank=True)
    vat_ore = models.BigIntegerField(_("VAT (öre)"), null=True, blank=True)
    total_ore = models.BigIntegerField(_("total (öre)"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    created_by = models.CharField(_("sent by"), max_length=200, blank=True)
    maker = models.CharField(max_length=220, blank=True, editable=False)
    written_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("first sent"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.lime_id}"


class OrderRow(models.Model):
    """One row of an order, as last sent."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="rows", verbose_name=_("order"))
    lime_id = models.BigIntegerField(_("Lime id"))
    sequence = models.PositiveIntegerField(_("row"))
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, verbose_name=_("article"))
    description = models.CharField(_("description"), max_length=500, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6, default=0)
    unit_price_ore = models.BigIntegerField(_("price (öre)"), default=0)
    vat_percent = models.DecimalField(_("VAT (%)"), max_digits=6, decimal_places=2, default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("order row"), _("order rows")
        ordering = ["order_id", "sequence"]
        indexes = [models.Index(fields=["lime_id"], name="order_row_lime_id")]
        constraints = [models.UniqueConstraint(fields=["order", "sequence"], name="order_row_once")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.description}"


class Invoice(Mirrored):
    """One invoice action, from draft to closed. An order's draft is here too; Lime gets it once it is attested."""

    creditor = models.ForeignKey(Creditor, models.PROTECT, related_name="invoices", verbose_name=_("creditor"))
    debtor = models.ForeignKey(Debtor, models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("debtor"))
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, related_name="invoices", verbose_name=_("order"))
    invoice_number = models.CharField(_("invoice number"), max_length=64, blank=True, db_index=True)
    ocr = models.CharField(_("OCR"), max_length=64, blank=True, db_index=True)
    external_reference = models.CharField(_("external reference"), max_length=200, blank=True)
    action_type = models.CharField(_("type"), max_length=32, blank=True)
    stage = models.CharField(_("stage"), max_length=32, blank=True)
    delivery_method = models.CharField(_("delivery"), max_length=16, blank=True)
    invoice_date = models.DateField(_("invoice date"), null=True, blank=True)
    due_date = models.DateField(_("due date"), null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(_("created"), null=True, blank=True)
    attested_at = models.DateTimeField(_("attested"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    disputed_at = models.DateTimeField(_("disputed"), null=True, blank=True)
    debt_collection_at = models.DateTimeField(_("to debt collection"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    is_paused = models.BooleanField(_("paused"), default=False)
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    invoiced_ore = models.BigIntegerField(_("invoiced (öre)"), default=0)
    current_ore = models.BigIntegerField(_("left (öre)"), default=0)
    paid_ore = models.BigIntegerField(_("paid (öre)"), default=0)
    credited_ore = models.BigIntegerField(_("credited (öre)"), default=0)
    write_off_ore = models.BigIntegerField(_("written off (öre)"), default=0)
    vat_ore = models.BigIntegerField(_("VAT (öre)"), default=0)
    interest_ore = models.BigIntegerField(_("interest (öre)"), default=0)
    rounding_ore = models.BigIntegerField(_("cent rounding (öre)"), default=0)
    file_id = models.CharField(_("file"), max_length=64, blank=True)
    flags = models.JSONField(_("what Billecta allows now"), default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("invoice"), _("invoices")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.invoice_number or self.billecta_id


class InvoiceRow(models.Model):
    """One row of an invoice, as Billecta holds it; known by its invoice and SequenceNo."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="rows", verbose_name=_("invoice"))
    sequence = models.PositiveIntegerField(_("row"))
    record_type = models.CharField(_("type"), max_length=16, blank=True)
    product_id = models.CharField(_("article"), max_length=64, blank=True)
    article_number = models.CharField(_("article number"), max_length=100, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6, default=0)
    units = models.CharField(_("unit"), max_length=32, blank=True)
    unit_price_ore = models.BigIntegerField(_("price (öre)"), default=0)
    vat_percent = models.DecimalField(_("VAT (%)"), max_digits=6, decimal_places=2, default=0)
    net_ore = models.BigIntegerField(_("net (öre)"), default=0)
    gross_ore = models.BigIntegerField(_("with VAT (öre)"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("invoice row"), _("invoice rows")
        ordering = ["invoice_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["invoice", "sequence"], name="invoice_row_once")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.description}"


class Payment(Mirrored):
    """One incoming payment on one invoice; `billecta_id` is its PaymentReferenceId.

    One that Billecta no longer lists is kept, with `withdrawn_at`; one that was moved is on the invoice that lists it now.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    amount_ore = models.BigIntegerField(_("amount (öre)"))
    currency = models.CharField(_("currency"), max_length=3, default="SEK")
    payment_date = models.DateField(_("payment date"), null=True, blank=True)
    created_at = models.DateTimeField(_("booked"), null=True, blank=True)
    payment_mean = models.CharField(_("payment mean"), max_length=64, blank=True)
    ocr = models.CharField(_("OCR"), max_length=64, blank=True)
    created_by = models.CharField(_("by"), max_length=100, blank=True)
    is_reminder_payment = models.BooleanField(_("for a reminder"), default=False)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("payment"), _("payments")
        ordering = ["-payment_date", "-pk"]

    def __str__(self) -> str:
        return self.billecta_id
