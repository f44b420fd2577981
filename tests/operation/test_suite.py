"""The last line of `make test` tells the truth."""

from collections import Counter

import pytest

from tests import machine
from tests.suite import SERVICES, SQLITE, TestRun, read_report, summary

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><skipped message="Chromium is not installed"/></testcase>
<testcase name="d"><skipped message="Chromium is not installed"/></testcase>
{more}</testsuite></testsuites>"""
LACK = "Redis does not answer"


@pytest.fixture(autouse=True)
def _nothing_required(monkeypatch):
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)


def report(tmp_path, more: str = ""):
    file = tmp_path / "report.xml"
    file.write_text(REPORT.format(more=more))
    return file


def test_a_report_is_counted_with_the_reasons_of_its_skips(tmp_path):
    run = read_report(SQLITE, report(tmp_path), 0)
    assert (run.passed, run.failed, run.ok) == (2, 0, True)
    assert summary([], [run], "") == "passed on SQLite (2 tests, 2 skipped: Chromium is not installed)"


@pytest.mark.parametrize("tag", ["failure", "error"])
def test_failures_and_errors_count(tmp_path, tag):
    run = read_report(SQLITE, report(tmp_path, f'<testcase name="e"><{tag} message="no"/></testcase>'), 1)
    assert not run.ok
    assert summary([], [run], "") == "FAILED: 1 of 3 tests on SQLite"


def test_a_crash_before_any_report_is_a_failure(tmp_path):
    assert not read_report(SQLITE, tmp_path / "missing.xml", 3).ok


def test_no_test_at_all_is_a_failure(tmp_path):
    file = tmp_path / "report.xml"
    file.write_text("<testsuites/>")
    assert not read_report(SQLITE, file, 5).ok


def test_an_exit_code_is_believed_even_when_all_tests_passed(tmp_path):
    assert not read_report(SQLITE, report(tmp_path), 1).ok


def test_both_are_named():
    runs = [TestRun(SQLITE, 812, 0), TestRun(SERVICES, 812, 0)]
    assert summary([], runs, "") == "passed on SQLite (812 tests) and on PostgreSQL + Redis (812 tests)"


def test_services_that_are_left_out_are_named_with_the_reason():
    assert summary([], [TestRun(SQLITE, 3, 0)], LACK) == f"passed on SQLite (3 tests); skipped on PostgreSQL + Redis: {LACK}"


def test_required_services_fail_the_run(monkeypatch):
    monkeypatch.setenv("REQUIRE_SERVICES", "1")
    assert summary([], [TestRun(SQLITE, 3, 0)], LACK).startswith("FAILED: PostgreSQL + Redis are required")


def test_a_failed_check_fails_the_run():
    assert summary(["types"], [TestRun(SQLITE, 3, 0, Counter())], "") == "FAILED: check types"


def test_what_a_test_needs_is_skipped_or_failed(monkeypatch):
    monkeypatch.setitem(machine.LACKS, "chromium", lambda: "Chromium is not installed")
    with pytest.raises(pytest.skip.Exception, match="Chromium is not installed"):
        machine.require("chromium")
    monkeypatch.setenv("REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="Chromium is not installed"):
        machine.require("chromium")


def test_what_the_machine_has_is_not_skipped(monkeypatch):
    monkeypatch.setitem(machine.LACKS, "pango", lambda: "")
    monkeypatch.setenv("REQUIRE_SERVICES", "1")
    machine.require("pango")
    assert machine.everything_is_required()
