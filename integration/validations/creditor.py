"""Rules for one creditor before it is sent; the same as for any party, and what the mapping requires."""

from __future__ import annotations

from collections.abc import Mapping

from integration.errors import Problem
from integration.mapping.engine import to_billecta
from integration.mapping.spec import MappingSpec
from integration.validations.debtor import check_party
from integration.validations.record import MappedRecord


def validate_creditor(creditor: Mapping[str, object], spec: MappingSpec, *, record: str = "") -> list[Problem]:
    """Every problem with a creditor (normalised Lime values); `record` prefixes field names."""
    mapped = MappedRecord(spec, "creditor", creditor, record)
    return [*to_billecta(spec, "creditor", creditor, record=record).problems, *check_party(mapped)]
