"""Billecta's endpoints: one module per kind of object, one function per operation of endpoints.json."""
