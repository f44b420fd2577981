"""Looking at real processes from outside (Linux): who is alive, what runs in a group, and waiting for something to become true."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not yet collected by its parent counts as ended."""
    return status_of(pid)[:1] not in ([], ["Z"])


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(status_of(pid)[1])


def status_of(pid: int) -> list[str]:
    """State, parent and what follows in /proc/PID/stat; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def group_members(group: int) -> list[int]:
    """The running processes of a process group."""
    members = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and os.getpgid(int(folder.name)) == group and alive(int(folder.name)):
                members.append(int(folder.name))
        except ProcessLookupError:
            continue
    return members


def eventually(holds: Callable[[], object], seconds: float = 60) -> bool:
    """Whether `holds` becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False
