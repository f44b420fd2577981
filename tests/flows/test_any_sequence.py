"""At most one invoice for each order, one credit and one payment for each request, whatever is asked and whatever breaks."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.flows.machine import AtMostOnce
from tests.flows.money_machine import PaidAtMostOnce
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

SEED = int(os.environ.get("KVITTENS_SEED", "20261125"))
EXAMPLES = int(os.environ.get("KVITTENS_EXAMPLES", "12"))
"""More of both by hand: `KVITTENS_SEED=7 KVITTENS_EXAMPLES=200 pytest tests/flows/test_any_sequence.py`."""


def _run(machine: type[RuleBasedStateMachine], world: World) -> None:
    print(f"KVITTENS_SEED={SEED}")
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(seed(SEED)(type("Machine", (machine,), {"world": world})), settings=bounds)


def test_nothing_is_billed_or_credited_twice(world):
    _run(AtMostOnce, world)


def test_nothing_is_paid_or_matched_twice(world):
    _run(PaidAtMostOnce, world)
