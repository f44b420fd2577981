"""A payment may be taken back or moved, so it is posted once per invoice and time instead of once in all."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("integration", "0002_default_configuration")]
    operations = [
        migrations.AddField("payment", "withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="taken back")),
        migrations.RemoveConstraint("ledgerentry", "entry_once_per_sequence"),
        migrations.RemoveConstraint("ledgerentry", "entry_once_per_reference"),
        migrations.AddConstraint(
            "ledgerentry",
            models.UniqueConstraint(
                fields=["invoice", "kind", "reverses", "sequence"], condition=Q(reference=""), name="entry_once_per_sequence"
            ),
        ),
        migrations.AddConstraint(
            "ledgerentry",
            models.UniqueConstraint(
                fields=["invoice", "reference", "kind", "reverses", "sequence"],
                condition=~Q(reference=""),
                name="entry_once_per_reference",
            ),
        ),
    ]
