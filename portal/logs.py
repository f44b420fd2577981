"""How the portal logs: structured events as text or as ECS JSON, personal data and secrets masked on the way."""

from __future__ import annotations

from typing import Any

import structlog

from integration.redaction import redact_event


def logging_config(log_format: str) -> dict[str, Any]:
    """The standard library's dictConfig for `text` (for people) or `ecs` (for Kibana and the like)."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        redact_event,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "portal": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(log_format)],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "portal"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING", "handlers": ["console"], "propagate": False},
            "django_q": {"level": "WARNING", "handlers": ["console"], "propagate": False},
            "weasyprint": {"level": "ERROR"},
            "fontTools": {"level": "WARNING"},
        },
    }


def _renderer(log_format: str) -> Any:
    if log_format == "ecs":
        from ecs_logging import StructlogFormatter

        return StructlogFormatter()
    # The default traceback shows local variables, which hold personal data.
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
