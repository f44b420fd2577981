"""A command by filter: a task names the work that finds its objects."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integration", "0004_orders_may_be_withdrawn")]
    operations = [
        migrations.AddField(
            "batch",
            "resolution",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="resolves",
                to="integration.syncrecord",
                verbose_name="finding its objects",
            ),
        ),
    ]
