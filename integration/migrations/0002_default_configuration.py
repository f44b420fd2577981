"""The rows that a fresh database starts with; an admin may change them."""

from django.db import migrations

POLICIES = {
    "": {"first_delay_seconds": 5, "growth": 3, "max_delay_seconds": 300, "jitter": 0.1, "give_up_after_hours": 24},
    "database_busy": {"first_delay_seconds": 1, "growth": 2, "max_delay_seconds": 30, "jitter": 0.5, "give_up_after_hours": 24},
    "throttled": {"first_delay_seconds": 1, "growth": 1, "max_delay_seconds": 5, "jitter": 0.5, "give_up_after_hours": 72},
    "rate_limited": {"first_delay_seconds": 10, "growth": 2, "max_delay_seconds": 300, "jitter": 0.2, "give_up_after_hours": 72},
}
BUCKETS = {"billecta": (8.0, 10.0), "lime": (9.4, 150.0)}


def add_defaults(apps, schema_editor):
    policies = apps.get_model("integration", "RetryPolicy")
    for code, values in POLICIES.items():
        policies.objects.get_or_create(error_code=code, defaults=values)
    buckets = apps.get_model("integration", "TokenBucket")
    for system, (rate, burst) in BUCKETS.items():
        buckets.objects.get_or_create(system=system, defaults={"rate_per_second": rate, "burst": burst, "tokens": burst})
    apps.get_model("integration", "PortalConfiguration").objects.get_or_create(pk=1)
    for queue in ("ingest", "outbound"):
        apps.get_model("integration", "WakeUp").objects.get_or_create(queue=queue)


class Migration(migrations.Migration):
    dependencies = [("integration", "0001_initial")]
    operations = [migrations.RunPython(add_defaults, migrations.RunPython.noop)]
