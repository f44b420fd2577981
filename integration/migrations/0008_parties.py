"""Articles deleted and debtors anonymised, how long bookkeeping is kept, and the record of each anonymisation."""

import django.core.validators
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integration", "0007_debt_collection"),
    ]

    operations = [
        migrations.AddField(
            model_name="article",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="deleted"),
        ),
        migrations.AddField(
            model_name="debtor",
            name="anonymised_at",
            field=models.DateTimeField(
                blank=True, help_text="What Billecta answers about this debtor is no longer stored.", null=True, verbose_name="anonymised"
            ),
        ),
        migrations.AddField(
            model_name="portalconfiguration",
            name="bookkeeping_years",
            field=models.PositiveIntegerField(
                default=7,
                help_text="A customer is not anonymised until so many calendar years have passed after the year of its last invoice or payment. The law asks for 7 (Bokföringslagen 7:2); with a financial year that is not the calendar year, give one more.",
                validators=[django.core.validators.MinValueValidator(7)],
                verbose_name="bookkeeping kept (years)",
            ),
        ),
        migrations.CreateModel(
            name="Anonymisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("debtor_id", models.CharField(max_length=64, unique=True, verbose_name="Billecta id")),
                ("creditor_id", models.CharField(max_length=64, verbose_name="creditor")),
                ("lime_id", models.BigIntegerField(blank=True, null=True, verbose_name="Lime id")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("requested_by", models.CharField(blank=True, max_length=200, verbose_name="requested by")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="begun")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("counts", models.JSONField(default=dict, verbose_name="changed rows")),
                ("kept", models.JSONField(default=dict, verbose_name="kept")),
                ("sought", models.JSONField(default=list, editable=False)),
            ],
            options={
                "verbose_name": "anonymisation",
                "verbose_name_plural": "anonymisations",
                "ordering": ["-pk"],
            },
        ),
    ]
