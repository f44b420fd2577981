"""`python -m tests.suite`: every check, every test on SQLite, the same tests on PostgreSQL and Redis; one line says how it went."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.machine import everything_is_required, lack_of_postgresql, lack_of_redis

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("portal", "integration", "reports", "tests")
SQLITE, SERVICES = "SQLite", "PostgreSQL + Redis"
PROCESSES = "3"

MANAGE = (sys.executable, "manage.py")
CHECKS: dict[str, Sequence[str]] = {
    "ruff": (sys.executable, "-m", "ruff", "check", "--quiet", "."),
    "formatting": (sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."),
    "types": (sys.executable, "-m", "mypy", "--strict", *PACKAGES),
    "import rules": (str(Path(sys.executable).with_name("lint-imports")),),
    "system checks": (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
    "missing migrations": (*MANAGE, "makemigrations", "--check", "--dry-run"),
}


@dataclass(frozen=True)
class TestRun:
    """How the tests went on one pair of database and broker. `skipped` counts tests by reason."""

    __test__ = False

    where: str
    passed: int
    failed: int
    skipped: Counter[str] = field(default_factory=Counter)
    exit_code: int = 0

    @property
    def ok(self) -> bool:
        return self.exit_code == 0 and self.failed == 0 and self.passed > 0

    def __str__(self) -> str:
        skips = "".join(f", {count} skipped: {reason}" for reason, count in sorted(self.skipped.items()))
        return f"{self.where} ({self.passed} tests{skips})"


def failed_checks() -> list[str]:
    """Run every check, each whatever the others say; returns the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ENV_FILE": ".env.example", "SANDBOX": "false", "DATABASE_URL": f"sqlite:///{folder}/checks.sqlite3"}
        environment.pop("REDIS_URL", None)
        return [name for name, command in CHECKS.items() if not _holds(name, command, environment)]


def run_tests(where: str) -> TestRun:
    """Run the whole suite once, its output going where ours goes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        side_by_side = ("-n", PROCESSES, "--dist", "loadfile", "--no-loadscope-reorder")
        command = [sys.executable, "-m", "pytest", "-q", *side_by_side, f"--junit-xml={report}"]
        environment = {**os.environ, "KVITTENS_TEST_SERVICES": "1" if where == SERVICES else "0"}
        _say(f"tests on {where} ...")
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        return read_report(where, report, code)


def read_report(where: str, report: Path, exit_code: int) -> TestRun:
    """pytest's JUnit report as counts; a report that was never written counts as one failure."""
    if not report.exists():
        return TestRun(where, passed=0, failed=1, exit_code=exit_code)
    passed, failed, skipped = 0, 0, Counter[str]()
    for case in ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skip is not None:
            skipped[skip.get("message", "")] += 1
        else:
            passed += 1
    return TestRun(where, passed, failed, skipped, exit_code)


def summary(checks: Sequence[str], runs: Sequence[TestRun], lack: str) -> str:
    """One line for people: what passed where, or what did not; `lack` is why the services were left out."""
    broken = [f"check {name}" for name in checks] + [
        f"{run.failed} of {run.passed + run.failed} tests on {run.where}" for run in runs if not run.ok
    ]
    if lack and everything_is_required():
        broken.append(f"{SERVICES} are required: {lack}")
    if broken:
        return "FAILED: " + "; ".join(broken)
    left_out = f"; skipped on {SERVICES}: {lack}" if lack else ""
    return "passed on " + " and on ".join(map(str, runs)) + left_out


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for, print counts and the summary as the last lines; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tests.suite", description=__doc__)
    parser.add_argument("--only-checks", action="store_true", help="leave the tests out")
    only_checks = parser.parse_args(argv).only_checks
    checks = failed_checks()
    if only_checks:
        _say(f"FAILED: {', '.join(checks)}" if checks else f"passed: {', '.join(CHECKS)}")
        return 1 if checks else 0
    lack = lack_of_postgresql() or lack_of_redis()
    runs = [run_tests(where) for where in ([SQLITE] if lack else [SQLITE, SERVICES])]
    line = summary(checks, runs, lack)
    _say(f"total: {sum(run.passed for run in runs)} passed, {sum(run.failed for run in runs)} failed")
    _say(line)
    return 1 if line.startswith("FAILED") else 0


def _holds(name: str, command: Sequence[str], environment: dict[str, str]) -> bool:
    _say(f"check: {name} ...")
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
