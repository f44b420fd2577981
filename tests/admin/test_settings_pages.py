"""What an admin changes: settings with a trace in the log, keys that are shown once."""

from __future__ import annotations

import re

import pytest

from integration.api import keys
from integration.models import ApiKey, EventLog, PortalConfiguration, RetryPolicy, TokenBucket
from tests.admin.conftest import creditor

CONFIGURATION = {
    "sending_enabled": "on",
    "settle_seconds": "1.5",
    "second_look_seconds": "60",
    "filter_cap": "10000",
    "tolerance_ore_per_row": "1",
    "lime_sweep_minutes": "15",
    "attachments_limit_mb": "10",
    "bookkeeping_years": "7",
}


def test_the_configuration_opens_at_once_and_is_one(administrator, db):
    answer = administrator.get("/admin/integration/portalconfiguration/")
    assert answer.status_code == 302
    assert administrator.get(answer["Location"]).status_code == 200
    assert administrator.get("/admin/integration/portalconfiguration/add/").status_code == 403


def test_a_change_of_the_configuration_is_logged_with_who_and_what(administrator, db):
    administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"second_look_seconds": "90"})
    assert PortalConfiguration.objects.get().second_look_seconds == 90
    logged = EventLog.objects.get(action="configuration.changed")
    assert logged.actor == "anna"
    assert "second_look_seconds" in logged.detail["fields"]


def test_which_systems_it_belongs_to_cannot_be_typed(administrator, db):
    PortalConfiguration.objects.update(bound_billecta="api.billecta.com")
    administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"bound_billecta": "evil.example"})
    assert PortalConfiguration.objects.get().bound_billecta == "api.billecta.com"


def test_automatic_sync_is_switched_on_per_kind_and_says_what_lime_must_tell(administrator, db, settings):
    settings.PORTAL_BASE_URL = "https://kvittens.example.se"
    page = administrator.get("/admin/integration/portalconfiguration/1/change/").content.decode()
    assert all(f'name="sync_{kind}"' in page for kind in ("creditors", "debtors", "articles", "orders"))
    assert "order.update" not in page
    administrator.post(
        "/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"sync_orders": "on", "lime_sweep_minutes": "30"}
    )
    portal = PortalConfiguration.objects.get()
    assert (portal.sync_orders, portal.sync_debtors, portal.lime_sweep_minutes) == (True, False, 30)
    page = administrator.get("/admin/integration/portalconfiguration/1/change/").content.decode()
    assert "https://kvittens.example.se/webhooks/lime/" in page
    assert "order.update, order.restore, orderrow.new, orderrow.update, orderrow.delete, orderrow.restore" in page
    assert "debtor.update" not in page


@pytest.mark.parametrize(("secrets", "warned"), [([], True), (["hush"], False)])
def test_automatic_sync_without_a_secret_is_warned_of_when_saved(administrator, db, settings, secrets, warned):
    settings.LIME_WEBHOOK_SECRETS = secrets
    answer = administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"sync_orders": "on"}, follow=True)
    assert ("LIME_WEBHOOK_SECRETS" in answer.content.decode()) is warned


@pytest.mark.parametrize(("typed", "ore"), [("50000", 50_000_00), ("0", 0), ("12500.50", 12_500_50), ("", None)])
def test_the_amount_for_a_second_attester_is_typed_in_kronor(administrator, db, typed, ore):
    PortalConfiguration.objects.update(second_attester_above_ore=1_00)
    administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"second_attester_above_ore": typed})
    assert PortalConfiguration.objects.get().second_attester_above_ore == ore
    assert "second_attester_above_ore" in EventLog.objects.get(action="configuration.changed").detail["fields"]


def test_the_amount_for_a_second_attester_is_shown_in_kronor_and_saved_as_it_was(administrator, db):
    PortalConfiguration.objects.update(second_attester_above_ore=12_500_50)
    page = administrator.get("/admin/integration/portalconfiguration/1/change/").content.decode()
    assert re.search(r'name="second_attester_above_ore"[^>]*value="12500.50"', page) or 'value="12500.50"' in page
    administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"second_attester_above_ore": "12500.50"})
    assert "second_attester_above_ore" not in EventLog.objects.get(action="configuration.changed").detail["fields"]


