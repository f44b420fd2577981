"""Billecta's control page: invoices with what can happen to them, money without an invoice, calls and faults."""

from html import escape

from integration.sandbox.billecta import dates
from integration.sandbox.billecta.books import Invoice
from integration.sandbox.billecta.events import money
from integration.sandbox.billecta.flags import can_flags, is_overdue
from integration.sandbox.billecta.sandbox import BillectaSandbox
from integration.sandbox.page import badge, calls_section, document, faults_section, form, section, table

SHOWN_INVOICES, SHOWN_CALLS = 100, 25
LEAD = "A pretended Billecta. What banks, debtors and Billecta's staff would do, you do here; the portal hears of it as it would for real."


def draw(sandbox: BillectaSandbox) -> str:
    """The page as HTML."""
    return document(
        "Kvittens sandbox · Billecta",
        LEAD,
        [
            _invoices(sandbox),
            _unhandled(sandbox),
            calls_section(sandbox.journal.entries(kind="call", latest=SHOWN_CALLS)),
            faults_section(sandbox.faults.render()),
        ],
    )


def _invoices(sandbox: BillectaSandbox) -> str:
    invoices = list(sandbox.books.invoices.values())
    latest = invoices[: -SHOWN_INVOICES - 1 : -1]
    rows = [_row(sandbox, invoice) for invoice in latest]
    note = f"the latest {len(latest)} of {len(invoices)}" if len(invoices) > len(latest) else str(len(invoices))
    headings = ["Invoice", "Debtor", "Stage", "Due", "Invoiced>", "Left>", ">"]
    return section("Invoices", table(headings, rows, "No invoices yet. Send an order from the portal."), note)


def _row(sandbox: BillectaSandbox, invoice: Invoice) -> list[str]:
    debtor = invoice.debtor or sandbox.books.debtors.get(invoice.debtor_id) or {}
    creditor = sandbox.books.creditors.get(invoice.creditor_id, {})
    due = escape(str(dates.day(invoice.entry["DueDate"])))
    return [
        f"<b>{escape(invoice.number or 'draft')}</b><br><code>{escape(invoice.action_id)}</code>",
        f"{escape(str(debtor.get('Name') or ''))}<br><small>{escape(str(creditor.get('Name') or ''))}</small>",
        _stage(invoice),
        badge(due, "bad") if invoice.is_open and invoice.left > 0 and is_overdue(invoice) else due,
        escape(money(invoice.totals.invoiced, invoice.currency)),
        f"<b>{escape(money(invoice.left, invoice.currency))}</b>",
        f'<div class="buttons">{_buttons(invoice)}</div>',
    ]


def _stage(invoice: Invoice) -> str:
    tone = {"Completed": "good", "Created": "", "Cancelled": "bad", "SentToDebtCollection": "bad"}.get(invoice.stage, "warn")
    marks = [badge("paused")] if invoice.is_paused else []
    marks += [badge("disputed", "bad")] if invoice.disputed else []
    return " ".join([badge(invoice.stage, tone), *marks])


def _buttons(invoice: Invoice) -> str:
    base, flags = f"/_sandbox/invoices/{invoice.action_id}/", can_flags(invoice)
    field = '<input type="text" name="amount_kronor" placeholder="kronor" aria-label="Amount in kronor" required>'
    buttons = [form(base + "send", "Send")] if flags["CanSendManualInvoice"] else []
    if flags["CanRegisterPayment"]:
        buttons += [
            form(base + "pay", "Pay in full", style="main"),
            form(base + "pay", "Part-pay", field=field),
            form(base + "credit", "Credit"),
            form(base + "write-off", "Write off", style="quiet"),
        ]
    return "".join(buttons)


def _unhandled(sandbox: BillectaSandbox) -> str:
    rows = [
        [
            badge(one.type, "warn"),
            escape(one.sender_name or ""),
            escape(one.reference or ""),
            escape(str(dates.day(one.payment_date))),
            badge(one.state, "" if one.state == "Unhandled" else "good"),
            f"<b>{escape(money(one.amount, one.currency))}</b>",
        ]
        for one in reversed(sandbox.books.unhandled.values())
    ]
    forms = "".join(
        form(
            "/_sandbox/unmatched-payment",
            f"Unmatched payment to {creditor['Name']}",
            {"creditor": creditor_id, "sender_name": "Okänd betalare", "reference": "saknas"},
            '<input type="text" name="amount_kronor" placeholder="kronor" aria-label="Amount in kronor" required>',
        )
        for creditor_id, creditor in list(sandbox.books.creditors.items())[:5]
    )
    headings = ["Type", "Sender", "Reference", "Paid", "State", "Amount>"]
    return section("Unhandled payments", f'<div class="buttons">{forms}</div>' + table(headings, rows, "All money has met its invoice."))
