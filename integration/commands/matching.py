"""Finds the one Billecta object that an unlinked Lime object is, by its own number; what could be several is shown, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from integration.errors import AmbiguousMatch
from integration.models import RecordLink
from integration.sync.references import is_external_id_of_another


@dataclass(frozen=True)
class Candidate:
    """A Billecta object of one creditor that carries the number: its public id and the external id that it has, "" for none."""

    public_id: str
    external_id: str


def the_one(name: str, creditor_id: str, lime_id: int, number: str, candidates: Iterable[Candidate]) -> str | None:
    """The public id of the only object with this number, None when there is none.

    Raises AmbiguousMatch naming the ids when there are several, when the one is linked to another Lime object, and when it
    carries the external id of another one of this Lime database.
    """
    found = {candidate.public_id: candidate for candidate in candidates}
    if not found:
        return None
    taken = {
        link.billecta_id: link.lime_id
        for link in RecordLink.objects.filter(limetype=name, creditor_id=creditor_id, billecta_id__in=found).exclude(lime_id=lime_id)
    }
    owners = [_shown(candidate, name, lime_id, taken) for candidate in found.values()]
    if len(found) > 1 or owners != list(found):
        raise AmbiguousMatch(system="Billecta", what=f"{name} {lime_id} ({number})", ids=", ".join(owners))
    return next(iter(found))


def same_number(one: str, other: str) -> bool:
    """Whether two Swedish identity numbers are the same whatever their hyphens and centuries; empty ones are not."""
    return bool(digits_of(one)) and digits_of(one) == digits_of(other)


def digits_of(number: str) -> str:
    """A Swedish number's last ten digits, so that `16556012-5790` and `556012-5790` are the same."""
    return "".join(character for character in number if character.isdigit())[-10:]


def _shown(candidate: Candidate, name: str, lime_id: int, taken: dict[str, int]) -> str:
    """The candidate's id, with the Lime object that it belongs to when that is another."""
    if candidate.public_id in taken:
        return f"{candidate.public_id} ↔ {taken[candidate.public_id]}"
    if is_external_id_of_another(name, candidate.external_id, lime_id):
        return f"{candidate.public_id} ↔ {candidate.external_id}"
    return candidate.public_id
