"""What Lime can ask for: one module per kind of thing, and the table of command ids."""


def register() -> None:
    """Put all commands in the table and in the ledger's registry; called once at start-up."""
    from integration.commands import (
        article_deletion,
        articles,
        crediting,
        creditor_import,
        creditors,
        debt_collection,
        debtor_anonymisation,
        debtors,
        in_step,
        invoice_actions,
        invoice_refresh,
        lime_sweep,
        order_withdrawals,
        orders,
        payment_matching,
        payment_registration,
        resolving,
        swish_requests,
    )

    for module in (
        creditors,
        creditor_import,
        debtors,
        debtor_anonymisation,
        articles,
        article_deletion,
        orders,
        order_withdrawals,
        invoice_refresh,
        invoice_actions,
        debt_collection,
        crediting,
        payment_registration,
        payment_matching,
        swish_requests,
        resolving,
        in_step,
        lime_sweep,
    ):
        module.register()
