"""What is stored about a write by the time it is sent, as a worker that is killed then would leave it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integration.ledger import Done, Work, drain, write_once
from integration.ledger.work import sent_at
from tests.ledger.conftest import reload

pytestmark = pytest.mark.django_db


def test_the_intent_is_stored_before_the_write_is_sent(ask, script):
    record = ask()
    stored_when_sent: list[dict[str, Any]] = []

    def write() -> str:
        stored_when_sent.append(reload(record).open_writes)
        return "made"

    def behaviour(work: Work) -> Done:
        return Done(write_once(work, "create", system="Billecta", look=lambda: None, write=write))

    script.behaviour = behaviour
    drain(threads=0)
    [intent] = stored_when_sent
    assert timezone.now() - sent_at(intent["create"]) < timedelta(seconds=10)
    assert (reload(record).billecta_id, reload(record).open_writes) == ("made", {})
