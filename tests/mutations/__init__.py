"""Patches that each break one rule of the ledger; `python -m tests.mutants` shows that a test notices every one."""
