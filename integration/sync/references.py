"""The names under which Lime's objects are known in Billecta, so that a lost answer never makes a duplicate."""

from __future__ import annotations

from integration.sync.systems import lime_database


def external_id(name: str, lime_id: int) -> str:
    """`{database}:{object}:{lime id}`: DebtorExternalId and ProductExternalId."""
    return f"{lime_database()}:{name}:{lime_id}"


def order_reference(lime_id: int, generation: int) -> str:
    """`{database}:order:{lime id}:{generation}`: the invoice's ExternalReference; a draft made anew has a new generation."""
    return f"{external_id('order', lime_id)}:{generation}"


def is_reference_of_another(reference: str, lime_id: int) -> bool:
    """Whether an invoice's ExternalReference says that it was made of another order of this Lime database."""
    ours = f"{lime_database()}:order:"
    return reference.startswith(ours) and not reference.startswith(f"{ours}{lime_id}:")


def is_external_id_of_another(name: str, external: str, lime_id: int) -> bool:
    """Whether an external id says that the Billecta object is another debtor or article of this Lime database."""
    return external.startswith(f"{lime_database()}:{name}:") and external != external_id(name, lime_id)
