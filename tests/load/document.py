"""docs/benchmarks.md, made from docs/benchmarks.json alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.load import targets

INTRODUCTION = """\
# Benchmarks

`make bench` measures, writes `benchmarks.json` beside this page, and makes this page from it. Nothing here is written by hand
but the explanations. The load generator, both sandboxes and, where they are used, PostgreSQL and Redis run on the same cores
as the portal, so every figure is lower than it would be with the load on another machine.
"""
RECEIVER = """\
Deliveries of {bytes} bytes, each with an id of its own, over {connections} connections that stay open. Every delivery is
authenticated, parsed, and committed before it is answered. Full load: each connection sends as soon as it is answered. Half
load: at half of that rate whatever the server does, and the time counts from when a request was due. The do-nothing view is
served by the same server through the same middleware.
"""
WORK = """\
{invoices} orders of two rows, each with a debtor of its own, go through the whole job against sandboxes that answer at once:
debtors and articles are made, drafts created, attested, written to Lime as invoices with rows, paid in full, and the payments
written to Lime. The workers are those of `manage.py run_workers`. Time runs from when the first piece of work was made until the
last was finished. Settling time (a second by default, in which news of one invoice is gathered) is set to nothing.
"""
EVENTS = """\
The payments are made while no worker runs, so that all events are stored before the clock starts: each payment raises
three (`InvoicePaymentReceived`, `InvoiceActionStateChanged`, `InvoiceActionPaid`), which become one look at Billecta, and up to three
writes to Lime (invoice, payment, order). With the limits on, both sandboxes enforce them too; Billecta's 600 calls a minute are what holds.
"""
BULK_TEXT = """\
The command that sends debtors to Billecta, against sandboxes that answer {latency_ms} ms late; every debtor is new. The least
time follows from the calls that the sandboxes counted: by the portal's own limit for a system, or, without the common looks at
Lime, by the latency and the threads of the workers, whichever is longer. With limits, these are the portal's own, {times} times
as high as in production ({rates}), and that no window of Billecta's and Lime's limits, as many times as high, was
overstepped is told from the journals. Billecta's own limit of 600 calls a minute is 1.25 times the portal's for it. When
{killed_at} of the debtors are done, `kill -9` ends every worker process, and they are started anew; what they held comes free
two minutes later, when its lease has run out. The progress was asked for each second, as a page of the task with its first
thousand results.
"""
WRONG_TEXT = """\
One debtor of the second run has an address that is none: `{code}`, "{message}" After it was mended in Lime, the retry of the failed
made {writes} write in Billecta and left {succeeded} of {total} succeeded.
"""
MEMORY = "The peak resident memory of one process, in MiB, under the loads above; and how long a sandbox takes to its first good answer.\n"


def render(result: dict[str, Any]) -> str:
    """The page as Markdown."""
    load = result["load"]
    parts = [
        INTRODUCTION,
        _table(("", ""), [(name.replace("_", " "), _text(value)) for name, value in _circumstances(result)]),
        "## Taking in\n\n" + RECEIVER.format(bytes=load["delivery_bytes"], connections=load["connections"]),
        _receiver_table(result["receiver"]),
        "## Working off\n\n" + WORK.format(invoices=load["invoices"]),
        _phases_table(result["work"]),
        "## Events drained\n\n" + EVENTS,
        _events_table(result["work"]),
        *_bulk(result.get("bulk", [])),
        "## Memory and start\n\n" + MEMORY,
        _memory_table(result),
        *(["## Not measured\n", "\n".join(f"- {reason}" for reason in result["not_measured"]) + "\n"] if result["not_measured"] else []),
    ]
    return "\n".join(parts)


def _circumstances(result: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    yield "commit", result["commit"] or "unknown"
    yield "measured", result["measured_at"]
    yield "took", f"{result['seconds']} s"
    for part in ("machine", "software", "settings"):
        yield from result[part].items()


def _receiver_table(rows: Sequence[dict[str, Any]]) -> str:
    heads = ("database", "synchronous", "do nothing /s", "receiver /s", "share", "p99 ms, full", "p99 ms, half", "failed")
    lines: list[Sequence[str]] = [
        (
            row["database"],
            row["synchronous"],
            _text(row["do_nothing"]["per_second"]),
            _text(row["receiver"]["per_second"]),
            _text(row["share_of_do_nothing"]),
            _text(row["receiver"]["p99_ms"]),
            _text(row["receiver_at_half"]["p99_ms"]),
            _text(row["receiver"]["failed"] + row["receiver_at_half"]["failed"]),
        )
        for row in rows
    ]
    aims = ("aim", "NORMAL", "", f"{targets.RECEIVED_PER_SECOND}", f"{targets.SHARE_OF_DO_NOTHING}", "", f"{targets.P99_MS_AT_HALF}", "0")
    return _table(heads, [*lines, aims])


PHASES = (("orders_to_drafts", "orders to drafts"), ("attested_to_lime", "attests to Lime's invoices"), ("payments", "payments to Lime"))


def _phases_table(rows: Sequence[dict[str, Any]]) -> str:
    heads = (
        "database",
        "phase",
        "objects",
        "seconds",
        "objects /s",
        "pieces of work /s",
        "remote calls",
        "remote calls /s",
        "not succeeded",
    )
    keys = ("objects", "seconds", "objects_per_second", "pieces_per_second", "remote_calls", "remote_calls_per_second", "not_succeeded")
    return _table(heads, [(row["database"], title, *(_text(row[name][key]) for key in keys)) for row in rows for name, title in PHASES])


def _events_table(rows: Sequence[dict[str, Any]]) -> str:
    heads = ("database", "limits", "events", "seconds", "events /s", "remote calls /s", "payments in Lime")
    keys = ("events", "seconds", "events_per_second", "remote_calls_per_second", "payments_in_lime")
    limits = (("payments", "lifted"), ("payments_with_limits", "on"))
    lines = [(row["database"], title, *(_text(row[name][key]) for key in keys)) for row in rows for name, title in limits]
    return _table(heads, [*lines, ("aim", "lifted", "", "", f"{targets.DRAINED_PER_SECOND}", "", "all")])


BULK = (("with_limits", "with limits, killed in between"), ("without_limits", "without limits"))


def _bulk(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    """The part about commands over many objects; nothing when it was not measured."""
    for row in rows:
        limited, free = row["with_limits"], row["without_limits"]
        rates = ", ".join(f"{system.capitalize()} {rate:g} calls a second" for system, rate in row["limits"].items())
        yield "## Many objects\n\n" + BULK_TEXT.format(
            latency_ms=row["latency_ms"], times=limited["times_the_limits"], rates=rates, killed_at=f"{limited['killed_at']:.0%}"
        )
        yield _bulk_table(row)
        [said] = free["said"]
        after = free["after_mending"]
        yield WRONG_TEXT.format(
            code=said["code"],
            message=said["message"],
            writes=free["writes_by_the_retry"],
            succeeded=after["succeeded"],
            total=free["debtors"],
        )


def _bulk_table(row: dict[str, Any]) -> str:
    lines = [
        ("debtors", "debtors", ""),
        ("succeeded at first", "succeeded", ""),
        ("seconds", "seconds", ""),
        ("least seconds", "least_seconds", ""),
        ("bound by", "bound_by", ""),
        ("times the least", "ratio", f"{targets.TIMES_THE_LEAST}"),
        ("threads of the workers", "threads", ""),
        ("calls refused by a limit", "refused_calls", "0"),
        ("within the systems' limits", "within_the_systems_limits", "yes"),
        ("debtors made", "created", ""),
        ("made twice", "created_twice", "0"),
        ("largest worker in the first quarter, MiB", "worker_first_mib", ""),
        ("largest worker in the last quarter, MiB", "worker_last_mib", ""),
        ("highest peak of a worker, MiB", "worker_peak_mib", f"{targets.WORKER_MIB}"),
        ("looks at the progress", "looks", ""),
        ("progress never fell", "done_never_fell", "yes"),
        ("answer p95, seconds", "answer_p95_seconds", "1"),
        ("longest answer, seconds", "answer_max_seconds", ""),
        ("command taken on, seconds", "asked_seconds", "2"),
    ]
    calls = [
        (f"calls to {system.capitalize()}", *(_text(row[run]["calls"][system]) for run, _title in BULK), "") for system in row["limits"]
    ]
    heads = (f"{row['database']}, commit {row['commit']}", *(title for _run, title in BULK), "aim")
    return _table(heads, [*((title, *(_text(row[run][key]) for run, _title in BULK), aim) for title, key, aim in lines), *calls])


def _memory_table(result: dict[str, Any]) -> str:
    web = [
        (f"web worker on {row['database']} ({row['synchronous']})", f"{_text(row['web_worker_peak_mib'])} MiB")
        for row in result["receiver"]
    ]
    work = [line for row in result["work"] for line in _work_memory(row)]
    starts = [(f"{name} sandbox", f"{seconds} s to start") for name, seconds in result["work"][0]["sandbox_start_seconds"].items()]
    return _table(("what", "figure"), [*web, *work, *starts])


def _work_memory(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"largest worker process on {row['database']}", f"{_text(row['worker_peak_mib'])} MiB"),
        (f"all processes of the workers on {row['database']}", f"{_text(row['workers_total_peak_mib'])} MiB"),
    ]


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def _text(value: object) -> str:
    """A figure as people read it: thousands parted, nothing after the point where it does not matter."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ")
    return "unknown" if value is None else str(value)
