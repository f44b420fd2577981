"""Fixtures that every test may use."""

from __future__ import annotations

import hypothesis
import pytest

# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile("kvittens", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("kvittens")


@pytest.fixture(autouse=True)
def _fresh_throttles():
    """What one test knows of the limits is nothing to the next."""
    from integration.ledger.throttle import throttle

    throttle.cache_clear()


@pytest.fixture(autouse=True)
def _no_settling(request, settings):
    """Events are worked on at once unless a test is about settling."""
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if _is_transactional(request) else "db")
        from integration.models import PortalConfiguration

        PortalConfiguration.current()
        PortalConfiguration.objects.update(settle_seconds=0)


def _is_transactional(request) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return "transactional_db" in request.fixturenames or bool(marker and marker.kwargs.get("transaction"))
