"""What a task's page shows while it runs and when it is done: counts, results of each object, and what can be done about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integration.admin.base import may, user_id
from integration.commands import batches
from integration.commands.progress import Progress, progress
from integration.errors import GuardRefused, Text
from integration.ledger.explanation import Explanation, explain
from integration.models import Batch, SyncRecord

Status = SyncRecord.Status
SHOWN_RESULTS = 100
PERMISSION = "change_batch"
FINISHED = (Batch.Status.SUCCESS, Batch.Status.FAILURE)


@dataclass(frozen=True)
class Share:
    """One part of a task's objects: how many, what share in percent, and the look of its part of the bar."""

    title: Text
    tone: str
    count: int
    percent: float


@dataclass(frozen=True)
class Result:
    """One object of a task, with why it stands as it does."""

    record: SyncRecord
    explanation: Explanation


@dataclass(frozen=True)
class TaskOperation:
    """One thing that can be done with a whole task. `call` returns how many objects it concerned."""

    title: Text
    icon: str
    call: Callable[..., int]


OPERATIONS: Mapping[str, TaskOperation] = {
    "retry-failed": TaskOperation(_("Retry what failed"), "refresh", batches.retry_failed),
    "cancel": TaskOperation(_("Cancel what has not begun"), "cancel", batches.cancel),
}


def task_context(batch: Batch, request: HttpRequest) -> dict[str, Any]:
    """What the task's panel needs, in two queries however large the task is."""
    counted = progress(batch)
    records = [counted.finding] if counted.finding is not None else _worst_first(batch)
    return {
        "batch": batch,
        "counted": counted,
        "running": counted.status not in FINISHED,
        "shares": shares(counted),
        "results": [Result(record, explain(record)) for record in records],
        "more": max(0, (counted.total or 0) - len(records)),
        "counts": counted.finding is None,
        "operations": _possible(counted, request),
    }


def shares(counted: Progress) -> list[Share]:
    """The task's objects by how they ended, and those that have not."""
    total = counted.total or 0
    counts = (
        (_("Succeeded"), "ok", counted.succeeded),
        (_("Failed"), "bad", counted.failed),
        (_("Skipped"), "quiet", counted.skipped),
        (_("Cancelled"), "quiet", counted.cancelled),
        (_("Waiting"), "waiting", max(0, total - counted.done)),
    )
    return [Share(title, tone, count, round(100 * count / total, 2) if total else 0) for title, tone, count in counts]


def progress_view(request: HttpRequest, batch_id: Any, model_admin: Any) -> HttpResponse:
    """The panel alone, which the page fetches again while the task runs."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    context = task_context(get_object_or_404(Batch, pk=batch_id), request)
    return TemplateResponse(request, "admin/integration/task_panel.html", context)


def operate_on_task(request: HttpRequest, batch_id: Any, operation: str) -> HttpResponse:
    """Retry what failed of a task, or cancel what has not begun, and return to it.

    Raises PermissionDenied without `integration.change_batch`, Http404 for another operation or an unknown task.
    """
    if operation not in OPERATIONS:
        raise Http404
    if not may(request, PERMISSION):
        raise PermissionDenied
    batch = get_object_or_404(Batch, pk=batch_id)
    try:
        count = OPERATIONS[operation].call(batch, actor=request.user.get_username(), user_id=user_id(request.user))
    except GuardRefused as refusal:
        messages.warning(request, f"{refusal.message} {refusal.remedy}")
    else:
        several = ngettext("%(title)s: done for %(count)s object.", "%(title)s: done for %(count)s objects.", count)
        text = several if count else _("%(title)s: done.")
        messages.success(request, text % {"title": OPERATIONS[operation].title, "count": count})
    return HttpResponseRedirect(reverse("admin:integration_batch_change", args=[batch.pk]))


def _worst_first(batch: Batch) -> list[SyncRecord]:
    """The first results, those that need a person before the others."""
    order = Case(
        When(status__in=[Status.FAILED, Status.NEEDS_DECISION], then=Value(0)),
        When(status__in=SyncRecord.UNFINISHED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(SyncRecord.objects.filter(batch=batch).order_by(order, "pk")[:SHOWN_RESULTS])


def _possible(counted: Progress, request: HttpRequest) -> list[tuple[str, TaskOperation]]:
    if not may(request, PERMISSION):
        return []
    failed = counted.failed or (counted.finding is not None and counted.finding.status == Status.FAILED)
    names = [*(["retry-failed"] if failed else []), *(["cancel"] if counted.status not in FINISHED else [])]
    return [(name, OPERATIONS[name]) for name in names]
