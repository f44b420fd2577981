"""The patches stay in step with the code: every rule has one, every one applies and names tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.mutants import ROOT, RULES, Mutant, apply, mutants


def test_every_rule_has_a_patch():
    assert {mutant.rule for mutant in mutants()} == set(RULES)


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_the_patch_applies_and_its_tests_exist(mutant: Mutant):
    assert apply(mutant.path, ROOT, only_check=True) == ""
    for test in mutant.tests:
        path, *names = test.split("::")
        source = (ROOT / path).read_text()
        assert all(re.search(rf"^ *(?:def|class) {re.escape(name.partition('[')[0])}\b", source, re.MULTILINE) for name in names), test
