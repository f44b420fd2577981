"""What an operator does with work: a table of operations, each of which calls the ledger and says how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integration import ledger
from integration.admin.base import may, user_id
from integration.errors import GuardRefused
from integration.models import SyncRecord

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Status = SyncRecord.Status
SHOWN_REFUSALS = 5


@dataclass(frozen=True)
class Operation:
    """One thing that can be done with work: its name, its button, who may, from which states, and the service."""

    name: str
    title: StrOrPromise
    icon: str
    permission: str
    states: tuple[str, ...]
    call: Callable[..., SyncRecord]
    primary: bool = False
    confirmation: StrOrPromise = ""


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            "retry",
            gettext_lazy("Retry now"),
            "refresh",
            "retry_syncrecord",
            (Status.FAILED, Status.CANCELLED, Status.WAITING_RETRY),
            ledger.retry,
            primary=True,
        ),
        Operation("cancel", gettext_lazy("Cancel"), "cancel", "retry_syncrecord", SyncRecord.DUE, ledger.cancel),
        Operation(
            "happened",
            gettext_lazy("It happened"),
            "check_circle",
            "decide_syncrecord",
            (Status.NEEDS_DECISION,),
            partial(ledger.decide, happened=True),
            confirmation=gettext_lazy("The work is marked as done and nothing more is sent."),
        ),
        Operation(
            "not-happened",
            gettext_lazy("It did not happen"),
            "replay",
            "decide_syncrecord",
            (Status.NEEDS_DECISION,),
            partial(ledger.decide, happened=False),
            confirmation=gettext_lazy("It is sent again."),
        ),
    )
}


def possible(record: SyncRecord, request: HttpRequest) -> list[Operation]:
    """What this user may do with this record in the state it is in."""
    return [operation for operation in OPERATIONS.values() if record.status in operation.states and may(request, operation.permission)]


def operate(request: HttpRequest, record_id: int, operation: str) -> HttpResponse:
    """Run one operation on one record and return to where the user came from.

    Raises Http404 for an unknown operation or record, PermissionDenied without the operation's permission.
    """
    if operation not in OPERATIONS:
        raise Http404
    record = get_object_or_404(SyncRecord, pk=record_id)
    operate_on_all(request, [record], operation)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = reverse("admin:integration_syncrecord_change", args=[record_id])
    return HttpResponseRedirect(back)


def operate_on_all(request: HttpRequest, records: Iterable[SyncRecord], name: str) -> None:
    """Run one operation on each record; a refusal of one leaves the others. Says how many were done and why others were not."""
    operation = OPERATIONS[name]
    if not may(request, operation.permission):
        raise PermissionDenied
    done, refusals = 0, []
    for record in records:
        try:
            operation.call(record, actor=request.user.get_username(), user_id=user_id(request.user))
            done += 1
        except GuardRefused as refusal:
            refusals.append(f"#{record.pk}: {refusal.message}")
    _tell(request, operation, done, refusals)


def _tell(request: HttpRequest, operation: Operation, done: int, refusals: list[str]) -> None:
    if done:
        text = ngettext("%(title)s: done for %(count)s piece of work.", "%(title)s: done for %(count)s pieces of work.", done)
        messages.success(request, text % {"title": operation.title, "count": done})
    for refusal in refusals[:SHOWN_REFUSALS]:
        messages.warning(request, refusal)
    if len(refusals) > SHOWN_REFUSALS:
        messages.warning(request, _("%(count)s more could not be done.") % {"count": len(refusals) - SHOWN_REFUSALS})
