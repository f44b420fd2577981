"""Ties a process to the life of its parent, so that even `kill -9` of the parent leaves nothing running. Linux only, elsewhere a no-op."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(with_signal: signal.Signals) -> None:
    """Have the kernel send this process `with_signal` when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)


def tie_forked_children() -> None:
    """Tie every process forked from here on, and those that it forks, to its own parent.

    django-q2's processes do not notice that their guard was killed: an orphaned one would go on taking wake-ups from the
    queue for workers that no longer exist.
    """
    os.register_at_fork(after_in_child=lambda: die_with_parent(signal.SIGKILL))
