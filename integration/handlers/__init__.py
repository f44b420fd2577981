"""What Billecta can tell: one module per kind of thing, and the table of event names."""


def register() -> None:
    """Put all handlers and event rules in the ledger's registry; called once at start-up."""
    from integration.handlers import debt_collection, invoices, table
    from integration.sync import lime_links, lime_writes

    invoices.register()
    debt_collection.register()
    lime_writes.register()
    lime_links.register()
    table.register()
