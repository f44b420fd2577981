"""Money that is on no invoice yet, and requests for payment by Swish."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integration", "0009_order_details"),
    ]

    operations = [
        migrations.CreateModel(
            name="SwishRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("request_id", models.CharField(max_length=64, unique=True, verbose_name="request")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                ("fingerprint", models.CharField(blank=True, db_index=True, editable=False, max_length=64)),
                ("amount_ore", models.BigIntegerField(verbose_name="amount (öre)")),
                ("currency", models.CharField(default="SEK", max_length=3, verbose_name="currency")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("Created", "waits for an answer"),
                            ("Paid", "paid"),
                            ("Declined", "declined"),
                            ("Cancelled", "cancelled"),
                            ("Refunded", "paid back"),
                            ("Error", "error"),
                        ],
                        default="Created",
                        max_length=32,
                        verbose_name="status",
                    ),
                ),
                ("paid_at", models.DateTimeField(blank=True, null=True, verbose_name="paid")),
                ("error_code", models.CharField(blank=True, max_length=64, verbose_name="code")),
                ("error_message", models.CharField(blank=True, max_length=500, verbose_name="error")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="requested")),
                ("fetched_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="fetched")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="swish_requests",
                        to="integration.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "work",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="swish_requests",
                        to="integration.syncrecord",
                        verbose_name="piece of work",
                    ),
                ),
            ],
            options={
                "verbose_name": "Swish request",
                "verbose_name_plural": "Swish requests",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="UnhandledPayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("billecta_id", models.CharField(max_length=64, unique=True, verbose_name="Billecta id")),
                ("lime_id", models.BigIntegerField(blank=True, db_index=True, null=True, verbose_name="Lime id")),
                ("fetched_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="fetched")),
                (
                    "view",
                    models.JSONField(default=dict, help_text="Billecta's own view; the mapping reads from it.", verbose_name="as fetched"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, db_index=True, verbose_name="changed")),
                ("amount_ore", models.BigIntegerField(verbose_name="amount (öre)")),
                ("currency", models.CharField(default="SEK", max_length=3, verbose_name="currency")),
                ("payment_date", models.DateField(blank=True, null=True, verbose_name="payment date")),
                ("reference", models.CharField(blank=True, max_length=200, verbose_name="reference")),
                ("sender", models.CharField(blank=True, max_length=200, verbose_name="sender")),
                ("payment_type", models.CharField(blank=True, max_length=32, verbose_name="type")),
                ("state", models.CharField(blank=True, max_length=32, verbose_name="state")),
                (
                    "overpaid_action",
                    models.CharField(
                        blank=True,
                        help_text="Billecta id of the invoice that more was paid on than was left.",
                        max_length=64,
                        verbose_name="paid too much on",
                    ),
                ),
                ("handled_at", models.DateTimeField(blank=True, null=True, verbose_name="handled")),
                (
                    "creditor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unhandled_payments",
                        to="integration.creditor",
                        verbose_name="creditor",
                    ),
                ),
            ],
            options={
                "verbose_name": "unhandled payment",
                "verbose_name_plural": "unhandled payments",
                "ordering": ["-payment_date", "-pk"],
            },
        ),
    ]
