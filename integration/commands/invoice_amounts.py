"""The sums of an invoice as Billecta shows it now: in öre for counting, in words for people."""

from __future__ import annotations

from integration.billecta import wire
from integration.billecta.amounts import Amount
from integration.money import SEK, ore_to_kronor


def left_of(view: wire.InvoiceAction) -> Amount:
    """What is left to pay on an invoice, in its currency; never less than nothing."""
    total = view.current_amount or view.invoiced_amount
    return Amount(total.currency if total else SEK, max(minor_units(view.current_amount), 0))


def minor_units(amount: Amount | None) -> int:
    """The öre of an amount that Billecta may leave out, which then is nothing."""
    return amount.minor_units if amount else 0


def credited_of(view: wire.InvoiceAction) -> int:
    """What has been credited (öre), without its sign."""
    return abs(minor_units(view.credited_amount))


def shown(view: wire.InvoiceAction, ore: int) -> str:
    """A sum on an invoice for people: `1250.50 SEK`."""
    return f"{ore_to_kronor(ore):.2f} {left_of(view).currency}"
