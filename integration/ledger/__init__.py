"""The only code that moves work from state to state. Its callers use what this package names here."""

from integration.ledger.at_once import run_at_once
from integration.ledger.bulk import cancel_many, retry_many, submit_many
from integration.ledger.claim import claim
from integration.ledger.decide import cancel, decide, retry
from integration.ledger.drain import drain
from integration.ledger.log import log
from integration.ledger.receive import Delivery, count_refusal, receive
from integration.ledger.registry import EventRule, Kind, registry
from integration.ledger.submit import submit, submit_collapsed
from integration.ledger.sweep import sweep
from integration.ledger.triage import triage
from integration.ledger.work import Done, LaneMoved, Nothing, Outcome, Skipped, WaitFor, Work
from integration.ledger.writes import change_once, write_once

__all__ = [
    "Delivery",
    "Done",
    "EventRule",
    "Kind",
    "LaneMoved",
    "Nothing",
    "Outcome",
    "Skipped",
    "WaitFor",
    "Work",
    "cancel",
    "cancel_many",
    "change_once",
    "claim",
    "count_refusal",
    "decide",
    "drain",
    "log",
    "receive",
    "registry",
    "retry",
    "retry_many",
    "run_at_once",
    "submit",
    "submit_collapsed",
    "submit_many",
    "sweep",
    "triage",
    "write_once",
]
