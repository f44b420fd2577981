"""The table of events is complete: every known event is handled or ignored for a reason, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from integration.billecta.events import KNOWN_EVENTS
from integration.handlers.table import ABOUT_A_CASE, ABOUT_AN_INVOICE, ABOUT_UNHANDLED_MONEY, IGNORED
from integration.ledger import registry


def names() -> list[str]:
    return [getattr(event, "name", event) for event in KNOWN_EVENTS]


def test_every_known_event_has_one_row():
    assert sorted([*ABOUT_AN_INVOICE, *ABOUT_A_CASE, *ABOUT_UNHANDLED_MONEY, *IGNORED]) == sorted(names())


@pytest.mark.parametrize("name", IGNORED)
def test_an_ignored_event_says_why_in_both_languages(name):
    reasons = set()
    for language in ("sv", "en"):
        with translation.override(language):
            reasons.add(str(IGNORED[name]))
    assert len(reasons) == 2
    assert all(reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize("name", [*ABOUT_AN_INVOICE, *ABOUT_A_CASE, *ABOUT_UNHANDLED_MONEY])
def test_a_handled_event_leads_to_work_that_can_run(name):
    rule = registry.rule(name.upper())
    assert rule is not None
    assert rule.kind in registry.kinds
