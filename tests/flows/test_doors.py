"""Four doors, one service: the shell and the admin do what the API does."""

from __future__ import annotations

import html
import json
import re
import time

import pytest
from django.core.management import CommandError, call_command

from integration.commands import dry_run
from integration.commands.batches import Asker
from integration.commands.selection import CommandRequest
from integration.errors import RemoteTimeout

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


@pytest.fixture
def anna(client, settings, transactional_db):
    """An administrator in the admin, in English."""
    from django.contrib.auth.models import Group, User

    from integration.admin.groups import ADMINISTRATORS, ensure_groups

    ensure_groups()
    user = User.objects.create_user("anna", is_staff=True)
    user.groups.set(Group.objects.filter(name=ADMINISTRATORS))
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_the_admin_shows_what_would_be_sent_and_changes_nothing(world, anna):
    asked = {"step": "dry-run", "command": "upsert-orders-in-billecta", "ids": str(world.ids["order"])}
    page = anna.post("/admin/commands/order/", asked).content.decode()
    assert "POST /v1/invoice/action" in page
    assert "Can be sent" in page
    assert "&quot;ArticleNumber&quot;: &quot;HYRA&quot;" in page
    assert world.billecta.journal("call") == []
    assert world.lime.journal("effect") == []


def test_the_admin_shows_the_call_that_attests_and_what_is_not_there_to_be_attested(world, anna, ask, settle):
    ask("upsert-orders-in-billecta", world.ids["order"])
    settle()
    asked = {"step": "dry-run", "command": "attest-orders-in-billecta", "ids": f"{world.ids['order']} 99999"}
    page = html.unescape(anna.post("/admin/commands/order/", asked).content.decode())
    good, unknown = re.findall(r'<article class="kv-card" data-lime-id.*?</article>', page, re.DOTALL)
    assert f"/v1/invoice/attest/{world.invoices()[0]['ActionPublicId']}" in good
    assert "problem" not in good
    assert "Order 99999 is not in Billecta yet." in unknown
    assert world.effects("invoice.attested") == []


def test_the_admin_sends_and_attests_an_order(world, anna, settle):
    for command in ("upsert-orders-in-billecta", "attest-orders-in-billecta"):
        answer = anna.post("/admin/commands/order/", {"step": "start", "command": command, "ids": str(world.ids["order"])})
        settle()
        assert "1 of 1 done: 1 succeeded, 0 failed" in anna.get(answer["Location"]).content.decode()
    assert (len(world.effects("invoice.created")), len(world.effects("invoice.attested"))) == (1, 1)
    assert world.order_status() in {"attested", "sent"}


def test_a_dry_run_of_an_attested_order_says_that_it_is_locked(world, settle, ask, capsys):
    order = world.ids["order"]
    for command in ("upsert-orders-in-billecta", "attest-orders-in-billecta"):
        ask(command, order)
        settle()
    call_command("run_command", "upsert-orders-in-billecta", str(order), "--dry-run")
    [shown] = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in shown["problems"]] == ["guard_refused"]


def test_an_order_that_is_nowhere_fails_once_and_leaves_no_order_behind(world, ask, settle):
    from integration.models import Order, SyncRecord

    ask("upsert-orders-in-billecta", 99_999)
    settle()
    assert list(SyncRecord.objects.exclude(status="succeeded").values_list("kind", "error_code")) == [
        ("upsert-orders-in-billecta", "remote_not_found")
    ]
    assert not Order.objects.exists()


def test_a_dry_run_gives_up_a_call_that_takes_longer_than_is_left(world, monkeypatch):
    monkeypatch.setattr(dry_run, "SECONDS", 1.0)
    world.lime.control("POST", "faults", {"kind": "latency", "seconds": 60, "times": 10})
    started = time.monotonic()
    with pytest.raises(RemoteTimeout):
        dry_run.dry_run("upsert-orders-in-billecta", CommandRequest((world.ids["order"],)), asker=Asker("me"))
    assert time.monotonic() - started < 30
