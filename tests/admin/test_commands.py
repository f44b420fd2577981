"""The admin's door to the commands: who may, what is asked, what is started, and what a dry run shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from integration.commands.table import table
from integration.models import Batch, EventLog, Order, PortalConfiguration, SyncRecord
from tests.admin.conftest import order, person

PAGE = "/admin/commands/order/"
ORDERS = "/admin/integration/order/"
UPSERT, ATTEST, CREDIT = "upsert-orders-in-billecta", "attest-orders-in-billecta", "credit-orders-in-billecta"
CANCEL, DELETE = "cancel-orders-in-billecta", "delete-orders-in-billecta"


def give(client, step: str, command: str = UPSERT, ids: str = "1001", **options):
    data = {"step": step, "command": command, "ids": ids} | {f"{command}.{name}": value for name, value in options.items()}
    return client.post(PAGE, data)


def text(answer) -> str:
    return str(answer.content.decode())


def _hidden(page: str) -> dict[str, str]:
    """What a confirmation sends along with the button."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


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
        administrator.post(PAGE, {**_hidden(page), "step": "start"})
        batch = Batch.objects.get()
        assert (batch.command, batch.body["ids"], batch.body["options"]) == (ATTEST, [7, 8], {"send_date": "2026-12-24"})

    def test_the_same_confirmation_answered_again_leads_to_its_task_also_when_that_is_finished(self, administrator, db):
        hidden = _hidden(text(give(administrator, "confirm")))
        first = administrator.post(PAGE, {**hidden, "step": "start"})
        SyncRecord.objects.update(status="succeeded", finished_at=timezone.now())
        second = administrator.post(PAGE, {**hidden, "step": "start"})
        assert second["Location"] == first["Location"]
        assert "This was asked for already: here is its task." in text(administrator.get(second["Location"]))
        assert (Batch.objects.count(), SyncRecord.objects.filter(kind=UPSERT).count()) == (1, 1)

    def test_a_new_confirmation_asks_anew_once_the_task_is_finished_and_joins_it_before(self, administrator, db):
        def confirmed() -> str:
            hidden = _hidden(text(give(administrator, "confirm")))
            return str(administrator.post(PAGE, {**hidden, "step": "start"})["Location"])

        first = confirmed()
        assert confirmed() == first
        assert "is not finished: this is its task" in text(administrator.get(first))
        SyncRecord.objects.update(status="succeeded", finished_at=timezone.now())
        assert confirmed() != first

    def test_a_browser_that_asks_for_the_confirmation_again_gets_the_same(self, administrator, db):
        """Going back, a browser sends in once more what led to the page, which it may not keep."""

        def key(**sent: str) -> str:
            return _hidden(text(administrator.post(PAGE, {"step": "confirm", "command": UPSERT, "ids": "1001", **sent})))["asked"]

        page, other = "a" * 64, "b" * 64
        assert key(csrfmiddlewaretoken=page) == key(csrfmiddlewaretoken=page)
        keys = [key(csrfmiddlewaretoken=page), key(csrfmiddlewaretoken=page, ids="1002"), key(csrfmiddlewaretoken=other), key(), key()]
        assert len(set(keys)) == len(keys)

    @pytest.mark.parametrize("asked", ["", "k1", "\0", "å" * 300])
    def test_what_is_no_key_is_as_none(self, administrator, db, asked):
        answers = [administrator.post(PAGE, {"step": "start", "command": UPSERT, "ids": "1001", "asked": asked}) for _ in range(2)]
        assert answers[0]["Location"] == answers[1]["Location"]
        assert Batch.objects.get().idempotency_key == ""

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


class TestEverything:
    """All that there is in Lime, chosen with its own box and confirmed in its own words."""

    def everything(self, client, step: str, command: str = UPSERT, **more: str):
        return client.post(PAGE, {"step": step, "command": command, "ids": "", "everything": "on", **more})

    def test_it_is_offered_and_not_chosen(self, administrator, db):
        page = text(administrator.get(PAGE))
        assert "All there are in Lime" in page
        assert not re.search(r'name="everything"[^>]* checked[ >]', page)

    def test_what_cannot_be_undone_says_that_all_are_meant(self, administrator, db):
        page = text(self.everything(administrator, "confirm", ATTEST, **{f"{ATTEST}.send_date": "2026-12-24"}))
        assert "Attest the chosen orders (all there are in Lime)?" in page
        assert "kv-button-danger" in page
        assert not Batch.objects.exists()

    def test_the_confirmation_starts_what_it_shows(self, administrator, db):
        page = text(self.everything(administrator, "confirm", ATTEST, **{f"{ATTEST}.send_date": "2026-12-24"}))
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        answer = administrator.post(PAGE, {**hidden, "step": "start"})
        batch = Batch.objects.get()
        assert (batch.total, batch.body["filter"], batch.body["confirm_all"]) == (None, None, True)
        assert batch.body["options"] == {"send_date": "2026-12-24"}
        page = text(administrator.get(answer["Location"]))
        assert "Attest orders in Billecta: started. Its objects are looked up in Lime first." in page
        assert "The objects are being found." in page

    def test_it_can_be_changed_to_ids(self, administrator, db):
        assert re.search(r'name="everything"[^>]* checked[ >]', text(self.everything(administrator, "edit")))

    def test_ids_and_all_at_once_are_refused(self, administrator, db):
        for step in ("start", "confirm", "dry-run"):
            page = text(self.everything(administrator, step, ids="1001"))
            assert "Give ids or choose all, not both." in page
        assert not Batch.objects.exists()

    def test_who_only_looks_is_refused(self, operator, db):
        assert self.everything(operator, "start").status_code == 403
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
        [
            ("created", {UPSERT, ATTEST, CANCEL, DELETE}),
            ("error", {UPSERT, ATTEST, CANCEL, DELETE}),
            ("notsent", {UPSERT}),
            ("cancelled", {UPSERT, DELETE}),
            ("deleted", {UPSERT}),
            ("attested", {CREDIT}),
            ("credited", set()),
        ],
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


def test_a_command_without_objects_is_given_without_ids(administrator, db):
    data = {"command": "import-creditors-from-billecta", "ids": ""}
    asked = text(administrator.post("/admin/commands/creditor/", {**data, "step": "confirm"}))
    assert "Nothing is created in Lime." in asked
    administrator.post("/admin/commands/creditor/", {**data, "step": "start"})
    batch = Batch.objects.get()
    assert (batch.command, batch.total, batch.body["ids"]) == ("import-creditors-from-billecta", None, [])


def test_a_command_on_objects_still_needs_them(administrator, db):
    data = {"command": "upsert-creditors-in-billecta", "ids": "", "step": "start"}
    assert "Give at least one Lime id" in text(administrator.post("/admin/commands/creditor/", data))
    assert not Batch.objects.exists()
