"""Lime's own webhooks: deliveries known by their id, a switch for each kind of object, and how far the sweep has looked."""

import django.core.validators
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

SWITCHES = (
    ("sync_creditors", "keep creditors in step", ""),
    ("sync_debtors", "keep debtors in step", ""),
    ("sync_articles", "keep articles in step", ""),
    ("sync_orders", "keep orders in step", "Only drafts: what is attested is locked, and nothing is sent for the first time."),
)


class Migration(migrations.Migration):
    dependencies = [("integration", "0005_batches_by_filter")]
    operations = [
        migrations.AddIndex("orderrow", models.Index(fields=["lime_id"], name="order_row_lime_id")),
        migrations.AddField(
            "webhookevent",
            "delivery_id",
            models.CharField(
                blank=True, help_text="The sender's own id of the delivery; a retry repeats it.", max_length=200, verbose_name="delivery id"
            ),
        ),
        migrations.AddConstraint(
            "webhookevent",
            models.UniqueConstraint(fields=["source", "delivery_id"], condition=~Q(delivery_id=""), name="delivery_stored_once"),
        ),
        *(
            migrations.AddField(
                "portalconfiguration", name, models.BooleanField(default=False, help_text=help_text, verbose_name=verbose_name)
            )
            for name, verbose_name, help_text in SWITCHES
        ),
        migrations.AddField(
            "portalconfiguration",
            "lime_sweep_minutes",
            models.PositiveIntegerField(
                default=15,
                help_text="How often Lime is asked for changes that no webhook told of.",
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="look for missed changes every (minutes)",
            ),
        ),
        migrations.CreateModel(
            "LimeCursor",
            [
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("pass_started_at", models.DateTimeField(blank=True, null=True)),
                ("after_id", models.BigIntegerField(default=0)),
            ],
        ),
    ]
