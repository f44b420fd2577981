"""The whole exception hierarchy: what can go wrong, whether it is tried again, and what a person should do about it.

Three families. `RetryLater`: the same work may succeed later. `WillNeverWork`: it cannot succeed until the data changes.
`Misconfigured`: it cannot succeed until an admin mends the set-up. Everything else that is raised is a bug and is kept as
`internal` with its traceback.

One class is one error code. Its texts are templates over its parameters, so a stored error (code and parameters) can be
shown in the language of whoever reads it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class FailureKind:
    """Why a piece of work failed, as stored in `SyncRecord.failure_kind`."""

    CONFIG = "config"
    VALIDATION = "validation"
    REJECTED = "rejected"
    EXCEEDED = "exceeded"
    INTERNAL = "internal"
    OUTCOME_UNKNOWN = "outcome_unknown"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field of one record, found before anything was sent.

    `field` is named as in the system the value came from (a row's field as `orderrow[1012].vat`); `code` is stable and
    snake case; `message` says which record, which value, what is wrong and what to do, in the language of the reader.
    """

    field: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class KvittensError(Exception):
    """Base of all errors that the portal expects. Keyword parameters fill the class's `template`."""

    code: ClassVar[str] = "error"
    failure_kind: ClassVar[str] = FailureKind.INTERNAL
    template: ClassVar[Text] = _("Something went wrong.")
    next_step: ClassVar[Text] = _("Read the attempts below, then try again.")

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code, params)

    @property
    def message(self) -> str:
        """The error in the active language, with its parameters filled in."""
        return str(self.template) % _Shown(self.params)

    @property
    def remedy(self) -> str:
        """What the reader should do next, in the active language."""
        return str(self.next_step) % _Shown(self.params)

    def __str__(self) -> str:
        return self.message


class _Shown(dict[str, Any]):
    """Parameters of a template; one that is missing shows as a question mark instead of hiding the whole error."""

    def __missing__(self, key: str) -> str:
        return "?"


# --- retry later ---------------------------------------------------------------------------------------------------


class RetryLater(KvittensError):
    """The same work may succeed later. `not_before` (UTC) is set when the remote side or the portal knows when."""

    failure_kind = FailureKind.EXCEEDED
    next_step = _("Nothing to do now: it is tried again by itself.")

    def __init__(self, *, not_before: datetime | None = None, **params: Any) -> None:
        self.not_before = not_before
        super().__init__(**params)


class RemoteUnavailable(RetryLater):
    """The remote side could not be reached or answered 5xx, and the call had no effect or may be repeated. Params: system, detail."""

    code = "remote_unavailable"
    template = _("%(system)s could not answer: %(detail)s.")


class RemoteTimeout(RetryLater):
    """No whole answer within the deadline, to a call that may be repeated. Params: system, detail."""

    code = "remote_timeout"
    template = _("%(system)s did not answer in time: %(detail)s.")


class RateLimited(RetryLater):
    """The remote side answered 429. `not_before` holds its Retry-After when it sent one. Params: system."""

    code = "rate_limited"
    template = _("%(system)s asks us to slow down.")


class DatabaseBusy(RetryLater):
    """The portal's own database could not be written just now. Params: detail."""

    code = "database_busy"
    template = _("The portal's database was busy: %(detail)s.")


class Throttled(RetryLater):
    """Our own token bucket is empty; nothing was sent. Params: system."""

    code = "throttled"
    template = _("The portal holds back to keep within %(system)s's limit of calls.")


class ParentMissing(RetryLater):
    """What this depends on is not here yet. Params: what."""

    code = "parent_missing"
    template = _("Waits for %(what)s, which is not here yet.")


class InvoiceNotAttested(RetryLater):
    """A payment's invoice is a draft as far as the portal knows, and Lime gets no drafts. Params: invoice (its Billecta id)."""

    code = "invoice_not_attested"
    template = _("Invoice %(invoice)s is not attested as far as the portal knows, so its payment cannot be written to Lime yet.")


class StaleAnswer(RetryLater):
    """Another look at the same invoice was stored while this one was under way. Params: invoice (its Billecta id)."""

    code = "stale_answer"
    template = _("Two looks at invoice %(invoice)s overlapped, so Billecta's answer may be older than what is already known.")


class PaymentsIncomplete(RetryLater):
    """Billecta's paid amount is not the sum of the payments that it lists. Params: paid, listed (kronor, two decimals), currency."""

    code = "payments_incomplete"
    template = _("Billecta says that %(paid)s %(currency)s is paid but lists payments of %(listed)s %(currency)s.")
    next_step = _("Nothing to do now: it is looked at again. If it stays so, compare the invoice's payments in Billecta.")


class SendingStopped(RetryLater):
    """The portal may not send anything now, and the caller waits for an answer. Params: reason."""

    code = "sending_stopped"
    template = _("%(reason)s")
    next_step = _("Try again once an admin has let the portal send.")


class OutcomeUnknown(RetryLater):
    """A write that must not be repeated blindly got no definite answer. Params: system, operation, detail."""

    code = "outcome_unknown"
    failure_kind = FailureKind.OUTCOME_UNKNOWN
    template = _("%(system)s gave no definite answer to %(operation)s (%(detail)s): it may or may not have happened.")
    next_step = _("Nothing to do now: the portal looks in %(system)s before it tries again.")


class NeedsDecision(KvittensError):
    """It cannot be found out whether a write happened; a person must say. Params: system, operation, detail."""

    code = "needs_decision"
    failure_kind = FailureKind.OUTCOME_UNKNOWN
    template = _("It cannot be read back from %(system)s whether %(operation)s happened: %(detail)s.")
    next_step = _("Look in %(system)s, then mark the work as happened or as not happened.")


