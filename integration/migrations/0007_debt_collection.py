"""The debt-collection cases that Billecta runs are kept beside their invoices."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integration", "0006_lime_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="DebtCollectionCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("billecta_id", models.CharField(max_length=64, unique=True, verbose_name="Billecta id")),
                ("fetched_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="fetched")),
                (
                    "view",
                    models.JSONField(default=dict, help_text="Billecta's own view; the mapping reads from it.", verbose_name="as fetched"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, db_index=True, verbose_name="changed")),
                ("stage", models.CharField(blank=True, max_length=64, verbose_name="stage")),
                ("start_level", models.CharField(blank=True, max_length=32, verbose_name="first step")),
                ("end_level", models.CharField(blank=True, max_length=32, verbose_name="last step")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("is_paused", models.BooleanField(default=False, verbose_name="paused")),
                ("created_at", models.DateTimeField(blank=True, null=True, verbose_name="created")),
                ("claim_sent_at", models.DateTimeField(blank=True, null=True, verbose_name="claim sent")),
                ("bailiff_at", models.DateTimeField(blank=True, null=True, verbose_name="to the enforcement authority")),
                ("disputed_at", models.DateTimeField(blank=True, null=True, verbose_name="disputed")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("currency", models.CharField(default="SEK", max_length=3, verbose_name="currency")),
                ("original_ore", models.BigIntegerField(default=0, verbose_name="original debt (öre)")),
                ("debt_ore", models.BigIntegerField(default=0, verbose_name="debt (öre)")),
                ("fee_ore", models.BigIntegerField(default=0, verbose_name="fees (öre)")),
                ("interest_ore", models.BigIntegerField(default=0, verbose_name="interest (öre)")),
                ("current_ore", models.BigIntegerField(default=0, verbose_name="left (öre)")),
                (
                    "creditor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debt_collection_cases",
                        to="integration.creditor",
                        verbose_name="creditor",
                    ),
                ),
                (
                    "debtor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debt_collection_cases",
                        to="integration.debtor",
                        verbose_name="debtor",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debt_collection_cases",
                        to="integration.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "debt-collection case",
                "verbose_name_plural": "debt-collection cases",
                "ordering": ["-pk"],
            },
        ),
    ]
