"""What the ledger keeps of a text: that a number was wrong and of which record, not the personal number itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from integration.errors import KvittensError, Problem, ValidationFailed
from integration.redaction import MASK_BY_FIELD, mask_number, redact_text

# In a field for such numbers also what is none by its form (a digit too many, no hyphen) is somebody's.
_LONG_NUMBER = re.compile(r"\d[\d +-]{4,}\d")


def masked(value: Any) -> Any:
    """JSON-like data with personal numbers, addresses and credentials masked in every text; whatever else becomes text."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {name: masked(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value if isinstance(value, int | float | bool | None) else redact_text(str(value))


def to_be_kept(error: KvittensError) -> KvittensError:
    """The error as it is stored and shown later: problems with an identity number do not spell it out."""
    return ValidationFailed([_without_number(problem) for problem in error.problems]) if isinstance(error, ValidationFailed) else error


def _without_number(problem: Problem) -> Problem:
    if MASK_BY_FIELD.get(problem.field.rpartition(".")[2].lower()) is not mask_number:
        return problem
    return replace(problem, message=_LONG_NUMBER.sub(lambda found: mask_number(found[0]), problem.message))
