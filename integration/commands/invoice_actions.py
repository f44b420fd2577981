"""What can be done with a sent invoice: one row for each step."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from integration.billecta import wire
from integration.billecta.action_events import ActionEventType
from integration.billecta.dunning import comment_view, reminder_view
from integration.billecta.enums import CommentTarget
from integration.commands import invoice_options as given
from integration.commands.invoice_steps import Action, Already, command_of
from integration.commands.table import Options, add
from integration.errors import GuardRefused
from integration.models import Invoice
from integration.sync.systems import billecta


def _may_be_sent_again(view: wire.InvoiceAction, options: Options) -> None:
    if given.delivery_method(options) is None and view.delivery_method == given.BY_HAND:
        raise GuardRefused(
            reason=_("Invoice %(number)s is delivered by hand, so Billecta would send nothing.") % {"number": view.invoice_number},
            remedy=_("Name a delivery method, for example Email."),
        )


def _may_be_moved_to(view: wire.InvoiceAction, options: Options) -> None:
    given.check_due_date(given.due_date(options), view.invoice_date)


def _has_text(_view: wire.InvoiceAction, options: Options) -> None:
    if not given.comment(options):
        raise GuardRefused(reason=_("The comment is empty."), remedy=_("Write what should stand on the invoice."))


def _target(options: Options) -> CommentTarget:
    return CommentTarget.TO_DEBTOR if options.get("public") else CommentTarget.PRIVATE


def _reminder(invoice: Invoice, options: Options) -> dict[str, Any]:
    return {
        "delivery_method": given.delivery_method(options),
        "fee": given.fee(options, invoice.currency),
        "terms_days": options.get("terms_days"),
    }


ACTIONS = (
    Action(
        id="resend-invoices-in-billecta",
        title=gettext_lazy("Send invoices again"),
        button=gettext_lazy("Send again"),
        confirmation=gettext_lazy(
            "Send the chosen invoices (%(count)s) to the customers again? Billecta may charge for each delivery, and what has been"
            " sent cannot be called back. No amount changes."
        ),
        operation="resend",
        flags=("CanResendManualInvoice", "CanSendManualInvoice"),
        refused=gettext_noop("Invoice %(number)s cannot be sent again."),
        shown_as=ActionEventType.INVOICE_SENT,
        check=_may_be_sent_again,
        send=lambda invoice, options: billecta().resend(invoice.billecta_id, given.delivery_method(options)),
        query=lambda options: {"deliverymethod": str(method)} if (method := given.delivery_method(options)) else {},
        options={"delivery_method": given.DELIVERY_METHOD},
    ),
    Action(
        id="remind-invoices-in-billecta",
        title=gettext_lazy("Send reminders"),
        button=gettext_lazy("Remind"),
        confirmation=gettext_lazy(
            "Send reminders of the chosen invoices (%(count)s)? The customers are asked to pay, with the fee where one is given."
            " Billecta may charge for each delivery, and a reminder cannot be called back."
        ),
        operation="remind",
        flags=("CanSendManualReminderInvoice",),
        refused=gettext_noop("No reminder of invoice %(number)s can be sent."),
        shown_as=ActionEventType.REMINDER_INVOICE_SENT,
        send=lambda invoice, options: billecta().remind(invoice.billecta_id, **_reminder(invoice, options)),
        payload=lambda invoice, options: reminder_view(invoice.billecta_id, **_reminder(invoice, options)),
        options={"delivery_method": given.DELIVERY_METHOD, "fee": given.FEE, "terms_days": given.TERMS_DAYS},
    ),
    Action(
        id="postpone-invoices-in-billecta",
        title=gettext_lazy("Postpone due dates"),
        button=gettext_lazy("Postpone"),
        confirmation=gettext_lazy(
            "Move the due date of the chosen invoices (%(count)s)? Reminders and interest count from the new date."
            " It costs nothing, and the date can be moved again."
        ),
        operation="postpone",
        flags=("CanPostpone",),
        refused=gettext_noop("Invoice %(number)s cannot be postponed."),
        already=Already(
            lambda view, options: view.due_date == given.due_date(options),
            "same_due_date",
            gettext_noop("Invoice %(number)s is due on that day already."),
        ),
        check=_may_be_moved_to,
        send=lambda invoice, options: billecta().postpone(invoice.billecta_id, given.due_date(options)),
        query=lambda options: {"duedate": given.due_date(options).isoformat()},
        options={"due_date": given.DUE_DATE},
        required=("due_date",),
    ),
    Action(
        id="pause-invoices-in-billecta",
        title=gettext_lazy("Pause invoices"),
        button=gettext_lazy("Pause"),
        confirmation=gettext_lazy(
            "Pause the chosen invoices (%(count)s)? Nothing more is sent by itself until they are resumed; payments are still taken."
            " It costs nothing and can be undone."
        ),
        operation="pause",
        flags=("CanPause",),
        refused=gettext_noop("Invoice %(number)s cannot be paused."),
        already=Already(
            lambda view, _options: view.state.is_paused, "already_paused", gettext_noop("Invoice %(number)s is paused already.")
        ),
        send=lambda invoice, _options: billecta().pause(invoice.billecta_id),
    ),
    Action(
        id="resume-invoices-in-billecta",
        title=gettext_lazy("Resume invoices"),
        button=gettext_lazy("Resume"),
        confirmation=gettext_lazy(
            "Resume the chosen invoices (%(count)s)? What should have happened meanwhile, such as a sending, may happen at once."
        ),
        operation="resume",
        flags=("CanResume",),
        refused=gettext_noop("Invoice %(number)s cannot be resumed."),
        already=Already(lambda view, _options: not view.state.is_paused, "not_paused", gettext_noop("Invoice %(number)s is not paused.")),
        send=lambda invoice, _options: billecta().resume(invoice.billecta_id),
    ),
    Action(
        id="dispute-invoices-in-billecta",
        title=gettext_lazy("Mark invoices as disputed"),
        button=gettext_lazy("Mark as disputed"),
        confirmation=gettext_lazy(
            "Mark the chosen invoices (%(count)s) as disputed? Reminders and debt collection stop until the dispute is ended."
            " It costs nothing and can be undone."
        ),
        operation="dispute",
        flags=("CanDispute",),
        refused=gettext_noop("Invoice %(number)s cannot be marked as disputed."),
        already=Already(
            lambda view, _options: view.state.disputed is not None,
            "already_disputed",
            gettext_noop("Invoice %(number)s is disputed already."),
        ),
        send=lambda invoice, _options: billecta().dispute(invoice.billecta_id),
        options={"comment": given.COMMENT},
        comments=True,
    ),
    Action(
        id="undispute-invoices-in-billecta",
        title=gettext_lazy("End disputes"),
        button=gettext_lazy("End the dispute"),
        confirmation=gettext_lazy(
            "End the dispute about the chosen invoices (%(count)s)? Reminders and debt collection may follow again by themselves."
        ),
        operation="undispute",
        flags=("CanUnDispute",),
        refused=gettext_noop("The dispute about invoice %(number)s cannot be ended."),
        already=Already(
            lambda view, _options: view.state.disputed is None, "not_disputed", gettext_noop("Invoice %(number)s is not disputed.")
        ),
        send=lambda invoice, _options: billecta().undispute(invoice.billecta_id),
    ),
    Action(
        id="comment-invoices-in-billecta",
        title=gettext_lazy("Comment on invoices"),
        button=gettext_lazy("Add a comment"),
        confirmation=gettext_lazy(
            "Put the comment on the chosen invoices (%(count)s)? A public one is shown to the customer. A comment cannot be taken back."
        ),
        operation="comment",
        refused="",
        shown_as=ActionEventType.COMMENTED_BY_CREDITOR,
        check=_has_text,
        send=lambda invoice, options: billecta().comment(invoice.billecta_id, given.comment(options), _target(options)),
        payload=lambda invoice, options: comment_view(invoice.billecta_id, given.comment(options), _target(options)),
        options={"comment": given.COMMENT, "public": given.PUBLIC},
        required=("comment",),
    ),
)


def register() -> None:
    """Put the commands of this module in the table."""
    for action in ACTIONS:
        add(command_of(action))
