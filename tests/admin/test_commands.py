"""The admin's door to the commands: who may, what is asked, what is started, and what a dry run shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integration.commands.table import Command, Preview, add, table
from integration.errors import Problem, RemoteUnavailable
from integration.ledger import registry
from integration.models import Batch, EventLog, Order, PortalConfiguration, SyncRecord
from tests.admin.conftest import creditor, order, person

PAGE = "/admin/commands/order/"
ORDERS = "/admin/integration/order/"
UPSERT, ATTEST = "upsert-orders-in-billecta", "attest-orders-in-billecta"


def give(client, step: str, command: str = UPSERT, ids: str = "1001", **options):
    data = {"step": step, "command": command, "ids": ids} | {f"{command}.{name}": value for name, value in options.items()}
    return client.post(PAGE, data)


def text(answer) -> str:
    return str(answer.content.decode())


@pytest.fixture
def commands() -> Iterator[dict[str, Command]]:
    """Whatever a test puts in the table is gone after it."""
    rows, kinds = dict(table), dict(registry.kinds)
    yield table
    table.clear()
    table.update(rows)
    registry.kinds = kinds


class TestStarting:
    """What is stored when a person starts a command, and where the person is led."""

    def test_orders_that_the_portal_has_never_seen_become_a_task(self, administrator, db):
        answer = give(administrator, "start", ids="1001, 1002\n1003 1001")
        batch = Batch.objects.get()
        assert answer["Location"] == f"/admin/integration/batch/{batch.pk}/change/"
        assert (batch.command, batch.total, batch.requested_by) == (UPSERT, 3, {"actor": "anna"})
        assert list(batch.records.order_by("lime_id").values_list("lime_id", "requested_by")) == [
            (1001, "anna"),
            (1002, "anna"),
            (1003, "anna"),
        ]
        logged = EventLog.objects.get(action="command.started")
        assert (logged.actor, str(logged.user)) == ("anna", "anna")

    def test_the_options_of_the_chosen_command_go_along(self, administrator, db):
        give(administrator, "start", ATTEST, send_date="2026-12-24")
        assert Batch.objects.get().body["options"] == {"send_date": "2026-12-24"}

    def test_options_of_another_command_do_not(self, administrator, db):
        administrator.post(PAGE, {"step": "start", "command": UPSERT, "ids": "1", f"{ATTEST}.send_date": "2026-12-24"})
        assert Batch.objects.get().body["options"] == {}

    def test_the_same_once_more_leads_to_the_task_that_is_not_finished(self, administrator, db):
        first, second = give(administrator, "start"), give(administrator, "start")
        assert first["Location"] == second["Location"]
        assert SyncRecord.objects.filter(kind=UPSERT).count() == 1
        assert "is not finished: this is its task" in text(administrator.get(second["Location"]))

    def test_nothing_is_stored_before_it_is_confirmed(self, administrator, db):
        page = text(give(administrator, "confirm", ids="1001 1002"))
        assert "Create or update the chosen orders (2) in Billecta?" in page
        assert not Batch.objects.exists()

    def test_what_cannot_be_undone_looks_so(self, administrator, db):
        attest, upsert = text(give(administrator, "confirm", ATTEST, send_date="2026-12-24")), text(give(administrator, "confirm"))
        assert "This cannot be undone." in attest
        assert "2026-12-24" in attest
        assert ("kv-button-danger" in attest, "kv-button-danger" in upsert) == (True, False)

    def test_the_confirmation_starts_what_it_shows(self, administrator, db):
        page = text(give(administrator, "confirm", ATTEST, ids="7 8", send_date="2026-12-24"))
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        administrator.post(PAGE, {**hidden, "step": "start"})
        batch = Batch.objects.get()
        assert (batch.command, batch.body["ids"], batch.body["options"]) == (ATTEST, [7, 8], {"send_date": "2026-12-24"})

    def test_a_page_that_shows_what_was_filled_in_can_be_changed(self, administrator, db):
        page = text(give(administrator, "edit", ATTEST, ids="7 8", send_date="2026-12-24"))
        assert "7 8</textarea>" in page
        assert 'value="2026-12-24"' in page

    def test_a_portal_that_does_not_send_says_so_first(self, administrator, db):
        PortalConfiguration.objects.update(sending_enabled=False)
        assert "Sending is switched off." in text(administrator.get(PAGE))
        assert "Sending is switched off." in text(give(administrator, "confirm"))


class TestMistakes:
    """What is wrong is named with its value and a remedy, and nothing is stored."""

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"ids": ""}, "Give at least one Lime id, for example 1001."),
            ({"ids": " ,\n"}, "Give at least one Lime id, for example 1001."),
            ({"ids": "1001 12x"}, "&#x27;12x&#x27; is no Lime id: use positive whole numbers."),
            ({"ids": "0"}, "0 is no Lime id"),
            ({"ids": "9" * 40}, "is no Lime id"),
            ({"ids": "1", "command": "no-such-command"}, "no-such-command is not one of the available choices."),
            ({"ids": "1", "command": ATTEST, f"{ATTEST}.send_date": "tomorrow"}, "“tomorrow” is no date: write it as 2026-03-31."),
        ],
    )
    @pytest.mark.parametrize("step", ["start", "confirm", "dry-run"])
    def test_it_is_named(self, administrator, db, data, said, step):
        assert said in text(administrator.post(PAGE, {"command": UPSERT, "step": step, **data}))
        assert not Batch.objects.exists()

    def test_too_many_are_refused(self, administrator, db):
        PortalConfiguration.objects.update(filter_cap=2)
        assert "3 objects are too many for one command: name at most 2." in text(give(administrator, "start", ids="1 2 3"))
        assert not Batch.objects.exists()


class TestWhoMay:
    """The permission of the API's command endpoint holds for every way into the admin's."""

    @pytest.mark.parametrize("step", ["start", "confirm", "dry-run", "edit"])
    @pytest.mark.parametrize("who", ["operator", "accountant"])
    def test_who_only_looks_is_refused(self, request, who, step):
        client = request.getfixturevalue(who)
        assert give(client, step).status_code == 403
        assert client.get(PAGE).status_code == 403
        assert not Batch.objects.exists()

    @pytest.mark.parametrize("who", ["operator", "accountant"])
    def test_who_only_looks_sees_no_way_in(self, request, who):
        client, row = request.getfixturevalue(who), order()
        Order.objects.update(status="created")
        pages = text(client.get(ORDERS)) + text(client.get(f"{ORDERS}{row.pk}/change/"))
        assert not [way for way in (UPSERT, ATTEST, "/send/", PAGE) if way in pages]

    def test_a_list_action_takes_it_too(self, operator, db):
        row = order()
        answer = operator.post(ORDERS, {"action": UPSERT, "_selected_action": [row.pk]}, follow=True)
        assert "Create or update" not in text(answer)
        assert operator.get(f"{ORDERS}send/").status_code == 403

    def test_djangos_permission_is_enough(self, db):
        client = person("vera")
        User.objects.get(username="vera").user_permissions.add(Permission.objects.get(codename="add_batch"))
        assert give(client, "start").status_code == 302

    def test_nobody_starts_anything_by_following_a_link(self, administrator, db):
        assert "1001</textarea>" in text(administrator.get(f"{PAGE}?step=start&command={UPSERT}&ids=1001"))
        assert not Batch.objects.exists()

    def test_only_limetypes_with_commands_have_a_page(self, administrator, db):
        answers = {name: administrator.get(f"/admin/commands/{name}/").status_code for name in ("debtor", "article", "creditor", "nothing")}
        assert answers == {"debtor": 200, "article": 200, "creditor": 200, "nothing": 404}


class TestFromOrders:
    """The ways in from the list of orders and from one order's page."""

    @pytest.mark.parametrize("command", [UPSERT, ATTEST])
    def test_chosen_orders_are_confirmed_and_then_started(self, administrator, db, command):
        one, other, _left_out = order(), order(), order()
        page = text(administrator.post(ORDERS, {"action": command, "_selected_action": [one.pk, other.pk]}))
        assert f'value="{one.lime_id} {other.lime_id}"' in page
        assert f'name="command" value="{command}"' in page
        assert not Batch.objects.exists()

    def test_the_list_leads_to_the_page_for_orders_without_a_row(self, administrator, db):
        assert "/admin/integration/order/send/" in text(administrator.get(ORDERS))
        assert administrator.get("/admin/integration/order/send/")["Location"] == PAGE

    @pytest.mark.parametrize(
        ("status", "offered"),
        [("created", {UPSERT, ATTEST}), ("error", {UPSERT, ATTEST}), ("notsent", {UPSERT}), ("deleted", {UPSERT}), ("attested", set())],
    )
    def test_a_page_offers_what_the_orders_state_allows(self, administrator, db, status, offered):
        row = order()
        Order.objects.update(status=status)
        page = text(administrator.get(f"{ORDERS}{row.pk}/change/"))
        assert set(re.findall(r'name="command" value="([^"]+)"', page)) == offered
        assert ('name="step" value="dry-run"' in page) is bool(offered)

    def test_a_new_command_on_orders_appears_by_itself(self, administrator, db, commands):
        table["cancel-orders"] = replace(table[UPSERT], id="cancel-orders", title="Cancel orders", button="", offered_in=frozenset())
        row = order()
        for page in (PAGE, ORDERS, f"{ORDERS}{row.pk}/change/"):
            assert "Cancel orders" in text(administrator.get(page)), page

    def test_a_command_that_needs_what_no_field_holds_is_left_to_the_api(self, administrator, db, commands):
        schema = {"type": "object", "properties": {"rows": {"type": "array"}}, "required": ["rows"]}
        table["credit-rows"] = replace(table[UPSERT], id="credit-rows", title="Credit rows", options_schema=schema)
        assert "Credit rows" not in text(administrator.get(PAGE))


