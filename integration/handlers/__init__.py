"""What Billecta can tell, one module per kind of thing and the table of event names; and what Lime can tell."""


def register() -> None:
    """Put all handlers and event rules in the ledger's registry; called once at start-up."""
    from integration.handlers import debt_collection, invoices, lime_events, payments, table
    from integration.sync import lime_links, lime_writes

    invoices.register()
    debt_collection.register()
    payments.register()
    lime_writes.register()
    lime_links.register()
    table.register()
    lime_events.register()
