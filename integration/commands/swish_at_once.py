"""A Swish request for a third party that waits for its answer: the same work as the command's, run while the caller waits."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from integration.commands.swish_requests import REQUEST
from integration.errors import (
    CredentialsRefused,
    GuardRefused,
    KvittensError,
    OutcomeUnknown,
    RemoteNotFound,
    RemoteRejected,
    RemoteTimeout,
    SendingStopped,
)
from integration.http.deadline import seconds_left, within
from integration.ledger import cancel, run_at_once, submit
from integration.ledger.sending import why_not_sending
from integration.ledger.submit import Subject
from integration.models import Invoice, SwishRequest, SyncRecord
from integration.sync import links, swish
from integration.validations.formats import swish_number

SECONDS = 15.0
SAME_FOR = timedelta(minutes=1)
Status = SyncRecord.Status


def request_payment(invoice: Invoice, phone: str, message: str, *, actor: str) -> SwishRequest:
    """Ask a phone to pay what is left of an invoice; the request that was made.

    The same phone and message for the same invoice within a minute, while nobody has answered, give the same request; while
    it is not known what came of one that was sent, none is sent beside it.

    Args:
        phone: as `validations.formats.swish_number` makes it.
        actor: who the ledger names as having asked.

    Raises:
        GuardRefused: the invoice cannot be paid now, with the reason.
        RemoteRejected, RemoteNotFound, CredentialsRefused: Billecta refuses. SendingStopped: the portal may not send.
        RemoteTimeout: it was not sent within 15 s in all, and is not sent any more.
        OutcomeUnknown: it was sent and is not answered; the portal goes on finding out, and the same asked again gets what it finds.
    """
    stopped = why_not_sending()
    if stopped:
        raise SendingStopped(reason=stopped)
    with transaction.atomic():
        Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
        made = _made_before(invoice, phone, message)
        if made is not None:
            return made
        record = _under_way(invoice, phone, message) or submit(REQUEST, _subject(invoice, phone, message), requested_by=actor)
    with within(SECONDS):
        record = run_at_once(record, seconds=seconds_left(SECONDS))
    return _answered(record)


def _subject(invoice: Invoice, phone: str, message: str) -> Subject:
    lane = links.action_lanes([invoice.billecta_id])[invoice.billecta_id]
    options = {"phone": phone, "message": message}
    return Subject(lane, "invoice", invoice.lime_id, invoice.billecta_id, invoice.creditor.billecta_id, options)


def _made_before(invoice: Invoice, phone: str, message: str) -> SwishRequest | None:
    same = SwishRequest.objects.filter(fingerprint=swish.fingerprint(invoice.billecta_id, phone, message))
    return same.filter(status=SwishRequest.Status.CREATED, created_at__gt=timezone.now() - SAME_FOR).first()


def _under_way(invoice: Invoice, phone: str, message: str) -> SyncRecord | None:
    unfinished = SyncRecord.objects.filter(kind=REQUEST, billecta_id=invoice.billecta_id, status__in=SyncRecord.UNFINISHED)
    return next((row for row in unfinished.order_by("pk") if _asks_for(row, phone, message)), None)


def _asks_for(row: SyncRecord, phone: str, message: str) -> bool:
    """Whether it is the same request, however the number was written."""
    return swish_number(row.options.get("phone", "")) == phone and str(row.options.get("message", "")).strip() == message


_TOLD: dict[str, type[KvittensError]] = {error.code: error for error in (GuardRefused, RemoteRejected, RemoteNotFound, CredentialsRefused)}


def _answered(record: SyncRecord) -> SwishRequest:
    """The request that the work made. Raises what it ended with, as what the caller should know of it."""
    made = SwishRequest.objects.filter(work=record).first()
    if made is not None:
        return made
    refused = _TOLD.get(record.error_code) if record.status == Status.FAILED else None
    if refused is not None:
        raise refused(**record.error_params)
    if record.open_writes:
        raise OutcomeUnknown(system="Billecta", operation=REQUEST, detail=record.message)
    if record.status in SyncRecord.DUE:
        _not_any_more(record)
    raise RemoteTimeout(system="Billecta", detail=record.message or "no answer in time")


def _not_any_more(record: SyncRecord) -> None:
    """Nobody waits for it: what has not been sent shall not reach a phone later."""
    try:
        cancel(record, actor="third party")
    except GuardRefused:  # a worker has just begun it; the same asked again gets what it made
        return
