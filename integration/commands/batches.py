"""Starts commands over any number of objects, and stops or repeats them. API, admin and management command call these."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integration import ledger
from integration.commands.options import check_options, with_enum_names
from integration.commands.personal_options import masked, told_apart
from integration.commands.refusals import IdempotencyConflict, ObjectNotVisible, UnknownCommand, invalid
from integration.commands.requesters import Requester, identity_of
from integration.commands.selection import CommandRequest
from integration.commands.table import Command, table
from integration.errors import GuardRefused
from integration.ledger.submit import Subject
from integration.models import ApiKey, Batch, Creditor, Invoice, Order, PortalConfiguration, SyncRecord
from integration.sync.naming import lime_id_of, names_nothing

PREFIX_OF_LIME = "limepkg_billecta_integration."
KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 200


@dataclass(frozen=True)
class Asker:
    """Who asks. `actor` is shown to people; `creditors` are the public ids that an API key is limited to, empty for no limit."""

    actor: str
    api_key: ApiKey | None = None
    creditors: frozenset[str] = frozenset()
    user_id: int | None = None


def find_command(command_id: str) -> Command:
    """The command of an id, with or without the prefix of Lime's own package. Raises UnknownCommand."""
    command = table.get(command_id.removeprefix(PREFIX_OF_LIME))
    if command is None:
        raise UnknownCommand(command=command_id)
    return command


def start(command_id: str, request: CommandRequest, *, asker: Asker, idempotency_key: str = "", joins: bool = False) -> Batch:
    """Take on a command: one batch, and one piece of work for each object and creditor, in one transaction.

    Objects that are chosen by a filter, or all of them, are found by a worker: until then the batch has no total.

    Args:
        idempotency_key: the same key, asker and command within 7 days give the same batch. Without one, an identical
            command that is not finished yet is joined.
        joins: join such a command also with a key that is new.

    Raises:
        UnknownCommand, InvalidRequest: the request cannot be understood.
        IdempotencyConflict: the key was used with another body.
        ObjectNotVisible: the asker is limited to creditors and names something else.
    """
    command = find_command(command_id)
    body = _body(command, request)
    request = checked(command, request, asker)
    if len(idempotency_key) > LONGEST_KEY:
        raise invalid("Idempotency-Key", _("The idempotency key is too long: use at most %(limit)s characters.") % {"limit": LONGEST_KEY})
    who = requester_of(asker, request)
    content = _content_hash(command, request, asker, by=who.identity if command.for_requester else "")
    with transaction.atomic():
        _one_at_a_time(f"{command.id}:{content}", *([f"{command.id}:key:{idempotency_key}"] if idempotency_key else []))
        subjects = None if request.selection else visible_subjects(command, request, asker)
        total = None if subjects is None or _is_listed_first(command, subjects) else len(subjects)
        by_key = _same_key(command, idempotency_key, asker, body, content) if idempotency_key else None
        same = by_key or (_same_unfinished(command, content, total) if joins or not idempotency_key else None)
        if same is not None:
            return same
        batch = Batch.objects.create(
            command=command.id,
            body=body,
            body_hash=content,
            idempotency_key=idempotency_key,
            api_key=asker.api_key,
            requested_by={"actor": asker.actor, **request.requested_by},
            total=total,
        )
        if subjects is None:
            _find_later(batch, command, request, asker)
        else:
            ledger.submit_many(command.id, subjects, batch=batch, requested_by=who.name, requester=who.identity)
        ledger.log("command.started", actor=asker.actor, user_id=asker.user_id, command=command.id, batch=str(batch.pk), objects=total)
    return batch


def checked(command: Command, request: CommandRequest, asker: Asker) -> CommandRequest:
    """The request with its creditor as a public id where the portal knows it. Raises InvalidRequest, ObjectNotVisible."""
    request = replace(request, options=with_enum_names(command, request.options))
    check_options(command, request.options)
    cap = PortalConfiguration.current().filter_cap
    if len(request.ids) > cap:
        text = _("%(count)s objects are too many for one command: name at most %(cap)s.") % {"count": len(request.ids), "cap": cap}
        raise invalid("ids", text)
    named = request.options.get("creditor")
    if named is None:
        return request
    creditor = _known_creditor(command, named)
    if asker.creditors and creditor not in asker.creditors:
        raise ObjectNotVisible(what=named)
    return replace(request, options={**request.options, "creditor": creditor})


