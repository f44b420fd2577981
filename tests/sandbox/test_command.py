"""`manage.py sandbox`: passes everything after the kind on to the sandbox."""

import pytest
from django.core.management.base import CommandError

from integration.management.commands import sandbox as command


def _run(*arguments: str) -> None:
    parsed = command.Command().create_parser("manage.py", "sandbox").parse_args(arguments)
    command.Command().handle(**vars(parsed))


def test_options_reach_the_sandbox_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def start(arguments: list[str]) -> int:
        started.append(arguments)
        return 0

    monkeypatch.setattr(command, "main", start)
    _run("billecta", "--port", "8101", "--webhook-header", "x-api-key=k")
    assert started == [["billecta", "--port", "8101", "--webhook-header", "x-api-key=k"]]


def test_a_sandbox_that_ends_in_an_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "main", lambda _arguments: 3)
    with pytest.raises(CommandError, match="exit code 3"):
        _run("lime")
