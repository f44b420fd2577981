"""Breaks each rule of the ledger in a copy of the tree and shows that a test notices: `python -m tests.mutants [NAME …]`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATCHES = ROOT / "tests" / "mutations"
SIDE_BY_SIDE = 2
SECONDS_FOR_A_RUN = 300

# The rules of docs/architecture.md, by number. Each has at least one patch.
RULES = {
    1: "The row is the truth, django-q2 only wakes",
    2: "Claim by conditional update, under a lease",
    3: "One lane per entity",
    4: "An answer that is not definite is looked up before the write is repeated",
    5: "Before any create: link, stored id, external id",
    6: "Financial effects are unique on the fetched fact",
    7: "No HTTP inside a transaction, none inside a request",
    8: "Three families of error, one place for retries",
    9: "Work is drained in batches",
    10: "Token buckets in the database, and a counted cost in calls",
}


@dataclass(frozen=True)
class Mutant:
    """One patch that breaks one rule, and the tests that must notice."""

    path: Path
    rule: int
    breaks: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @classmethod
    def read(cls, path: Path) -> Mutant:
        """A mutant from its patch, whose first lines are `Rule: 1-10`, `Breaks: a sentence` and `Tests: pytest node ids`.

        Raises ValueError when one of them is missing.
        """
        header = dict(line.split(": ", 1) for line in path.read_text().split("\n--- ", 1)[0].splitlines() if ": " in line)
        missing = {"Rule", "Breaks", "Tests"} - header.keys()
        if missing:
            raise ValueError(f"{path.name} does not say {', '.join(sorted(missing))}")
        return cls(path, int(header["Rule"]), header["Breaks"].strip(), tuple(header["Tests"].split()))


@dataclass(frozen=True)
class Run:
    """What came of a run of pytest: the tests that failed, whether tests could not be run at all, and how it ended."""

    failed: tuple[str, ...]
    errors: int
    exit_code: int
    seconds: float
    output: str

    @property
    def caught(self) -> bool:
        """A test failed, and none only for want of a module or a fixture."""
        return self.exit_code == 1 and bool(self.failed) and self.errors == 0


def mutants(names: Sequence[str] = ()) -> list[Mutant]:
    """All mutants, or those whose file name begins with one of `names`, in the order of their numbers."""
    found = [Mutant.read(path) for path in sorted(PATCHES.glob("*.patch"))]
    return [mutant for mutant in found if not names or mutant.name.startswith(tuple(names))]


def apply(patch: Path, tree: Path, *, only_check: bool = False) -> str:
    """Apply a patch to a tree; returns why it does not apply, or nothing."""
    command = ["git", "apply", *(["--check"] if only_check else []), str(patch)]
    # Below another repository git would look for the paths there, and skip them without a word.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or f"git apply ended with {done.returncode}"


@contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    """A copy of all files that belong to the project, committed or not; gone when the context ends."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory(prefix="kvittens-mutant-") as folder:
        for name in filter(None, listed.stdout.split("\0")):
            source, target = ROOT / name, Path(folder, name)
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        Path(folder, "var", "static").mkdir(parents=True)
        yield Path(folder)


def run_tests(tree: Path, tests: Sequence[str], *, stop_at_first: bool) -> Run:
    """Run tests in a tree with this interpreter, on SQLite."""
    report = tree / "report.xml"
    environment = {name: value for name, value in os.environ.items() if name != "KVITTENS_TEST_SERVICES"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=120", f"--junitxml={report}"]
    started = time.monotonic()
    done = subprocess.run(
        [*command, *(["-x"] if stop_at_first else []), *tests],
        cwd=tree,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_A_RUN,
        check=False,
    )
    failed, errors = _outcomes(report)
    return Run(failed, errors, done.returncode, time.monotonic() - started, done.stdout + done.stderr)


def _outcomes(report: Path) -> tuple[tuple[str, ...], int]:
    """The tests that failed, as file::test, and how many could not be run, from pytest's JUnit report."""
    if not report.exists():
        return (), 1
    cases = ElementTree.parse(report).getroot().iter("testcase")
    failed, errors = [], 0
    for case in cases:
        errors += case.find("error") is not None
        if case.find("failure") is not None:
            failed.append(f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}")
    return tuple(failed), errors


def try_mutant(mutant: Mutant) -> bool:
    """Break the rule in a copy and run the named tests there; prints what came of it and returns whether it was caught."""
    with copy_of_the_tree() as tree:
        refusal = apply(mutant.path, tree)
        if refusal:
            print(f"ERROR    {mutant.name} does not apply: {refusal}", flush=True)
            return False
        run = run_tests(tree, mutant.tests, stop_at_first=True)
    if run.caught:
        print(f"caught   {mutant.name} by {run.failed[0]} ({run.seconds:.1f} s)", flush=True)
    elif run.exit_code == 0:
        print(f"SURVIVED {mutant.name}: {mutant.breaks} ({run.seconds:.1f} s)", flush=True)
    else:
        print(f"ERROR    {mutant.name}: the tests could not be run\n{run.output[-2000:]}", flush=True)
    return run.caught


def tests_pass_unbroken(chosen: Sequence[Mutant]) -> bool:
    """Whether every named test passes in a copy that nothing was done to; prints what does not."""
    named = sorted({test for mutant in chosen for test in mutant.tests})
    with copy_of_the_tree() as tree:
        run = run_tests(tree, named, stop_at_first=False)
    if run.exit_code != 0:
        print(f"the tests do not pass in an unbroken copy:\n{run.output[-4000:]}", flush=True)
    return run.exit_code == 0


def main(names: Sequence[str]) -> int:
    """Try the named mutants, or all; returns 0 when every one was caught."""
    chosen = mutants(names)
    if not chosen or not tests_pass_unbroken(chosen):
        return 1
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        caught = sum(pool.map(try_mutant, chosen))
    print(f"mutants: {caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