def visible_subjects(command: Command, request: CommandRequest, asker: Asker) -> list[Subject]:
    """The pieces of work that the command makes of the objects that the request names.

    An asker with a creditor limit gets only those that provably belong to its creditors. Raises ObjectNotVisible for an
    object that has none of these.
    """
    subjects = command.subjects(request.ids, request.options)
    visible = belonging(command, subjects, asker.creditors)
    hidden = {subject.lime_id for subject in subjects} - {subject.lime_id for subject in visible}
    if hidden:
        raise ObjectNotVisible(what=f"{command.limetype} {', '.join(str(lime_id or '') for lime_id in hidden)}".strip())
    return visible


def belonging(command: Command, subjects: list[Subject], creditors: frozenset[str]) -> list[Subject]:
    """Those pieces of work that provably belong to one of the creditors (public ids), all of them when none is named.

    It is proved by the piece of work itself, or by the order or invoice as the portal knows it.
    """
    if not creditors:
        return subjects
    unknown = [subject.lime_id for subject in subjects if not subject.creditor_id and subject.lime_id is not None]
    owners = _owners(command.limetype, unknown)
    return [subject for subject in subjects if (subject.creditor_id or owners.get(subject.lime_id or 0, "")) in creditors]


def retry_failed(batch: Batch, *, actor: str, user_id: int | None = None) -> int:
    """Put the failed objects of a batch back in the queue; returns how many. The others are left as they are.

    Where the objects could not be found, they are looked for again.
    """
    done = ledger.retry_many(batch, actor=actor, user_id=user_id)
    failed = SyncRecord.objects.filter(resolves=batch, resolves__total=None, status=SyncRecord.Status.FAILED).first()
    if failed is not None:
        ledger.retry(failed, actor=actor, user_id=user_id)
    ledger.log("command.retried", actor=actor, user_id=user_id, command=batch.command, batch=str(batch.pk), objects=done)
    return done


def cancel(batch: Batch, *, actor: str, user_id: int | None = None) -> int:
    """Stop a batch: what has not begun is cancelled, what runs is finished; returns how many were cancelled.

    Objects that are not found yet are not looked for any more, and none of them is sent.

    Raises GuardRefused when all of it is finished already.
    """
    unfinished = SyncRecord.objects.filter(status__in=SyncRecord.UNFINISHED)
    known = batch.total is not None or batch.resolution_id is not None
    if known and not unfinished.filter(batch=batch).exists() and not unfinished.filter(resolves=batch).exists():
        raise GuardRefused(reason=_("The task is finished: there is nothing left to cancel."), remedy=_("Look at its results."))
    _call_off(batch, actor, user_id)
    ledger.log("command.cancelled", actor=actor, user_id=user_id, command=batch.command, batch=str(batch.pk))
    return ledger.cancel_many(batch)


def _call_off(batch: Batch, actor: str, user_id: int | None) -> None:
    """Note when the batch was cancelled, and end the finding of its objects unless it runs; then it ends by itself, without effect."""
    with transaction.atomic():
        locked = Batch.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch.pk)
        finding = SyncRecord.objects.select_for_update(of=("self",)).filter(resolves=locked, status__in=SyncRecord.DUE).first()
        if finding is not None:
            ledger.cancel(finding, actor=actor, user_id=user_id)
        if locked.cancelled_at is None:
            locked.cancelled_at = timezone.now()
            locked.save(update_fields=["cancelled_at"])
        batch.cancelled_at = locked.cancelled_at


def _find_later(batch: Batch, command: Command, request: CommandRequest, asker: Asker) -> None:
    """Have a worker find the objects of a batch; what it needs beside the batch's body is kept with the work."""
    subject = Subject(
        entity_key=f"selection:{batch.pk}",
        limetype=command.limetype,
        options={"options": dict(request.options), "creditors": sorted(asker.creditors)},
    )
    who = requester_of(asker, request)
    batch.resolution = ledger.submit(Batch.RESOLVING, subject, requested_by=who.name, requester=who.identity)
    batch.save(update_fields=["resolution"])


def _one_at_a_time(*names: str) -> None:
    """Let one request of a name in at a time until the transaction ends. SQLite's write transactions do so by themselves."""
    if connection.vendor != "postgresql":
        return
    numbers = sorted(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True) for name in names)
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _is_listed_first(command: Command, subjects: Sequence[Subject]) -> bool:
    """Whether the work itself finds the objects; one that is named already needs no listing."""
    return command.lists_first and not any(subject.billecta_id for subject in subjects)


