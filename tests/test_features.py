"""`docs/features.md` is true: every proof that it names exists and asserts something; a row without one does not call itself done."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.proofs import proofs, rows

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("node", proofs())
def test_a_named_proof_is_a_test_that_can_fail(node):
    path, *_group, name = node.split("::")
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = [item for item in ast.walk(module) if isinstance(item, ast.FunctionDef) and item.name == name]
    assert found, f"{node} does not exist"
    marks = [ast.unparse(mark) for mark in found[0].decorator_list]
    assert not [mark for mark in marks if "skip" in mark or "xfail" in mark]


def test_every_row_of_the_design_is_there():
    assert set(rows()) == {*"ABCDEFGHIJKLMN", *(str(number) for number in range(1, 23))}


@pytest.mark.parametrize(("row", "state", "named"), [(row, state, named) for row, (state, named) in rows().items()])
def test_only_a_row_with_proof_calls_itself_done(row, state, named):
    assert state.startswith(("done", "part", "not yet"))
    assert bool(named) is not state.startswith("not yet")
