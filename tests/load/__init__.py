"""The benchmark: how much the portal takes in and works off. `python -m tests.load` measures, `docs/benchmarks.md` shows."""

DO_NOTHING = "do-nothing"
"""The path of the view that the receiver is compared with."""
