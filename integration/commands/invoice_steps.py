"""One step on a sent invoice as data, and the one way in which all of them run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from integration.billecta import wire
from integration.billecta.action_events import ActionEventType
from integration.commands import invoice_options as given
from integration.commands.invoice_history import comment_once, has_happened, known_events, nothing_seen
from integration.commands.on_invoices import Call, invoice_of, looked_at, preview, stop_unless, subjects, write_after_look
from integration.commands.table import Command, Options, Preview
from integration.errors import Text
from integration.ledger import Done, Outcome, Skipped, Work, change_once
from integration.ledger.registry import Execute
from integration.models import Invoice
from integration.sync.invoices import fetch_and_store

Check = Callable[[wire.InvoiceAction, Options], None]


@dataclass(frozen=True)
class Already:
    """When a step has nothing to do: the condition, a stable code, and a sentence with `%(number)s` for the invoice."""

    holds: Callable[[wire.InvoiceAction, Options], bool]
    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Action:
    """One step.

    `operation` is the call's name in the endpoint table; `query` and `payload` are what it carries. One of `flags` must be set
    (none named: always allowed), or `refused` says what cannot be done. A step whose effect the invoice's state shows has
    `already` and may be repeated after a look; one that only the history shows has `shown_as` and is sent once.
    `comments`: a comment that is given is put on the invoice afterwards, as a write of its own.
    """

    id: str
    title: Text
    button: Text
    confirmation: Text
    operation: str
    refused: str
    send: Callable[[Invoice, Options], None]
    flags: tuple[str, ...] = ()
    already: Already | None = None
    shown_as: ActionEventType | None = None
    check: Check = lambda _view, _options: None
    query: Callable[[Options], dict[str, str]] = lambda _options: {}
    payload: Callable[[Invoice, Options], dict[str, Any] | None] = lambda _invoice, _options: None
    options: dict[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    comments: bool = False

    def stopped(self, _invoice: Invoice, view: wire.InvoiceAction, options: Options) -> Skipped | None:
        """Why there is nothing to do, None when the step may be taken. Raises GuardRefused when it may not."""
        if self.already and self.already.holds(view, options):
            number = view.invoice_number or view.action_id
            return Skipped(self.already.code, _(self.already.text) % {"number": number}, _("Nothing to do: nothing was sent."))
        if self.flags:
            stop_unless(view, self.flags, _(self.refused))
        self.check(view, options)
        return None

    def call(self, invoice: Invoice, _view: wire.InvoiceAction, options: Options) -> Call:
        """What a dry run shows."""
        return self.operation, {"action": invoice.billecta_id}, self.payload(invoice, options)


def _perform(action: Action) -> Execute:
    """What runs for one invoice: look, stop or send, then have mirror, Lime and the order's status follow."""

    def execute(work: Work) -> Outcome:
        invoice, options = invoice_of(work), work.record.options
        skipped = None
        if action.shown_as:
            _sent_once(action, action.shown_as, work, invoice, options)
        else:
            skipped = _repeatable(action, work, invoice, options)
        if skipped is not None:
            return skipped
        fetch_and_store(invoice.billecta_id, invoice.creditor, source="command")
        if action.comments and given.comment(options):
            comment_once(work, invoice, given.comment(options))
        return Done(invoice.billecta_id)

    return execute


def _sent_once(action: Action, kind: ActionEventType, work: Work, invoice: Invoice, options: Options) -> None:
    def prepare() -> dict[str, Any]:
        view, _skipped = looked_at(invoice, lambda view: action.stopped(invoice, view, options))
        return known_events(view, kind)

    change_once(
        work,
        action.operation,
        system="Billecta",
        happened=lambda noted: has_happened(invoice.billecta_id, kind, noted, given.comment(options)),
        seen=nothing_seen,
        prepare=prepare,
        write=lambda: action.send(invoice, options),
    )


def _repeatable(action: Action, work: Work, invoice: Invoice, options: Options) -> Skipped | None:
    def look() -> Skipped | None:
        return looked_at(invoice, lambda view: action.stopped(invoice, view, options))[1]

    return write_after_look(work, action.operation, look=look, send=lambda: action.send(invoice, options))


def _preview(action: Action) -> Callable[[int, Options], list[Preview]]:
    def show(lime_id: int, options: Options) -> list[Preview]:
        query = urlencode(action.query(options))
        shown = preview(lime_id, options, call=action.call, check=action.stopped)
        return [replace(one, path=f"{one.path}?{query}" if query else one.path) for one in shown]

    return show


def command_of(action: Action) -> Command:
    """The row of the command table that a step makes."""
    schema: dict[str, Any] = {"type": "object", "properties": action.options}
    return Command(
        id=action.id,
        limetype="invoice",
        title=action.title,
        confirmation=action.confirmation,
        execute=_perform(action),
        calls={"billecta": 3},
        subjects=subjects,
        preview=_preview(action),
        options_schema={**schema, "required": list(action.required)} if action.required else schema,
        button=action.button,
        offered_in=frozenset(action.flags),
        goes_on=True,
    )