OPTIONS = {
    "type": "object",
    "properties": {
        "level": {"enum": ["Reminder", "Collection"], "title": "Level"},
        "terms_days": {"type": "integer", "minimum": 1},
        "fee": {"type": "number"},
        "public": {"type": "boolean"},
        "comment": {"type": "string", "maxLength": 5},
        "rows": {"type": "array"},
    },
}


class TestOptions:
    """Simple options of any command become fields from their JSON Schema."""

    @pytest.fixture(autouse=True)
    def _remind(self, commands):
        add(replace(table[UPSERT], id="remind", title="Remind", options_schema=OPTIONS))

    def test_each_kind_of_value_reaches_the_command_as_its_type(self, administrator, db):
        give(administrator, "start", "remind", level="Reminder", terms_days="8", fee="60.5", public="on", comment="hej")
        options = Batch.objects.get().body["options"]
        assert options == {"level": "Reminder", "terms_days": 8, "fee": 60.5, "public": True, "comment": "hej"}

    def test_what_is_left_out_is_not_sent(self, administrator, db):
        give(administrator, "start", "remind")
        assert Batch.objects.get().body["options"] == {}

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"terms_days": "0"}, "0 is too small: use at least 1."),
            ({"comment": "far too long"}, "is too long: use at most 5."),
            ({"level": "Nothing"}, "Nothing is not one of the available choices."),
        ],
    )
    def test_a_wrong_one_is_named(self, administrator, db, options, said):
        assert said in text(give(administrator, "start", "remind", **options))
        assert not Batch.objects.exists()

    def test_debtors_are_sent_for_one_creditor_when_one_is_chosen(self, administrator, db):
        chosen = creditor()
        data = {
            "step": "start",
            "command": "upsert-debtors-in-billecta",
            "ids": "5",
            "upsert-debtors-in-billecta.creditor": chosen.billecta_id,
        }
        administrator.post("/admin/commands/debtor/", data)
        assert SyncRecord.objects.get().creditor_id == chosen.billecta_id


