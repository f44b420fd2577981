"""Rules for one debtor before it is sent: identity number, address, e-mail and what the mapping requires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integration.errors import Problem
from integration.mapping.engine import to_billecta
from integration.mapping.spec import MappingSpec
from integration.validations.formats import SWEDEN, identity_number_of, is_country, is_email, is_swedish_zip, is_vat_number
from integration.validations.record import MappedRecord


def validate_debtor(debtor: Mapping[str, object], spec: MappingSpec, *, record: str = "") -> list[Problem]:
    """Every problem with a debtor (normalised Lime values); `record` prefixes field names."""
    mapped = MappedRecord(spec, "debtor", debtor, record)
    return [*to_billecta(spec, "debtor", debtor, record=record).problems, *check_party(mapped)]


def check_party(party: MappedRecord) -> Iterator[Problem]:
    """Rules that debtor and creditor share. Swedish forms are asked of Swedish parties only; one without a country is Swedish."""
    yield from party.check_text("CountryCode", is_country, "invalid_country")
    if (party.text("CountryCode") or SWEDEN).upper() == SWEDEN:
        yield from party.check_text("OrgNo", _is_identity_number, "invalid_identity_number")
        yield from party.check_text("ZipCode", is_swedish_zip, "invalid_zip")
    yield from party.check_text("VatNumber", is_vat_number, "invalid_vat_number")
    yield from _check_emails(party)


def _check_emails(party: MappedRecord) -> Iterator[Problem]:
    """Two Billecta fields may read one Lime field, whose problem is told once."""
    told: set[str] = set()
    for name in ("Email", "ContactEmail"):
        for found in party.check_text(name, is_email, "invalid_email"):
            if found.field not in told:
                told.add(found.field)
                yield found


def _is_identity_number(text: str) -> bool:
    return identity_number_of(text) is not None
