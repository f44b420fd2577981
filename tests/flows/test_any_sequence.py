"""At most one invoice for each order and one credit for each request, whatever is asked and whatever breaks."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flows.machine import AtMostOnce

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("KVITTENS_SEED", "20261125"))
EXAMPLES = int(os.environ.get("KVITTENS_EXAMPLES", "12"))
"""More of both by hand: `KVITTENS_SEED=7 KVITTENS_EXAMPLES=200 pytest tests/flows/test_any_sequence.py`."""


def test_nothing_is_billed_or_credited_twice(world):
    print(f"KVITTENS_SEED={SEED}")
    machine = seed(SEED)(type("Machine", (AtMostOnce,), {"world": world}))
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(machine, settings=bounds)
