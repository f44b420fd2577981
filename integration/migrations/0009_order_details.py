"""Who sent an order and who asked for work, as ids; a second person who attests; how large an order's files may be."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integration", "0008_parties")]
    operations = [
        migrations.AddField(
            "order", "maker", models.CharField(blank=True, editable=False, max_length=220, default=""), preserve_default=False
        ),
        migrations.AddField(
            "syncrecord",
            "requester",
            models.CharField(blank=True, editable=False, max_length=220, verbose_name="who asked", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "portalconfiguration",
            "attachments_limit_mb",
            models.PositiveIntegerField(
                default=10,
                help_text="How large the files of one order may be together; an order with more is not sent.",
                validators=[django.core.validators.MaxValueValidator(20)],
                verbose_name="files with an invoice (MB)",
            ),
        ),
        migrations.AddField(
            "portalconfiguration",
            "second_attester_above_ore",
            models.BigIntegerField(
                blank=True,
                help_text="Above this total, in kronor with VAT, whoever sent an order may not attest it. Empty: anyone may attest.",
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="second person attests above",
            ),
        ),
    ]
