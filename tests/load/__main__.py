"""`python -m tests.load [PART]`: printed as it comes, then written to docs/benchmarks.json and docs/benchmarks.md.

Without a part everything is measured. A part measured alone takes its place beside what was measured of the others before.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.load import bulk, document, facts, receiving, targets, working
from tests.load.databases import ROOT, Database, lack_of_servers, postgres, sqlite_file
from tests.load.portal import Portal

DOCS = ROOT / "docs"


def main() -> int:
    """Measure, print, write. A figure below its aim is shown as it is and fails nothing."""
    parts = sys.argv[1:] or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        sys.stderr.write(f"there is no part {', '.join(sorted(unknown))}: choose of {', '.join(PARTS)}\n")
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if parts != list(PARTS):
            known = json.loads((DOCS / "benchmarks.json").read_text())
            _write(known | {part: list(PARTS[part](Path(folder))) for part in parts})
            return 0
        result = _circumstances(Path(folder)) | {part: list(measured(Path(folder))) for part, measured in PARTS.items()}
    lack = lack_of_servers()
    result["not_measured"] = [f"PostgreSQL with Redis: {lack}"] if lack else []
    result["seconds"] = round(time.monotonic() - started)
    _write(result)
    return 0


def _circumstances(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = {"commit": facts.commit(), "measured_at": datetime.now(UTC).isoformat(timespec="seconds")}
    result |= {"machine": facts.machine(), "software": facts.software(), "load": _load()}
    return result | {"settings": _settings(folder)}


def _load() -> dict[str, Any]:
    return {
        "delivery_bytes": len(receiving.delivery().encode()),
        "connections": receiving.CONNECTIONS,
        "seconds": receiving.SECONDS,
        "invoices": working.INVOICES + working.INVOICES_WITH_LIMITS,
        "invoices_paid_with_limits_on": working.INVOICES_WITH_LIMITS,
    }


def _settings(folder: Path) -> dict[str, Any]:
    with sqlite_file() as database:
        return Portal(database, folder).settings()


def _receiver_rows(folder: Path) -> Iterator[dict[str, Any]]:
    kinds: list[tuple[Callable[[], AbstractContextManager[Database]], str]] = [
        (sqlite_file, "NORMAL"),
        (lambda: sqlite_file("FULL"), "FULL"),
        *([] if lack_of_servers() else [(postgres, "on")]),
    ]
    for make, synchronous in kinds:
        with make() as database:
            row = receiving.measure(database, folder, synchronous=synchronous)
        _say(
            f"receiver, {row['database']} ({synchronous}): {row['receiver']['per_second']} /s of {row['do_nothing']['per_second']} /s"
            f" that do nothing; p99 {row['receiver_at_half']['p99_ms']} ms at half load"
            f" (aims: {targets.RECEIVED_PER_SECOND} /s, {targets.SHARE_OF_DO_NOTHING} of it, {targets.P99_MS_AT_HALF} ms)"
        )
        yield row


def _work_rows(folder: Path) -> Iterator[dict[str, Any]]:
    for make in (sqlite_file, *([] if lack_of_servers() else [postgres])):
        with make() as database:
            row = working.measure(database, folder)
        for name, title in document.PHASES:
            phase = row[name]
            _say(f"{title}, {row['database']}: {phase['objects_per_second']} /s, {phase['remote_calls_per_second']} remote calls /s")
        _say(
            f"events drained, {row['database']}: {row['payments']['events_per_second']} /s with limits lifted"
            f" (aim: {targets.DRAINED_PER_SECOND} /s), {row['payments_with_limits']['events_per_second']} /s with them on"
        )
        yield row


def _bulk_rows(folder: Path) -> Iterator[dict[str, Any]]:
    with sqlite_file() as database:
        row = bulk.measure(database, folder)
    for name, title in document.BULK:
        run = row[name]
        _say(
            f"{run['debtors']} debtors, {title}, {row['database']}: {run['seconds']} s, at least {run['least_seconds']} s by"
            f" {run['bound_by']}: {run['ratio']} times (aim: {targets.TIMES_THE_LEAST}); largest worker {run['worker_peak_mib']} MiB"
            f" (aim: {targets.WORKER_MIB}); made twice: {run['created_twice']}"
        )
    _say(f"one wrong: {row['without_limits']['first']}, then {row['without_limits']['after_mending']}")
    yield row


PARTS: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {"receiver": _receiver_rows, "work": _work_rows, "bulk": _bulk_rows}


def _write(result: dict[str, Any]) -> None:
    DOCS.mkdir(exist_ok=True)
    (DOCS / "benchmarks.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    (DOCS / "benchmarks.md").write_text(document.render(json.loads((DOCS / "benchmarks.json").read_text())))
    _say("written: docs/benchmarks.json, docs/benchmarks.md")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