@pytest.mark.parametrize("wrong", ["-1", "12.345", "mycket"])
def test_what_is_no_amount_changes_nothing(administrator, db, wrong):
    answer = administrator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION | {"second_attester_above_ore": wrong})
    assert answer.status_code == 200
    assert PortalConfiguration.objects.get().second_attester_above_ore is None


def test_operators_do_not_change_it(operator, db):
    assert operator.post("/admin/integration/portalconfiguration/1/change/", CONFIGURATION).status_code == 403


def test_a_retry_policy_is_edited_and_the_one_for_all_others_stays(superuser, db):
    general, _made = RetryPolicy.objects.get_or_create(error_code="")
    own = RetryPolicy.objects.create(error_code="remote_timeout")
    assert superuser.post(f"/admin/integration/retrypolicy/{general.pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"error_code": "remote_timeout", "first_delay_seconds": "7", "growth": "2", "max_delay_seconds": "60", "jitter": "0.1"}
    superuser.post(f"/admin/integration/retrypolicy/{own.pk}/change/", data | {"give_up_after_hours": "24"})
    own.refresh_from_db()
    assert own.first_delay_seconds == 7


def test_the_policy_for_all_others_survives_the_list_action_too(superuser, db):
    general, _made = RetryPolicy.objects.get_or_create(error_code="")
    superuser.post("/admin/integration/retrypolicy/", {"action": "delete_selected", "_selected_action": [general.pk], "post": "yes"})
    assert RetryPolicy.objects.filter(error_code="").exists()


def test_a_limit_of_calls_is_edited_but_not_its_system(administrator, db):
    TokenBucket.objects.update_or_create(system="billecta", defaults={"rate_per_second": 8, "burst": 10})
    data = {"system": "other", "rate_per_second": "4", "burst": "10", "enabled": "on"}
    administrator.post("/admin/integration/tokenbucket/billecta/change/", data)
    assert TokenBucket.objects.get(system="billecta").rate_per_second == 4
    assert not TokenBucket.objects.filter(system="other").exists()


class TestKeys:
    """A key is shown on the answer to its making, and nowhere else."""

    ADD = "/admin/integration/apikey/add/"
    DATA = {"name": "Lime", "scopes": ["commands", "read"], "expires_at_0": "", "expires_at_1": ""}

    def make(self, client) -> str:
        page = client.post(self.ADD, self.DATA | {"creditors": [creditor().pk]})
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        found = re.search(r"kv-key-text[^>]*>([^<]+)<", page.content.decode())
        assert found
        return found[1]

    def test_it_works_and_is_limited_as_asked(self, administrator, db):
        holder = keys.identify(self.make(administrator))
        assert holder
        assert holder.scopes == {"commands", "read"}
        assert holder.creditors == {"creditor-1"}

    def test_it_is_shown_once(self, administrator, db):
        key = self.make(administrator)
        row = ApiKey.objects.get()
        for address in ("/admin/integration/apikey/", f"/admin/integration/apikey/{row.pk}/change/"):
            assert key not in administrator.get(address).content.decode()

    def test_a_key_that_opens_nothing_is_refused(self, administrator, db):
        assert administrator.post(self.ADD, self.DATA | {"scopes": []}).context["errors"]
        assert not ApiKey.objects.exists()

    def test_changing_its_name_keeps_the_key(self, administrator, db):
        key = self.make(administrator)
        row = ApiKey.objects.get()
        administrator.post(f"/admin/integration/apikey/{row.pk}/change/", self.DATA | {"name": "Lime CRM"})
        keys.forget_cached()
        holder = keys.identify(key)
        assert holder
        assert holder.name == "Lime CRM"

    def test_revoking_ends_it_and_keeps_the_row(self, administrator, db):
        key = self.make(administrator)
        row = ApiKey.objects.get()
        administrator.post("/admin/integration/apikey/", {"action": "revoke_selected", "_selected_action": [row.pk]})
        assert keys.identify(key) is None
        assert EventLog.objects.get(action="api_key.revoked").actor == "anna"
        assert administrator.post(f"/admin/integration/apikey/{row.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_operators_neither_see_nor_make_keys(self, operator, db):
        assert operator.get("/admin/integration/apikey/").status_code == 403
        assert operator.post(self.ADD, self.DATA).status_code == 403