class TestDryRun:
    """What would be sent is shown for each object, and nothing is changed."""

    @pytest.fixture
    def preview(self, commands):
        def preview(lime_id, options):
            if lime_id == 1002:
                return [
                    Preview(1002, "", "POST", "/v1/invoice/action", None, [Problem("order.duedate", "missing", "The due date is missing.")])
                ]
            payload = {"InvoiceDate": "2026-03-31", "DebtorName": "Anna Svensson", "Records": [{"ArticleNumber": "HYRA"}]}
            return [Preview(lime_id, creditor().billecta_id, "PUT", "/v1/invoice/action/77", payload, [])]

        table[UPSERT] = replace(table[UPSERT], preview=preview)

    def test_it_shows_call_content_and_problems(self, administrator, db, preview):
        page = text(give(administrator, "dry-run", ids="1001 1002"))
        good, bad = re.findall(r'<article class="kv-card" data-lime-id.*?</article>', page, re.DOTALL)
        assert "PUT /v1/invoice/action/77" in good
        assert "&quot;ArticleNumber&quot;: &quot;HYRA&quot;" in good
        assert creditor().name in good
        assert "Anna Svensson" not in good
        assert "1 problem" in bad
        assert "The due date is missing." in bad
        assert not Batch.objects.exists()
        assert not SyncRecord.objects.exists()

    def test_it_costs_the_same_for_two_objects_and_for_ten(self, administrator, db, preview):
        creditor()
        give(administrator, "dry-run", ids="1")

        def queries(count: int) -> int:
            table[UPSERT] = replace(table[UPSERT], preview=lambda lime_id, options: [Preview(lime_id, "creditor-1", "PUT", "/x", {}, [])])
            with CaptureQueriesContext(connection) as captured:
                give(administrator, "dry-run", ids=" ".join(map(str, range(1, count + 1))))
            return len(captured)

        assert queries(10) == queries(2)

    def test_it_takes_a_hundred_objects(self, administrator, db, preview):
        assert "A dry run takes at most 100 objects." in text(give(administrator, "dry-run", ids=" ".join(map(str, range(1, 102)))))

    def test_a_system_that_does_not_answer_is_told_on_the_page(self, administrator, db, commands):
        def fail(lime_id, options):
            raise RemoteUnavailable(system="Lime", detail="503")

        table[UPSERT] = replace(table[UPSERT], preview=fail)
        answer = give(administrator, "dry-run")
        assert answer.status_code == 200
        assert str(RemoteUnavailable(system="Lime", detail="503").message) in text(answer)

    def test_attesting_shows_the_call_that_attests(self, administrator, db):
        row = order()
        Order.objects.update(status="created")
        page = text(give(administrator, "dry-run", ATTEST, ids=f"{row.lime_id} 99999"))
        good, unknown = re.findall(r'<article class="kv-card" data-lime-id.*?</article>', page, re.DOTALL)
        assert f"/v1/invoice/attest/{row.billecta_id}" in good
        assert "problem" not in good
        assert "Order 99999 is not in Billecta yet." in unknown