def _same_key(command: Command, idempotency_key: str, asker: Asker, body: dict[str, Any], content: str) -> Batch | None:
    """The batch that the key was used for.

    Raises IdempotencyConflict when it was for another body, by filter for other creditors, or for other personal options, which
    the kept body shows masked.
    """
    earlier = (
        Batch.objects.filter(command=command.id, idempotency_key=idempotency_key, api_key=asker.api_key)
        .filter(created_at__gt=timezone.now() - KEPT_FOR)
        .order_by("-created_at")
        .first()
    )
    by_content = "filter" in body or bool(command.personal_options)
    if earlier is not None and (earlier.body != body or (by_content and earlier.body_hash != content)):
        raise IdempotencyConflict(key=idempotency_key)
    return earlier


def _same_unfinished(command: Command, content: str, total: int | None) -> Batch | None:
    """The unfinished task of the same request over as many pieces of work: who sees fewer creditors makes fewer of the same objects.

    `total` is None for a selection, whose content names the creditors, and where the work itself finds the objects.
    """
    unfinished = SyncRecord.objects.filter(batch=OuterRef("pk"), status__in=SyncRecord.UNFINISHED)
    finding = Q(total=None, resolution__status__in=SyncRecord.UNFINISHED)
    same = Batch.objects.filter(command=command.id, body_hash=content, cancelled_at=None)
    if total is not None:
        same = same.filter(total=total)
    return same.filter(Exists(unfinished) | finding).order_by("-created_at").first()


def _body(command: Command, request: CommandRequest) -> dict[str, Any]:
    """The request as it is kept for good, and compared with a later one of the same idempotency key: personal options are masked."""
    which = request.selection.as_body(command.limetype) if request.selection else {"ids": list(request.ids)}
    return {**which, "options": masked(command, request.options), "requested_by": dict(request.requested_by)}


def _content_hash(command: Command, request: CommandRequest, asker: Asker, *, by: str = "") -> str:
    """What makes two requests identical: the objects in any order and the options, whoever asks unless it is said `by` whom.

    What a selection finds depends on the creditors that the asker is limited to.
    """
    which: dict[str, Any] = {"ids": sorted(request.ids)}
    if request.selection:
        chosen = request.selection.as_body("")
        which = {"filter": chosen["filter"], "context": chosen["context"], "creditors": sorted(asker.creditors)}
    asked = {**which, "options": told_apart(command, request.options), **({"by": by} if by else {})}
    content = json.dumps(asked, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _known_creditor(command: Command, named: str) -> str:
    """A creditor's public id. Commands on creditors may name one that is not known yet."""
    lime_id = lime_id_of(named)
    if names_nothing(named):
        raise invalid("options.creditor", _("“%(value)s” names no creditor: use lime:<id> or the public id.") % {"value": named})
    found = Creditor.objects.filter(**({"billecta_id": named} if lime_id is None else {"lime_id": lime_id})).first()
    if found is not None:
        return found.billecta_id
    if command.limetype == "creditor":
        return named
    text = _("The portal knows no creditor “%(value)s”: use a public id or lime:<id>, or import the creditors first.")
    raise invalid("options.creditor", text % {"value": named})


def _owners(limetype: str, lime_ids: Sequence[int]) -> dict[int, str]:
    """The creditors (public ids) that orders or invoices belong to, as far as the portal knows them."""
    models: dict[str, type[Order | Invoice]] = {"order": Order, "invoice": Invoice}
    if limetype not in models or not lime_ids:
        return {}
    rows = models[limetype].objects.filter(lime_id__in=lime_ids, creditor__isnull=False)
    return {lime_id: creditor for lime_id, creditor in rows.values_list("lime_id", "creditor__billecta_id") if lime_id is not None}


def requester_of(asker: Asker, request: CommandRequest) -> Requester:
    """Who asks for a command: the person signed in, the Lime user that the request names, or the key alone."""
    name = str(request.requested_by.get("name", ""))
    key = asker.api_key.name if asker.api_key else ""
    return Requester(
        identity_of(user_id=asker.user_id, lime_user=request.requested_by.get("id"), key=key),
        (f"{name} ({asker.actor})" if name else asker.actor)[:200],
    )
