"""What the figures are held against. They are printed beside what was measured; none of them fails the benchmark."""

from __future__ import annotations

SHARE_OF_DO_NOTHING = 0.25
"""Of the do-nothing view's requests a second, what the receiver should reach."""
RECEIVED_PER_SECOND = 1000
"""Requests a second on SQLite."""
P99_MS_AT_HALF = 100
DRAINED_PER_SECOND = 300
"""Events a second, limits lifted."""
TIMES_THE_LEAST = 1.15
"""How many times as long as limits and threads demand a command over ten thousand debtors may take."""
WORKER_MIB = 200
