"""What a stored failure means and what to do next, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext_lazy as _

from integration.errors import KvittensError, RetryLater, Text, all_error_classes
from integration.models import SyncRecord


@dataclass(frozen=True)
class Explanation:
    """Why work stands as it does, and the next step; both empty when nothing is wrong."""

    message: str
    next_step: str


# Codes that no exception class carries: the sweep's and the recorder's own.
NEXT_STEPS: Mapping[str, Text] = {
    "worker_lost": _("Nothing to do now: it is tried again by itself. Look at the worker's log if it happens often."),
    "internal": _("This is a fault in the portal: send the attempt's traceback to whoever maintains it, then retry."),
}
# What there is to say of work that succeeded, by the `note` of its result; filled with the result's other values.
NOTES: Mapping[str, Text] = {
    "creditor_without_lime": _("Imported. No creditor in Lime has its Billecta id or organisation number, so it is not linked."),
    "creditor_linked": _("Linked to creditor %(lime_id)s in Lime."),
    "article_not_in_billecta": _("The article is not in Billecta: there was nothing to do."),
    "debtor_not_in_billecta": _("The customer is not in Billecta: there was nothing to do."),
    "debtor_anonymised": _(
        "Anonymised in Billecta and in the portal. The customer in Lime was not changed: its personal data there remains."
    ),
    "debtor_anonymised_before": _("The customer is anonymised already: there was nothing to do. Its personal data in Lime remains."),
}
GAVE_UP: Text = _("The portal has stopped trying: mend the cause, then retry.")
MESSAGES: Mapping[str, Text] = {"worker_lost": _("The worker that ran this was lost.")}


def explain(record: SyncRecord) -> Explanation:
    """The record's error from its code and parameters, so that it follows the reader's language.

    A code that is no longer in the hierarchy, and a skipped record, show the texts that were stored.
    """
    code, params = record.error_code, record.error_params or {}
    error = _classes().get(code)
    if not code:
        note = NOTES.get((record.result or {}).get("note", ""))
        return Explanation(str(note) % record.result if note else record.message, "")
    if error is None or record.status == SyncRecord.Status.SKIPPED:
        lost_for_good = code == "worker_lost" and record.status == SyncRecord.Status.FAILED
        step = params.get("next_step") or (GAVE_UP if lost_for_good else NEXT_STEPS.get(code, ""))
        return Explanation(str(MESSAGES.get(code, record.message)), str(step))
    shown = error.__new__(error)
    KvittensError.__init__(shown, **params)
    return Explanation(shown.message, str(GAVE_UP) if _gave_up(record, error) else shown.remedy)


def _gave_up(record: SyncRecord, error: type[KvittensError]) -> bool:
    """Whether what is otherwise tried again by itself is not tried any more."""
    return record.status == SyncRecord.Status.FAILED and issubclass(error, RetryLater)


@cache
def _classes() -> dict[str, type[KvittensError]]:
    return {error.code: error for error in all_error_classes()}
