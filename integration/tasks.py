"""What django-q2 calls: thin, with ids or names as arguments. Losing a call loses no work."""

from __future__ import annotations

from integration import ledger
from integration.commands import lime_sweep
from integration.handlers import payments


def drain_queue(queue: str) -> int:
    """Run the work of one queue that is due, for up to `DRAIN_SECONDS`; returns how many pieces were run."""
    return ledger.drain([queue])


def sweep_ledger() -> int:
    """Free work of lost workers and wake every queue that has something to do; returns how many leases were freed."""
    return ledger.sweep()


def sweep_lime() -> bool:
    """Ask for a look at what Lime changed without telling, when it is time for one; returns whether it was."""
    return lime_sweep.ask()


def ask_about_open_payments() -> int:
    """Have unhandled payments and unanswered Swish requests looked at; returns how many pieces of work that is."""
    return payments.ask_about_open_payments()
