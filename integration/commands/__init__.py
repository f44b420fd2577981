"""What Lime can ask for: one module per kind of thing, and the table of command ids."""


def register() -> None:
    """Put all commands in the table and in the ledger's registry; called once at start-up."""
    from integration.commands import articles, creditors, debt_collection, debtors, invoice_actions, invoice_refresh, orders

    for module in (creditors, debtors, articles, orders, invoice_refresh, invoice_actions, debt_collection):
        module.register()
