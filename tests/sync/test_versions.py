"""Which mapping version work goes by."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from integration.mapping.spec import default_mapping
from integration.models import MappingVersion
from integration.sync import versions


@pytest.fixture(autouse=True)
def _fresh():
    versions.forget()
    yield
    versions.forget()


@pytest.mark.django_db(transaction=True)
def test_workers_that_meet_a_fresh_database_together_publish_the_default_once():
    MappingVersion.objects.all().delete()
    together = threading.Barrier(4)

    def meet(_number: int) -> int:
        try:
            together.wait(120)
            return versions._published_now()[0].pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(meet, range(4)))
    [only] = MappingVersion.objects.values_list("pk", flat=True)
    assert found == [only] * 4


@pytest.mark.django_db
def test_what_is_published_here_holds_at_once():
    before = versions.published()[0]
    after = versions.publish(default_mapping(), note="again")
    assert versions.published()[0] == after != before


@pytest.mark.django_db
def test_a_version_published_elsewhere_holds_within_a_second(monkeypatch):
    known = versions.published()[0]
    MappingVersion.objects.update(status=MappingVersion.Status.RETIRED)
    elsewhere = MappingVersion.objects.create(number=99, status=MappingVersion.Status.PUBLISHED, structure=known.structure)
    later = time.monotonic() + 1.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert versions.published()[0] == elsewhere
