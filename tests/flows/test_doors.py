"""Four doors, one service: the command of the shell does what the API does."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_shell_shows_what_would_be_sent_and_changes_nothing(world, capsys):
    call_command("run_command", "upsert-orders-in-billecta", str(world.ids["order"]), "--dry-run")
    [shown] = json.loads(capsys.readouterr().out)
    assert (shown["lime_id"], shown["method"], shown["path"], shown["problems"]) == (world.ids["order"], "POST", "/v1/invoice/action", [])
    assert [record["ArticleNumber"] for record in shown["payload"]["Records"]] == ["HYRA", "P"]
    assert world.billecta.journal("call") == []
    assert world.lime.journal("effect") == []


def test_the_shell_sends_an_order(world, settle, capsys):
    call_command("run_command", "upsert-orders-in-billecta", str(world.ids["order"]))
    settle()
    assert len(world.effects("invoice.created")) == 1
    assert len(capsys.readouterr().out.strip()) == 36


@pytest.mark.parametrize("arguments", [["no-such-command", "1"], ["upsert-orders-in-billecta"]])
def test_a_wrong_request_is_refused_with_a_remedy(world, arguments):
    with pytest.raises(CommandError, match=r"\w+"):
        call_command("run_command", *arguments)
