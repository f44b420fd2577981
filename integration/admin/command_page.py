"""The page on which a person gives a command: filled in, tried without effect, confirmed, started. Each step calls what the API calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from integration.admin.base import may, user_id
from integration.admin.command_form import CommandForm, commands_for
from integration.admin.readable import json_block
from integration.commands import batches
from integration.commands.batches import Asker
from integration.commands.dry_run import MOST_OBJECTS, dry_run
from integration.commands.table import Command
from integration.errors import KvittensError, Text
from integration.ledger.sending import why_not_sending
from integration.models import Article, Creditor, Debtor, Invoice, Order

PERMISSION = "add_batch"
SHOWN_IDS = 30
ASKED = "asked"
"""The field of the confirmation that names this asking, so that the same confirmation answered twice is one task."""
TITLES: Mapping[str, tuple[type[Any], Text]] = {
    "order": (Order, gettext_lazy("Send orders")),
    "invoice": (Invoice, gettext_lazy("Act on invoices")),
    "debtor": (Debtor, gettext_lazy("Send customers")),
    "article": (Article, gettext_lazy("Send articles")),
    "creditor": (Creditor, gettext_lazy("Send creditors")),
}
"""The limetypes that have a page, each with the list that it belongs to and its title."""


def command_page(request: HttpRequest, limetype: str) -> HttpResponse:
    """Answer one step of giving a command on a limetype: the form, the dry run, the confirmation, or the start.

    Raises PermissionDenied without `integration.add_batch`, Http404 for a limetype without commands.
    """
    if not may(request, PERMISSION):
        raise PermissionDenied
    if limetype not in TITLES or not commands_for(limetype):
        raise Http404
    if request.method != "POST":
        return _filled_in(request, limetype, CommandForm(limetype=limetype, asker=asker(request), initial=_from_address(request)))
    form = CommandForm(request.POST, limetype=limetype, asker=asker(request))
    return answer(request, limetype, form, request.POST.get("step", ""))


def confirm(request: HttpRequest, command: Command, lime_ids: Iterable[int]) -> HttpResponse:
    """Ask whether a command shall run on objects that were chosen on another page."""
    chosen = {"command": command.id, "ids": " ".join(map(str, lime_ids))}
    return answer(request, command.limetype, CommandForm(chosen, limetype=command.limetype, asker=asker(request)), "confirm")


def answer(request: HttpRequest, limetype: str, form: CommandForm, step: str) -> HttpResponse:
    """What follows on a form that was sent in."""
    if not form.is_valid() or form.command_row is None:
        return _filled_in(request, limetype, form)
    try:
        if step == "start":
            return _started(request, form, form.command_row)
        if step == "dry-run":
            objects = dry_run(form.command_row.id, form.command_request, asker=form.asker)
            return _filled_in(request, limetype, form, objects=_readable(objects))
    except KvittensError as error:
        form.add_error(None, f"{error.message} {error.remedy}".strip())
        return _filled_in(request, limetype, form)
    return _filled_in(request, limetype, form) if step == "edit" else _to_confirm(request, limetype, form, form.command_row)


def asker(request: HttpRequest) -> Asker:
    """The person as the command service knows it."""
    return Asker(actor=request.user.get_username(), user_id=user_id(request.user))


def _from_address(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("command", "ids") if name in request.GET}


def _started(request: HttpRequest, form: CommandForm, command: Command) -> HttpResponse:
    asked_at = timezone.now()
    key = _given_key(request)
    batch = batches.start(command.id, form.command_request, asker=form.asker, idempotency_key=key, joins=True)
    if batch.created_at < asked_at and key and batch.idempotency_key == key:
        messages.info(request, _("This was asked for already: here is its task. To ask for the same once more, begin anew."))
    elif batch.created_at < asked_at:
        messages.info(request, _("The same was asked for already and is not finished: this is its task."))
    elif batch.total is None:
        messages.success(request, _("%(title)s: started. Its objects are looked up in Lime first.") % {"title": command.title})
    else:
        text = ngettext("%(title)s: started for %(count)s object.", "%(title)s: started for %(count)s objects.", batch.total)
        messages.success(request, text % {"title": command.title, "count": batch.total})
    return HttpResponseRedirect(reverse("admin:integration_batch_change", args=[batch.pk]))


def _given_key(request: HttpRequest) -> str:
    """The key of the confirmation that is answered, empty without a proper one."""
    try:
        return str(UUID(request.POST.get(ASKED, "")))
    except ValueError:
        return ""


def _new_key(request: HttpRequest, form: CommandForm) -> str:
    """A key for a confirmation. A browser that goes back may send in the page before it once more: that gives the same key again.

    The token against forged requests is another one on each page that is shown.
    """
    page = request.POST.get("csrfmiddlewaretoken", "")
    return str(uuid5(NAMESPACE_URL, repr((page, form.hidden))) if page else uuid4())


def _filled_in(request: HttpRequest, limetype: str, form: CommandForm, **more: Any) -> HttpResponse:
    return _page(request, limetype, "admin/integration/command_form.html", {"form": form, "most_objects": MOST_OBJECTS, **more})


def _to_confirm(request: HttpRequest, limetype: str, form: CommandForm, command: Command) -> HttpResponse:
    ids = form.command_request.ids
    count = pgettext("how many objects", "all there are in Lime") if form.takes_everything else len(ids)
    context = {
        "form": form,
        "command": command,
        "key": (ASKED, _new_key(request, form)),
        "question": str(command.confirmation) % {"count": count},
        "ids": ids[:SHOWN_IDS],
        "more": len(ids) - SHOWN_IDS,
        "may_try": command.has_dry_run and len(ids) <= MOST_OBJECTS,
    }
    return _page(request, limetype, "admin/integration/command_confirm.html", context)


def _page(request: HttpRequest, limetype: str, template: str, context: dict[str, Any]) -> HttpResponse:
    model, title = TITLES[limetype]
    sending = why_not_sending()
    shared = {
        **admin.site.each_context(request),
        "title": title,
        "model_admin": admin.site.get_model_admin(model),
        "address": reverse("admin:give_command", args=[limetype]),
        "why_not_sending": sending,
    }
    return TemplateResponse(request, template, {**shared, **context})


def _readable(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects of a dry run with their creditors' names and their payloads as people read them, personal data masked."""
    names = dict(Creditor.objects.filter(billecta_id__in={shown["creditor"] for shown in objects}).values_list("billecta_id", "name"))
    return [
        {
            **shown,
            "creditor": names.get(shown["creditor"], shown["creditor"]),
            "content": json_block(shown["payload"]) if shown["payload"] else "",
        }
        for shown in objects
    ]