# --- will never work -----------------------------------------------------------------------------------------------


class WillNeverWork(KvittensError):
    """It cannot succeed until the data changes."""

    failure_kind = FailureKind.REJECTED
    next_step = _("Mend the data, then retry.")


class ValidationFailed(WillNeverWork):
    """Business rules stopped the work before anything was sent. `problems` holds every one of them."""

    code = "validation_failed"
    failure_kind = FailureKind.VALIDATION
    template = _("%(text)s")
    next_step = _("Mend each named field in Lime, then retry.")

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(text=" ".join(problem.message for problem in problems), problems=[problem.as_dict() for problem in problems])


class RemoteRejected(WillNeverWork):
    """The remote side refused with a 4xx that repeating cannot mend. Params: system, status, detail, external_code."""

    code = "remote_rejected"
    template = _("%(system)s refused (%(status)s): %(detail)s")
    next_step = _("Read what %(system)s says, mend the data, then retry.")


class RemoteNotFound(WillNeverWork):
    """The remote side has no such object. Params: system, what."""

    code = "remote_not_found"
    template = _("%(what)s does not exist in %(system)s.")
    next_step = _("Check that the object has not been deleted in %(system)s and that the portal's user may see it.")


class AmbiguousMatch(WillNeverWork):
    """Several remote objects match where one was expected; none is chosen. Params: system, what, ids."""

    code = "ambiguous_match"
    template = _("Several objects in %(system)s match %(what)s: %(ids)s.")
    next_step = _("Link the right one by hand or remove the duplicates, then retry.")


class GuardRefused(WillNeverWork):
    """The state of the object does not allow the operation. Params: reason, remedy."""

    code = "guard_refused"
    template = _("%(reason)s")
    next_step = _("%(remedy)s")


class TotalsDiffer(WillNeverWork):
    """Billecta's total is further from ours than the tolerance. Params: ours, theirs, currency, tolerance (kronor, two decimals)."""

    code = "totals_differ"
    template = _("The order sums to %(ours)s %(currency)s here but to %(theirs)s %(currency)s in Billecta; the tolerance is %(tolerance)s.")
    next_step = _("Compare the rows, mend the order in Lime and send it again, or raise the tolerance in the configuration.")


class PrerequisiteFailed(WillNeverWork):
    """Something that must be sent first failed. Params: what, reason."""

    code = "prerequisite_failed"
    template = _("%(what)s could not be sent first: %(reason)s")
    next_step = _("Mend what is named, then retry; the prerequisite is tried again with it.")


class MatchRefused(WillNeverWork):
    """Billecta did not put an unhandled payment on its invoice. Params: detail."""

    code = "match_refused"
    template = _("Billecta did not put the payment on the invoice: %(detail)s")
    next_step = _("Read what Billecta says, then match the payment anew or handle it in Billecta.")


class DecidedNotHappened(WillNeverWork):
    """A person said that a write of unknown outcome did not happen. Params: who."""

    code = "decided_not_happened"
    template = _("%(who)s decided that it did not happen.")
    next_step = _("Retry if it should be done.")


# --- misconfigured -------------------------------------------------------------------------------------------------


class Misconfigured(KvittensError):
    """It cannot succeed until an admin mends the set-up."""

    failure_kind = FailureKind.CONFIG
    next_step = _("Mend the setting, restart the portal if it is an environment variable, then retry.")


class InvalidBillectaApiConfig(Misconfigured):
    """`authentication` or `base_url` of Billecta is missing or malformed. Params: setting, problem, example."""

    code = "invalid_billecta_api_config"
    template = _("%(setting)s %(problem)s. Example: %(example)s")


class InvalidLimeApiConfig(Misconfigured):
    """Lime's base URL or key is missing or malformed. Params: setting, problem, example."""

    code = "invalid_lime_api_config"
    template = _("%(setting)s %(problem)s. Example: %(example)s")


class CredentialsRefused(Misconfigured):
    """The remote side answered 401 or 403. Params: system, status."""

    code = "credentials_refused"
    template = _("%(system)s does not accept the portal's credentials (%(status)s).")
    next_step = _("Check the key or user in the environment and its rights in %(system)s, then retry.")


class CertificateNotTrusted(Misconfigured):
    """The remote side's certificate could not be verified, so nothing was sent. Params: system, detail."""

    code = "certificate_not_trusted"
    template = _("The certificate of %(system)s cannot be trusted (%(detail)s); nothing was sent.")
    next_step = _(
        "If %(system)s has a certificate authority of its own, name the file of its certificate in REMOTE_CA_FILE and restart the portal;"
        " otherwise have the certificate renewed. Then retry."
    )


class MappingInvalid(Misconfigured):
    """The mapping names a field that does not exist or cannot hold the value. Params: object, field, problem."""

    code = "mapping_invalid"
    template = _("The mapping of %(object)s is wrong at %(field)s: %(problem)s.")
    next_step = _("Mend the mapping in the configuration, then retry.")


class CreditorRequired(Misconfigured):
    """An object lives per creditor and none was named or could be found. Params: what."""

    code = "creditor_required"
    template = _("%(what)s is not linked to any creditor, and the portal knows several.")
    next_step = _("Link it to a creditor in Lime or name the creditor in the command.")


def all_error_classes() -> list[type[KvittensError]]:
    """Every class that has a code of its own, for tables and their completeness tests."""
    found: list[type[KvittensError]] = []
    queue = list(KvittensError.__subclasses__())
    while queue:
        cls = queue.pop(0)
        queue.extend(cls.__subclasses__())
        if "code" in cls.__dict__:
            found.append(cls)
    return found
