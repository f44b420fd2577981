"""Django's handle on the integration: its start-up fills the ledger's registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationConfig(AppConfig):
    name = "integration"
    verbose_name = _("Integration")

    def ready(self) -> None:
        from integration import checks, commands, handlers, schedules  # noqa: F401  each registers itself

        commands.register()
        handlers.register()
