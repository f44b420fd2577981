"""A stateful Billecta and a stateful Lime over HTTP, for the demo and the tests; they know nothing of the portal's clients."""
