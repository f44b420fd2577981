"""What people call the kinds of things that Lime and the portal share."""

from __future__ import annotations

from django.apps import apps
from django.utils.text import capfirst


def thing(limetype: str) -> str:
    """An order, an invoice and so on in the reader's language, with a capital; Lime's own word for what the portal has no table of."""
    models = apps.get_app_config("integration").models
    return str(capfirst(models[limetype]._meta.verbose_name)) if limetype in models else limetype  # noqa: SLF001  Django's own door
